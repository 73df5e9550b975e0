import type { TsvCell } from '../domain/rowCells.ts';
import { reports, type ReportName } from '../reports/index.ts';
import type { RowChange } from './rowChanges.ts';
import { decodeTsv } from './tsv.ts';

/**
 * The file of changes between two loads, one differing row a line: the kind of change, then the row's cells before,
 * then those after, as in row files. An added row has none before, a removed one none after.
 */
export function encodeChange(change: RowChange): string {
  const before = change.kind === 'added' ? '' : `\t${change.before}`;
  const after = change.kind === 'removed' ? '' : `\t${change.after}`;
  return `${change.kind}${before}${after}\n`;
}

/** A row by its column names, as texts of the row file. Contains names of people. */
export type ChangedRow = Readonly<Record<string, TsvCell>>;

/** One differing row, for people to read. */
export interface DecodedChange {
  readonly kind: RowChange['kind'];
  /** Null where the row was added. */
  readonly before: ChangedRow | null;
  /** Null where the row was removed. */
  readonly after: ChangedRow | null;
  /** The differences of a changed row, in column order, at least one; none for other rows. */
  readonly differences: readonly Difference[];
}

export interface Difference {
  readonly column: string;
  readonly before: TsvCell;
  readonly after: TsvCell;
}

/**
 * A line of the file without its newline. A line of a row file, which begins with a number, counts as an added row: if
 * a period showed nothing, the file of its rows serves as the file of changes.
 * @throws RangeError if it is no such line
 */
export function decodeChange(report: ReportName, line: string): DecodedChange {
  const [kind, ...cells] = decodeTsv(/^\d/.test(line) ? `added\t${line}` : line);
  const columns = reports[report].rowColumns;
  const [has, width] = [sidesOf(kind), columns.length];
  if (has === undefined || cells.length !== width * (Number(has.before) + Number(has.after))) {
    throw new RangeError('a line of a file of changes was expected');
  }
  const before = has.before ? rowOf(columns, cells.slice(0, width)) : null;
  const after = has.after ? rowOf(columns, cells.slice(-width)) : null;
  return { kind: kind as RowChange['kind'], before, after, differences: differences(report, before, after) };
}

const sides: Readonly<Record<RowChange['kind'], { before: boolean; after: boolean }>> = {
  added: { before: false, after: true },
  removed: { before: true, after: false },
  changed: { before: true, after: true },
};

function sidesOf(kind: TsvCell | undefined) {
  return typeof kind === 'string' && Object.hasOwn(sides, kind)
    ? sides[kind as RowChange['kind']]
    : undefined;
}

function rowOf(columns: readonly string[], cells: readonly TsvCell[]): ChangedRow {
  return Object.fromEntries(columns.map((column, index) => [column, cells[index]!]));
}

function differences(report: ReportName, before: ChangedRow | null, after: ChangedRow | null): Difference[] {
  if (before === null || after === null) return [];
  return reports[report].comparedColumns
    .map((column) => ({ column, before: before[column]!, after: after[column]! }))
    .filter((cells) => cells.before !== cells.after);
}
