import { byReport, reports, type ReportName } from '../reports/index.ts';

/** One row that differs between two loads of a period. Rows are lines of a row file without their newline. */
export type RowChange =
  | { readonly kind: 'added'; readonly after: string }
  | { readonly kind: 'removed'; readonly before: string }
  | { readonly kind: 'changed'; readonly before: string; readonly after: string };

export interface MatchedRows {
  readonly changes: readonly RowChange[];
  /** Rows on both sides. */
  readonly same: number;
  /** Rows of `after` that equal an earlier one of them. */
  readonly duplicates: number;
}

/** Positions of the compared cells in a report's rows. */
interface ComparedCells {
  /** The compared cells, in as few runs as possible. */
  readonly runs: readonly Run[];
  /** The cells of the key, in its order. */
  readonly key: readonly number[];
  /** Whether each cell belongs to the key. */
  readonly isKey: readonly boolean[];
}

const comparedCells = byReport((name): ComparedCells => {
  const { rowColumns, comparedColumns, key } = reports[name];
  return {
    runs: runsOf(rowColumns.map((column) => comparedColumns.includes(column))),
    key: key.map((column) => rowColumns.indexOf(column)),
    isKey: rowColumns.map((column) => key.includes(column)),
  };
});

/** The runs of compared cells. */
export function comparedRuns(report: ReportName): readonly Run[] {
  return comparedCells[report].runs;
}

/** From one cell to another; the end is exclusive. */
export type Run = readonly [from: number, to: number];

function runsOf(isCompared: readonly boolean[]): Run[] {
  const runs: Run[] = [];
  for (const [index, compared] of isCompared.entries()) {
    if (!compared) continue;
    const last = runs.at(-1);
    if (last?.[1] === index) runs[runs.length - 1] = [last[0], index + 1];
    else runs.push([index, index + 1]);
  }
  return runs;
}

/** The compared cells, as written: equal values are written alike, so nothing need be decoded. */
function comparedText(report: ReportName, line: string): string {
  let text = '';
  let cell = 0;
  let at = 0;
  const goTo = (wanted: number) => {
    for (; cell < wanted && at <= line.length; cell += 1) at = cellEnd(line, at) + 1;
    return at;
  };
  for (const [from, to] of comparedRuns(report)) {
    const begin = goTo(from);
    text += line.slice(begin, goTo(to));
  }
  return text;
}

function cellEnd(line: string, at: number): number {
  const end = line.indexOf('\t', at);
  return end === -1 ? line.length : end;
}

/** The part, of so many, that a row belongs to: rows that could match are always in the same one. */
export function partitionOf(report: ReportName, line: string, parts: number): number {
  return hashOfKey(line, comparedCells[report].isKey) % parts;
}

const tab = 0x09;

/** FNV-1a over the UTF-16 units of the key's cells: spreads rows evenly, which is all it has to do. */
function hashOfKey(line: string, isKey: readonly boolean[]): number {
  let value = 0x811c9dc5;
  let cell = 0;
  for (let at = 0; at < line.length; at += 1) {
    const letter = line.charCodeAt(at);
    if (isKey[cell] === true) value = Math.imul(value ^ letter, 0x01000193);
    if (letter === tab) cell += 1;
  }
  if (cell + 1 !== isKey.length) throw wrongWidth(isKey.length);
  return value >>> 0;
}

/**
 * Matches the rows of two loads, or of one part of them, as multisets: equal rows cancel each other, the remaining rows
 * of one key pair up as changed in the order of the exports' lines, and the surplus was added or removed. So same +
 * changed + added = rows after, and same + changed + removed = rows before.
 */
export function matchRows(
  report: ReportName,
  before: readonly string[],
  after: readonly string[],
): MatchedRows {
  // Nearly all rows of most loads are equal after their source line: only the others need to be split into cells.
  const alike = cancel(before, after, behindSourceLine);
  const sides = new Map<string, Sides>();
  collect(report, alike.before, (key, row) => sidesOf(sides, key).before.push(row));
  collect(report, alike.after, (key, row) => sidesOf(sides, key).after.push(row));
  const changes: RowChange[] = [];
  let same = after.length - alike.after.length;
  for (const side of sides.values()) {
    const left = cancel(inLineOrder(side.before), inLineOrder(side.after), ({ text }) => text);
    same += side.after.length - left.after.length;
    for (const change of pairUp(left)) changes.push(change);
  }
  return { changes, same, duplicates: duplicatesIn(report, after) };
}

/** The number of rows that equal an earlier one. */
export function duplicatesIn(report: ReportName, lines: readonly string[]): number {
  return lines.length - new Set(lines.map((line) => comparedText(report, line))).size;
}

function behindSourceLine(line: string): string {
  return line.slice(line.indexOf('\t'));
}

interface LeftOver<Item> {
  readonly before: readonly Item[];
  readonly after: readonly Item[];
}

/**
 * What remains of both sides once every item has cancelled one of the same text on the other side, the earlier ones
 * first.
 */
function cancel<Item>(
  before: readonly Item[],
  after: readonly Item[],
  textOf: (item: Item) => string,
): LeftOver<Item> {
  const unmatched = new Map<string, number>();
  for (const item of before) {
    const text = textOf(item);
    unmatched.set(text, (unmatched.get(text) ?? 0) + 1);
  }
  const takeOne = (item: Item): boolean => {
    const text = textOf(item);
    const count = unmatched.get(text) ?? 0;
    if (count > 0) unmatched.set(text, count - 1);
    return count > 0;
  };
  const leftAfter = after.filter((item) => !takeOne(item));
  // The unmatched items of `before` are those that none of `after` took: of equal ones the last.
  const leftBefore = before.toReversed().filter(takeOne);
  return { before: leftBefore.toReversed(), after: leftAfter };
}

interface Row {
  readonly line: string;
  /** The compared cells. */
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
    take(pick(cells, comparedCells[report].key), {
      line,
      text: comparedText(report, line),
      sourceLine: Number(cells[0]),
    });
  }
}

function sidesOf(all: Map<string, Sides>, key: string): Sides {
  const known = all.get(key);
  if (known !== undefined) return known;
  const sides = { before: [], after: [] };
  all.set(key, sides);
  return sides;
}

function inLineOrder(rows: readonly Row[]): Row[] {
  return rows.toSorted((one, other) => one.sourceLine - other.sourceLine);
}

function pairUp({ before, after }: LeftOver<Row>): RowChange[] {
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
  const wanted = reports[report].rowColumns.length;
  if (cells.length === wanted) return cells;
  throw wrongWidth(wanted);
}

function wrongWidth(wanted: number): RangeError {
  return new RangeError(`a row file line of ${String(wanted)} cells was expected`);
}

/** Joins cells by tabs. No cell has one, so different cells never give the same text. */
function pick(cells: readonly string[], indexes: readonly number[]): string {
  return indexes.map((index) => cells[index]).join('\t');
}
