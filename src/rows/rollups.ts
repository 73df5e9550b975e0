import type { TsvCell } from '../domain/rowCells.ts';
import type { RollupMember } from '../domain/runWarnings.ts';
import {
  decimalText,
  hasDigits,
  quotientFitsColumn,
  ratio,
  scales,
  sumFitsColumn,
  type Scale,
} from '../domain/decimals.ts';
import type { Condition, Measure } from '../reports/measures.ts';
import { figureTypeOf, type Cell, type ReportDefinition } from '../reports/report.ts';
import type { FigureType } from '../reports/tableTypes.ts';
import { ExactSum } from './exactSum.ts';
import { ownText } from './remembering.ts';

/**
 * Adds up rows by every dimension of a report's roll-up table. Memory grows with the number of different members
 * (people and services), not with the number of rows.
 */
export interface Rollup<Row> {
  add(row: Row): void;
  /** Cells in the order of the report's `rollupColumns`, by dimension, then in order of first appearance. */
  lines(ym: string): Iterable<readonly TsvCell[]>;
  /** Every member with a line, and which of its figures do not fit. */
  members(): Iterable<RollupMember>;
}

/** Returns the reader of a column's cells. */
export type ColumnsOf<Row> = (column: string) => (row: Row) => Cell;

const totalDimension = 'total';

/** Names of a report's dimensions. A dimension is in the table if any row is; the total always is. */
export function rollupDimensions({ dimensions }: ReportDefinition): readonly string[] {
  return [totalDimension, ...Object.keys(dimensions)];
}

export function createRollup<Row>(report: ReportDefinition, columnsOf: ColumnsOf<Row>): Rollup<Row> {
  const adding = new Adding(report, columnsOf);
  return new MemberTotals(dimensionsOf(report, columnsOf), adding);
}

/** The member that a row counts for in one dimension. */
interface Dimension<Row> {
  readonly name: string;
  /** Empty if there is no member: such rows still count. */
  readonly memberOf: (row: Row) => string;
  /** The person's key in dimensions of people, since two can share a name code; called once for each member. */
  readonly keyOf: ((row: Row) => string) | undefined;
}

function dimensionsOf<Row>(
  { dimensions, people }: ReportDefinition,
  columnsOf: ColumnsOf<Row>,
): Dimension<Row>[] {
  const textOf = (column: string) => {
    const cellOf = columnsOf(column);
    return (row: Row) => String(cellOf(row) ?? '');
  };
  const further = Object.entries(dimensions).map(([name, column]) => {
    const person = people.find((each) => each.column === column);
    return { name, memberOf: textOf(column), keyOf: person === undefined ? undefined : textOf(person.key) };
  });
  return [{ name: totalDimension, memberOf: () => totalDimension, keyOf: undefined }, ...further];
}

interface Member {
  readonly key: string;
  readonly totals: Totals;
}

/** The totals of one member: its rows, and the sums of the terms. */
interface Totals {
  rows: number;
  readonly sums: readonly ExactSum[];
}

class MemberTotals<Row> implements Rollup<Row> {
  readonly #dimensions: readonly (readonly [Dimension<Row>, Map<string, Member>])[];
  readonly #adding: Adding<Row>;

  constructor(dimensions: readonly Dimension<Row>[], adding: Adding<Row>) {
    this.#adding = adding;
    this.#dimensions = dimensions.map((dimension) => {
      const members = new Map<string, Member>();
      // The total exists even without rows.
      if (dimension.name === totalDimension) {
        members.set(totalDimension, { key: '', totals: adding.newTotals() });
      }
      return [dimension, members];
    });
  }

  add(row: Row): void {
    this.#adding.read(row);
    for (const [dimension, members] of this.#dimensions) {
      const member = members.get(dimension.memberOf(row)) ?? this.#newMember(dimension, members, row);
      this.#adding.addTo(member.totals);
    }
  }

  *lines(ym: string): Iterable<readonly TsvCell[]> {
    for (const [{ name: dimension }, members] of this.#dimensions) {
      for (const [name, { key, totals }] of members) {
        yield [ym, dimension, name, key, ...this.#adding.cells(totals)];
      }
    }
  }

  *members(): Iterable<RollupMember> {
    for (const [{ name: dimension, keyOf }, members] of this.#dimensions) {
      for (const [name, { totals }] of members) {
        const isPerson = keyOf !== undefined;
        yield { dimension, name, isPerson, rows: totals.rows, ...this.#adding.unfit(totals) };
      }
    }
  }

  #newMember({ memberOf, keyOf }: Dimension<Row>, members: Map<string, Member>, row: Row): Member {
    const member = { key: ownText(keyOf?.(row) ?? ''), totals: this.#adding.newTotals() };
    members.set(ownText(memberOf(row)), member);
    return member;
  }
}

/** The cells of a row's measured columns, by the position of their column. */
type Cells = readonly Cell[];

/**
 * One thing that is added up over rows, for one or several measures: a column's figures, or the number of matching
 * rows.
 */
interface Term {
  readonly id: string;
  /** Null if the row adds nothing. */
  readonly of: (cells: Cells) => number | null;
}

/** One figure of a roll-up, from the totals of the terms. */
interface Figure {
  readonly column: string;
  readonly isRatio: boolean;
  /** Null if there is none. */
  readonly value: (sums: readonly ExactSum[]) => bigint | null;
  readonly scale: Scale;
  readonly fits: (value: bigint) => boolean;
}

/** Computes a report's measures. Each column of a row is read once, and each term is added once for each member. */
class Adding<Row> {
  readonly #columnsOf: ColumnsOf<Row>;
  readonly #columns: { readonly name: string; readonly of: (row: Row) => Cell }[] = [];
  readonly #terms: Term[] = [];
  readonly #figures: readonly Figure[];
  readonly #cells: Cell[] = [];
  /** What the last row read adds to each term. */
  readonly #read: (number | null)[] = [];

  constructor(report: ReportDefinition, columnsOf: ColumnsOf<Row>) {
    this.#columnsOf = columnsOf;
    const typeOf = (column: string) => figureTypeOf(report, column);
    const terms: TermSource = {
      sum: (column, where) => this.#term(`sum ${column}`, figureAt(this.#place(column)), where),
      count: (column, where) => {
        const of = column === null ? () => 1 : oneAt(this.#place(column));
        return this.#term(`count ${column ?? 'rows'}`, of, where);
      },
    };
    this.#figures = Object.entries(report.measures).map(([column, measure]) =>
      figureOf(column, measure, terms, typeOf),
    );
  }

  newTotals(): Totals {
    return { rows: 0, sums: this.#terms.map(() => new ExactSum()) };
  }

  read(row: Row): void {
    for (let index = 0; index < this.#columns.length; index += 1) {
      this.#cells[index] = this.#columns[index]!.of(row);
    }
    for (let index = 0; index < this.#terms.length; index += 1) {
      this.#read[index] = this.#terms[index]!.of(this.#cells);
    }
  }

  /** Adds the last row read. */
  addTo(totals: Totals): void {
    totals.rows += 1;
    for (let index = 0; index < this.#read.length; index += 1) {
      const figure = this.#read[index]!;
      if (figure !== null && figure !== 0) totals.sums[index]!.add(figure);
    }
  }

  cells({ rows, sums }: Totals): TsvCell[] {
    const figures = this.#figures.map(({ value, scale, isRatio, fits }) => {
      const found = value(sums);
      return found === null || (isRatio && !fits(found)) ? null : decimalText(found, scale);
    });
    return [String(rows), ...figures];
  }

  unfit({ sums }: Totals): Pick<RollupMember, 'unfitSum' | 'hasUnfitRatio'> {
    const unfit = this.#figures.filter(({ value, fits }) => {
      const found = value(sums);
      return found !== null && !fits(found);
    });
    return {
      unfitSum: unfit.find(({ isRatio }) => !isRatio)?.column,
      hasUnfitRatio: unfit.some(({ isRatio }) => isRatio),
    };
  }

  /** The column's index among the measured columns. */
  #place(name: string): number {
    const known = this.#columns.findIndex((column) => column.name === name);
    if (known !== -1) return known;
    return this.#columns.push({ name, of: this.#columnsOf(name) }) - 1;
  }

  /** The index of this term's sums. */
  #term(name: string, of: Term['of'], where: Condition | undefined): number {
    const id = where === undefined ? name : `${name} where ${JSON.stringify(where)}`;
    const known = this.#terms.findIndex((term) => term.id === id);
    if (known !== -1) return known;
    return this.#terms.push({ id, of: where === undefined ? of : this.#onlyWhere(where, of) }) - 1;
  }

  #onlyWhere(where: Condition, of: Term['of']): Term['of'] {
    const place = this.#place(where.column);
    const holds = testOf(where);
    return (cells) => (holds(cells[place]!) ? of(cells) : null);
  }
}

function figureAt(place: number): Term['of'] {
  return (cells) => cells[place] as number | null;
}

function oneAt(place: number): Term['of'] {
  return (cells) => (cells[place] === null ? null : 1);
}

function testOf(where: Condition): (cell: Cell) => boolean {
  if ('is' in where) return (cell) => cell === where.is;
  switch (where.has) {
    case 'nothing':
      return (cell) => cell === null;
    case 'something':
      return (cell) => cell !== null;
    case 'below zero':
      return (cell) => typeof cell === 'number' && cell < 0;
    case 'above zero':
      return (cell) => typeof cell === 'number' && cell > 0;
  }
}

/** Each function returns the index of a term's sums. */
interface TermSource {
  /** The term of a column's figures. */
  readonly sum: (column: string, where?: Condition) => number;
  /** The term of the rows in which the column has a value; null for all rows. */
  readonly count: (column: string | null, where?: Condition) => number;
}

function figureOf(
  column: string,
  measure: Measure,
  terms: TermSource,
  typeOf: (column: string) => FigureType,
): Figure {
  const plain = { column, isRatio: false, fits: sumFitsColumn };
  switch (measure.kind) {
    case 'count': {
      const at = terms.count(null, measure.where);
      return { ...plain, scale: scales.days, value: (sums) => sums[at]!.total };
    }
    case 'sum': {
      const parts = Object.entries(measure.of).map(([of, sign]) => ({
        at: terms.sum(of, measure.where),
        sign: BigInt(sign),
      }));
      const { scale } = typeOf(Object.keys(measure.of)[0]!);
      return {
        ...plain,
        scale,
        value: (sums) => parts.reduce((all, { at, sign }) => all + sign * sums[at]!.total, 0n),
      };
    }
    case 'average': {
      const [at, rowsAt] = [terms.sum(measure.of, measure.where), terms.count(measure.of, measure.where)];
      const unit = 10n ** BigInt(typeOf(measure.of).scale);
      const { scale, precision } = measure.type;
      return {
        ...plain,
        scale,
        fits: precision === undefined ? plain.fits : (value) => hasDigits(value, precision),
        value: (sums) => {
          const rows = sums[rowsAt]!.total;
          return rows === 0n ? null : ratio(sums[at]!.total, rows * unit, scale);
        },
      };
    }
    case 'ratio': {
      const parts = measure.of.map((of) => terms.sum(of));
      const to = terms.sum(measure.to);
      const { scale } = measure.type;
      return {
        column,
        isRatio: true,
        scale,
        fits: quotientFitsColumn,
        value: (sums) => {
          const whole = sums[to]!.total;
          if (whole === 0n) return null;
          return ratio(
            parts.reduce((all, at) => all + sums[at]!.total, 0n),
            whole,
            scale,
          );
        },
      };
    }
  }
}
