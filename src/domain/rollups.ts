import type { Authorization, CategorizedRows, Note } from './categorize.ts';
import { decimalText, quotientFitsColumn, ratio, scales, sumFitsColumn } from './decimals.ts';
import { ExactSum } from '../rows/exactSum.ts';
import { ownText } from '../rows/remembering.ts';
import type { ReportName } from './reports.ts';
import type { TsvCell } from '../rows/tsv.ts';

/**
 * Adds rows up by every dimension of a report's summary table. Memory grows with the number of different
 * members (people and services), not with the number of rows.
 */
export interface Rollup<Row> {
  add(row: Row): void;
  /** Cells in the order of `rollupColumns[report]`, by dimension, then in order of first appearance. */
  lines(ym: string): Iterable<readonly TsvCell[]>;
  /** Everyone and everything that has a line, and what of it does not fit. */
  members(): Iterable<RollupMember>;
}

export interface RollupMember {
  readonly dimension: string;
  /** Empty where there is nobody. */
  readonly name: string;
  readonly isPerson: boolean;
  readonly rows: number;
  /** Columns whose figure is larger than the table holds. A ratio is NULL then; a sum cannot be loaded. */
  readonly unfit: readonly string[];
}

export function createRollup<Report extends ReportName>(report: Report): Rollup<CategorizedRows[Report]> {
  const create: () => Rollup<CategorizedRows[Report]> = rollups[report];
  return create();
}

const rollups: { [Report in ReportName]: () => Rollup<CategorizedRows[Report]> } = {
  utilization: () =>
    new MemberTotals(utilizationDimensions, {
      read: readDollars,
      create: newDollars,
      add: addDollars,
      cells: dollarCells,
      unfit: unfitDollars,
    }),
  notes: () =>
    new MemberTotals(noteDimensions, {
      read: readStatus,
      create: newStatuses,
      add: addStatus,
      cells: statusCells,
      // The days of each note are a hundred years at the most, so their average fits.
      unfit: () => [],
    }),
};

/** Who or what a row counts for in one dimension. */
interface Dimension<Row> {
  /** Empty where there is nobody: such rows still count. */
  readonly name: (row: Row) => string;
  /** Of people, since two can share a name code; asked for once of each. */
  readonly key?: (row: Row) => string;
}

type Dimensions<Row> = Readonly<Record<string, Dimension<Row>>>;

const theTotal: Dimension<unknown> = { name: () => 'total' };

const utilizationDimensions: Dimensions<Authorization> = {
  total: theTotal,
  grp: { name: (row) => String(row.group) },
  qp: { name: (row) => row.qp ?? '', key: (row) => row.qpKey ?? '' },
  client: { name: (row) => row.client, key: (row) => row.clientKey },
  service: { name: (row) => row.serviceCode },
};

const noteDimensions: Dimensions<Note> = {
  total: theTotal,
  caregiver: { name: (row) => row.caregiver, key: (row) => row.caregiverKey },
  supervisor: { name: (row) => row.clientSupervisor ?? '', key: (row) => row.supervisorKey ?? '' },
  service: { name: (row) => row.serviceCode },
};

/** The dimensions of each report's summary table. Each is there where any row is; the total always. */
export const rollupDimensions: Readonly<Record<ReportName, readonly string[]>> = {
  utilization: Object.keys(utilizationDimensions),
  notes: Object.keys(noteDimensions),
};

interface Member<Totals> {
  readonly key: string;
  readonly totals: Totals;
}

type Members<Totals> = Map<string, Member<Totals>>;

/** How a report's figures are added up. */
interface Adding<Row, Figures, Totals> {
  /** What is added of a row: read once, for all of its members. */
  readonly read: (row: Row) => Figures;
  readonly create: () => Totals;
  readonly add: (totals: Totals, figures: Figures) => void;
  readonly cells: (totals: Totals) => TsvCell[];
  readonly unfit: (totals: Totals) => readonly string[];
}

class MemberTotals<Row, Figures, Totals extends { readonly rows: number }> implements Rollup<Row> {
  readonly #dimensions: readonly (readonly [string, Dimension<Row>, Members<Totals>])[];
  readonly #adding: Adding<Row, Figures, Totals>;

  constructor(dimensions: Dimensions<Row>, adding: Adding<Row, Figures, Totals>) {
    this.#adding = adding;
    this.#dimensions = Object.entries(dimensions).map(([name, dimension]) => {
      const members: Members<Totals> = new Map();
      // The total is there even when no row is.
      if (dimension === theTotal) members.set('total', { key: '', totals: adding.create() });
      return [name, dimension, members];
    });
  }

  add(row: Row): void {
    const figures = this.#adding.read(row);
    for (const [, dimension, members] of this.#dimensions) {
      const member = members.get(dimension.name(row)) ?? this.#newMember(dimension, members, row);
      this.#adding.add(member.totals, figures);
    }
  }

  *lines(ym: string): Iterable<readonly TsvCell[]> {
    for (const [dimension, , members] of this.#dimensions) {
      for (const [name, { key, totals }] of members) {
        yield [ym, dimension, name, key, ...this.#adding.cells(totals)];
      }
    }
  }

  *members(): Iterable<RollupMember> {
    for (const [dimension, { key }, members] of this.#dimensions) {
      for (const [name, { totals }] of members) {
        const unfit = this.#adding.unfit(totals);
        yield { dimension, name, isPerson: key !== undefined, rows: totals.rows, unfit };
      }
    }
  }

  #newMember({ name, key }: Dimension<Row>, members: Members<Totals>, row: Row): Member<Totals> {
    const member = { key: ownText(key?.(row) ?? ''), totals: this.#adding.create() };
    members.set(ownText(name(row)), member);
    return member;
  }
}

interface DollarTotals {
  rows: number;
  readonly authorized: ExactSum;
  readonly inProcess: ExactSum;
  readonly billed: ExactSum;
  readonly under: ExactSum;
  readonly over: ExactSum;
  readonly util: ExactSum;
  utilRows: number;
}

function newDollars(): DollarTotals {
  return {
    rows: 0,
    authorized: new ExactSum(),
    inProcess: new ExactSum(),
    billed: new ExactSum(),
    under: new ExactSum(),
    over: new ExactSum(),
    util: new ExactSum(),
    utilRows: 0,
  };
}

type Dollars = Pick<
  Authorization,
  'authorizedCents' | 'inProcessCents' | 'billedCents' | 'varianceCents' | 'util'
>;

function readDollars(row: Authorization): Dollars {
  const { authorizedCents, inProcessCents, billedCents, varianceCents, util } = row;
  return { authorizedCents, inProcessCents, billedCents, varianceCents, util };
}

function addDollars(totals: DollarTotals, dollars: Dollars): void {
  totals.rows += 1;
  totals.authorized.add(dollars.authorizedCents ?? 0);
  totals.inProcess.add(dollars.inProcessCents ?? 0);
  totals.billed.add(dollars.billedCents ?? 0);
  const variance = dollars.varianceCents ?? 0;
  if (variance < 0) totals.under.add(variance);
  else totals.over.add(variance);
  if (dollars.util !== null) {
    totals.util.add(dollars.util);
    totals.utilRows += 1;
  }
}

function dollarCells(totals: DollarTotals): TsvCell[] {
  const util = utilOf(totals);
  return [
    String(totals.rows),
    ...Object.values(dollarSums(totals)).map((cents) => decimalText(cents, scales.dollars)),
    util === null || !quotientFitsColumn(util) ? null : decimalText(util, scales.ratio),
    averageUtil(totals),
  ];
}

/** In the order of the table's columns. */
function dollarSums(totals: DollarTotals) {
  const [authorized, inProcess, billed] = [
    totals.authorized.total,
    totals.inProcess.total,
    totals.billed.total,
  ];
  return {
    authorized_dollars: authorized,
    in_process_dollars: inProcess,
    billed_dollars: billed,
    not_utilized: authorized - inProcess - billed,
    under_dollars: totals.under.total,
    over_dollars: totals.over.total,
  };
}

/** The ratio of totals in millionths; null where nothing is authorised. */
function utilOf({ authorized, inProcess, billed }: DollarTotals): bigint | null {
  if (authorized.total === 0n) return null;
  return ratio(inProcess.total + billed.total, authorized.total, scales.ratio);
}

function unfitDollars(totals: DollarTotals): readonly string[] {
  const util = utilOf(totals);
  const sums = Object.entries(dollarSums(totals)).filter(([, cents]) => !sumFitsColumn(cents));
  return [
    ...sums.map(([column]) => column),
    ...(util === null || quotientFitsColumn(util) ? [] : [ratioColumn]),
  ];
}

/** The only column that may be NULL for want of room. */
export const ratioColumn = 'util';

/** The sum is in millionths already, so the mean needs no further places. */
function averageUtil({ util, utilRows }: DollarTotals): TsvCell {
  if (utilRows === 0) return null;
  return decimalText(ratio(util.total, BigInt(utilRows), scales.days), scales.ratio);
}

interface StatusTotals {
  rows: number;
  onTime: number;
  late: number;
  unbillable: number;
  unsigned: number;
  daysSum: number;
  daysRows: number;
}

function newStatuses(): StatusTotals {
  return { rows: 0, onTime: 0, late: 0, unbillable: 0, unsigned: 0, daysSum: 0, daysRows: 0 };
}

type Status = Pick<Note, 'noteStatus' | 'staffSignDate' | 'daysToSign'>;

function readStatus({ noteStatus, staffSignDate, daysToSign }: Note): Status {
  return { noteStatus, staffSignDate, daysToSign };
}

function addStatus(totals: StatusTotals, row: Status): void {
  totals.rows += 1;
  if (row.noteStatus === 'On Time') totals.onTime += 1;
  else if (row.noteStatus === 'Late') totals.late += 1;
  else totals.unbillable += 1;
  if (row.staffSignDate === null) totals.unsigned += 1;
  else if (row.daysToSign !== null) {
    totals.daysSum += row.daysToSign;
    totals.daysRows += 1;
  }
}

function statusCells(totals: StatusTotals): TsvCell[] {
  const average =
    totals.daysRows === 0 ? null : ratio(BigInt(totals.daysSum), BigInt(totals.daysRows), scales.dollars);
  return [
    String(totals.rows),
    String(totals.onTime),
    String(totals.late),
    String(totals.unbillable),
    String(totals.unsigned),
    average === null ? null : decimalText(average, scales.dollars),
  ];
}
