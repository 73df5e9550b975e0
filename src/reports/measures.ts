import { ratioFigure, type FigureType } from './tableTypes.ts';

/**
 * The figures of a roll-up, as data: rows/rollups.ts computes them from the rows of a file, and
 * warehouse/reportTables.ts has the database compute the same from its table, as a second opinion.
 */
export type Measure = CountMeasure | SumMeasure | AverageMeasure | RatioMeasure;

/** Which rows count. */
export type Condition =
  | { readonly column: string; readonly is: string }
  | { readonly column: string; readonly has: 'nothing' | 'something' | 'below zero' | 'above zero' };

/** The number of rows for which the condition holds. */
interface CountMeasure {
  readonly kind: 'count';
  readonly where: Condition;
  /** A second name of the table's column, kept filled for readers that use it. */
  readonly alsoAs?: string;
}

/** The columns' totals, each added or subtracted; blanks count as zero. */
interface SumMeasure {
  readonly kind: 'sum';
  readonly of: Readonly<Record<string, 1 | -1>>;
  readonly where?: Condition;
}

/** The mean over the rows that have a value; NULL if none has. */
interface AverageMeasure {
  readonly kind: 'average';
  readonly of: string;
  readonly where?: Condition;
  readonly type: FigureType;
}

/** One total divided by another; NULL if that is zero, or if the quotient fits no column. */
interface RatioMeasure {
  readonly kind: 'ratio';
  /** The sum of these columns' totals. */
  readonly of: readonly string[];
  readonly to: string;
  readonly type: FigureType;
}

export function count(where: Condition, options: Pick<CountMeasure, 'alsoAs'> = {}): CountMeasure {
  return { kind: 'count', where, ...options };
}

export function sum(column: string, where?: Condition): SumMeasure {
  return { kind: 'sum', of: { [column]: 1 }, ...(where === undefined ? {} : { where }) };
}

/** One column's total less those of the others. */
export function difference(column: string, ...less: readonly string[]): SumMeasure {
  return { kind: 'sum', of: { [column]: 1, ...Object.fromEntries(less.map((each) => [each, -1 as const])) } };
}

export function average(column: string, type: FigureType, where?: Condition): AverageMeasure {
  return { kind: 'average', of: column, type, ...(where === undefined ? {} : { where }) };
}

export function ratio(of: readonly string[], to: string): RatioMeasure {
  return { kind: 'ratio', of, to, type: ratioFigure };
}

/** The row columns that a measure is computed from. */
export function columnsOfMeasure(measure: Measure): string[] {
  switch (measure.kind) {
    case 'count':
      return [measure.where.column];
    case 'sum':
      return [...Object.keys(measure.of), ...columnOf(measure.where)];
    case 'average':
      return [measure.of, ...columnOf(measure.where)];
    case 'ratio':
      return [...measure.of, measure.to];
  }
}

function columnOf(where: Condition | undefined): string[] {
  return where === undefined ? [] : [where.column];
}
