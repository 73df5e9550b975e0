import type { Authorization, CategorizedRows, Note } from './categorize.ts';
import { decimalText, ratio, scales } from './decimals.ts';
import type { ReportName } from './reports.ts';
import type { TsvCell } from './tsv.ts';
import { usedCents, utilizationRatio } from './utilization.ts';

/**
 * Adds rows up by every dimension of a report's summary table. Memory grows with the number of different
 * members (people and services), not with the number of rows.
 */
export interface Rollup<Row> {
  add(row: Row): void;
  /** Cells in the order of `rollupColumns[report]`, by dimension, then in order of first appearance. */
  lines(ym: string): Iterable<readonly TsvCell[]>;
}

export function createRollup<Report extends ReportName>(report: Report): Rollup<CategorizedRows[Report]> {
  const create: () => Rollup<CategorizedRows[Report]> = rollups[report];
  return create();
}

const rollups: { [Report in ReportName]: () => Rollup<CategorizedRows[Report]> } = {
  utilization: () => new MemberTotals(utilizationDimensions, newDollars, addAuthorization, dollarCells),
  notes: () => new MemberTotals(noteDimensions, newStatuses, addNote, statusCells),
};

/** Who or what a row counts for in one dimension; people have a key, since two can share a name code. */
interface Member {
  readonly name: string;
  readonly key: string;
}

const theTotal: Member = { name: 'total', key: '' };

type Dimensions<Row> = Readonly<Record<string, (row: Row) => Member>>;

/** Rows without a QP or supervisor still count, under the member with the empty name. */
function person(name: string | null, key: string | null): Member {
  return { name: name ?? '', key: key ?? '' };
}

const utilizationDimensions: Dimensions<Authorization> = {
  total: () => theTotal,
  grp: (row) => ({ name: String(row.group), key: '' }),
  qp: (row) => person(row.qp, row.qpKey),
  client: (row) => person(row.client, row.clientKey),
  service: (row) => ({ name: row.serviceCode, key: '' }),
};

const noteDimensions: Dimensions<Note> = {
  total: () => theTotal,
  caregiver: (row) => person(row.caregiver, row.caregiverKey),
  supervisor: (row) => person(row.clientSupervisor, row.supervisorKey),
  service: (row) => ({ name: row.serviceCode, key: '' }),
};

type Members<Totals> = Map<string, readonly [Member, Totals]>;

class MemberTotals<Row, Totals> implements Rollup<Row> {
  readonly #dimensions: readonly (readonly [string, (row: Row) => Member, Members<Totals>])[];
  readonly #create: () => Totals;
  readonly #add: (totals: Totals, row: Row) => void;
  readonly #cells: (totals: Totals) => TsvCell[];

  constructor(
    dimensions: Dimensions<Row>,
    create: () => Totals,
    add: (totals: Totals, row: Row) => void,
    cells: (totals: Totals) => TsvCell[],
  ) {
    this.#create = create;
    this.#add = add;
    this.#cells = cells;
    this.#dimensions = Object.entries(dimensions).map(([name, memberOf]) => {
      const members: Members<Totals> = new Map();
      // The total is there even when no row is.
      if (name === 'total') this.#totalsOf(members, theTotal);
      return [name, memberOf, members];
    });
  }

  add(row: Row): void {
    for (const [, memberOf, members] of this.#dimensions) {
      this.#add(this.#totalsOf(members, memberOf(row)), row);
    }
  }

  *lines(ym: string): Iterable<readonly TsvCell[]> {
    for (const [dimension, , members] of this.#dimensions) {
      for (const [member, totals] of members.values()) {
        yield [ym, dimension, member.name, member.key, ...this.#cells(totals)];
      }
    }
  }

  #totalsOf(members: Members<Totals>, member: Member): Totals {
    const known = members.get(member.name);
    if (known !== undefined) return known[1];
    const totals = this.#create();
    members.set(member.name, [member, totals]);
    return totals;
  }
}

interface DollarTotals {
  rows: number;
  authorizedCents: bigint;
  inProcessCents: bigint;
  billedCents: bigint;
  underCents: bigint;
  overCents: bigint;
  utilSum: bigint;
  utilRows: bigint;
}

function newDollars(): DollarTotals {
  return {
    rows: 0,
    authorizedCents: 0n,
    inProcessCents: 0n,
    billedCents: 0n,
    underCents: 0n,
    overCents: 0n,
    utilSum: 0n,
    utilRows: 0n,
  };
}

function addAuthorization(totals: DollarTotals, row: Authorization): void {
  totals.rows += 1;
  totals.authorizedCents += row.authorizedCents ?? 0n;
  totals.inProcessCents += row.inProcessCents ?? 0n;
  totals.billedCents += row.billedCents ?? 0n;
  const variance = row.varianceCents ?? 0n;
  if (variance < 0n) totals.underCents += variance;
  else totals.overCents += variance;
  if (row.util !== null) {
    totals.utilSum += row.util;
    totals.utilRows += 1n;
  }
}

function dollarCells(totals: DollarTotals): TsvCell[] {
  const util = utilizationRatio(totals);
  // The sum is in millionths already, so the mean needs no further places.
  const averageUtil = totals.utilRows === 0n ? null : ratio(totals.utilSum, totals.utilRows, scales.days);
  return [
    String(totals.rows),
    decimalText(totals.authorizedCents, scales.dollars),
    decimalText(totals.inProcessCents, scales.dollars),
    decimalText(totals.billedCents, scales.dollars),
    decimalText(totals.authorizedCents - usedCents(totals), scales.dollars),
    decimalText(totals.underCents, scales.dollars),
    decimalText(totals.overCents, scales.dollars),
    util === null ? null : decimalText(util, scales.ratio),
    averageUtil === null ? null : decimalText(averageUtil, scales.ratio),
  ];
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

function addNote(totals: StatusTotals, row: Note): void {
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
