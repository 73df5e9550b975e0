import { rowColumns } from './tables.ts';
import type { ReportName } from './reports.ts';

/** One row that differs between two loads of a period. Rows are lines of a row file without their newline. */
export type RowChange =
  | { readonly kind: 'added'; readonly after: string }
  | { readonly kind: 'removed'; readonly before: string }
  | { readonly kind: 'changed'; readonly before: string; readonly after: string };

export interface MatchedRows {
  readonly changes: readonly RowChange[];
  /** Rows that are on both sides. */
  readonly same: number;
  /** Rows of `after` that equal an earlier one of them. */
  readonly duplicates: number;
}

/** What makes two rows the same authorisation or note, though their figures may differ. */
export const keyColumns = {
  utilization: ['client', 'authorization_number', 'service_code', 'start_date'],
  notes: ['client', 'caregiver', 'service_code', 'date_of_service'],
} as const satisfies Record<ReportName, readonly string[]>;

// Labels and keys are made from the names, the keys under a secret that may change.
const madeFromNames = new Set(['client_code', 'qp_code', 'employee_code', 'supervisor_code']);

/** The columns by which two rows are equal. A row may stand on another line of a newer export. */
export const comparedColumns: Readonly<Record<ReportName, readonly string[]>> = {
  utilization: rowColumns.utilization.filter(isCompared),
  notes: rowColumns.notes.filter(isCompared),
};

function isCompared(column: string): boolean {
  return column !== 'source_line' && !column.endsWith('_key') && !madeFromNames.has(column);
}

const keyCells = cellsOf(keyColumns);
const comparedCells = cellsOf(comparedColumns);

function cellsOf(columns: Readonly<Record<ReportName, readonly string[]>>): Record<ReportName, number[]> {
  const at = (report: ReportName) => {
    const all: readonly string[] = rowColumns[report];
    return columns[report].map((column) => all.indexOf(column));
  };
  return { utilization: at('utilization'), notes: at('notes') };
}

/** Which of so many parts a row belongs to: rows that could match always meet in the same one. */
export function partitionOf(report: ReportName, line: string, parts: number): number {
  return hash(pick(cellsIn(report, line), keyCells[report])) % parts;
}

/** FNV-1a over UTF-16 units: spreads keys evenly, which is all that is asked of it. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}

/**
 * Matches the rows of two loads, or of one part of them, as multisets: equal rows cancel each other, what is
 * left over of one key pairs up as changed in the order of the exports' lines, and the surplus was added or
 * removed. So same + changed + added = rows after, and same + changed + removed = rows before.
 */
export function matchRows(
  report: ReportName,
  before: Iterable<string>,
  after: Iterable<string>,
): MatchedRows {
  const sides = new Map<string, Sides>();
  collect(report, before, (key, row) => sidesOf(sides, key).before.push(row));
  collect(report, after, (key, row) => sidesOf(sides, key).after.push(row));
  const changes: RowChange[] = [];
  let same = 0;
  let duplicates = 0;
  for (const side of sides.values()) {
    duplicates += side.after.length - new Set(side.after.map(({ text }) => text)).size;
    const left = cancelEqual(side);
    same += side.after.length - left.after.length;
    for (const change of pairUp(left)) changes.push(change);
  }
  return { changes, same, duplicates };
}

interface Row {
  readonly line: string;
  /** The cells that are compared. */
  readonly text: string;
  readonly sourceLine: number;
}

/** The rows of one key. */
interface Sides {
  readonly before: Row[];
  readonly after: Row[];
}

function collect(
  report: ReportName,
  lines: Iterable<string>,
  take: (key: string, row: Row) => unknown,
): void {
  for (const line of lines) {
    const cells = cellsIn(report, line);
    const text = pick(cells, comparedCells[report]);
    take(pick(cells, keyCells[report]), { line, text, sourceLine: Number(cells[0]) });
  }
}

function sidesOf(all: Map<string, Sides>, key: string): Sides {
  const known = all.get(key);
  if (known !== undefined) return known;
  const sides = { before: [], after: [] };
  all.set(key, sides);
  return sides;
}

/** What is left of both sides once every row has taken one that equals it off the other side. */
function cancelEqual({ before, after }: Sides): Sides {
  const unmatched = new Map<string, number>();
  for (const { text } of before) unmatched.set(text, (unmatched.get(text) ?? 0) + 1);
  const takeOne = ({ text }: Row): boolean => {
    const count = unmatched.get(text) ?? 0;
    if (count > 0) unmatched.set(text, count - 1);
    return count > 0;
  };
  const leftAfter = inLineOrder(after).filter((row) => !takeOne(row));
  // What is unmatched now are the rows of `before` that no row of `after` took: of equal ones the last.
  const leftBefore = inLineOrder(before).toReversed().filter(takeOne);
  return { before: leftBefore.toReversed(), after: leftAfter };
}

function inLineOrder(rows: readonly Row[]): Row[] {
  return rows.toSorted((one, other) => one.sourceLine - other.sourceLine);
}

function pairUp({ before, after }: Sides): RowChange[] {
  const pairs = Math.min(before.length, after.length);
  return [
    ...after
      .slice(0, pairs)
      .map((row, index): RowChange => ({ kind: 'changed', before: before[index]!.line, after: row.line })),
    ...after.slice(pairs).map(({ line }): RowChange => ({ kind: 'added', after: line })),
    ...before.slice(pairs).map(({ line }): RowChange => ({ kind: 'removed', before: line })),
  ];
}

/** Cells as written: equal values are written alike, so nothing need be decoded. */
function cellsIn(report: ReportName, line: string): string[] {
  const cells = line.split('\t');
  const wanted = rowColumns[report].length;
  if (cells.length === wanted) return cells;
  throw new RangeError(`a row file line of ${String(wanted)} cells was expected`);
}

/** Of cells without tabs, so that no two rows that differ give the same text. */
function pick(cells: readonly string[], indexes: readonly number[]): string {
  return indexes.map((index) => cells[index]).join('\t');
}
