import { decimalText, scales, type Scale } from '../domain/decimals.ts';

/**
 * A table of a page, exact: money in cents, shares in hundredths of a percent, averages in hundredths of a day.
 * Everything that shows, prints or saves a table begins here, so that all of them have the same figures.
 */
export interface Table {
  /** What the table is called above it and in its files. */
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly TableRow[];
  /** The last row, where the table adds up. */
  readonly total?: readonly TableCell[];
}

type FigureKind = 'count' | 'dollars' | 'percent' | 'days';

/** Text as files have it; a page writes months, days, moments and periods as people do. */
export type TextKind = 'text' | 'month' | 'day' | 'moment' | 'period';

export type ColumnKind = TextKind | FigureKind;

export interface Column {
  readonly heading: string;
  readonly kind: ColumnKind;
}

/** Null where there is no such figure. */
export type TableCell = string | number | bigint | null;

export interface TableRow {
  readonly cells: readonly TableCell[];
  /** Called when the first cell is clicked. */
  readonly onOpen?: (() => void) | undefined;
}

/** How many places a figure's whole number stands for. */
const places: Readonly<Record<FigureKind, Scale>> = {
  count: scales.days,
  dollars: scales.dollars,
  percent: scales.dollars,
  days: scales.dollars,
};

export function isTextKind(kind: ColumnKind): kind is TextKind {
  return !(kind in places);
}

/** The heading with its unit, for files, where figures stand without one. */
export function fileHeading({ heading, kind }: Column): string {
  return kind === 'percent' ? `${heading} (%)` : heading;
}

/** A figure as plain digits: `-1234.56`. */
export function plainFigure(cell: number | bigint, kind: ColumnKind): string {
  return isTextKind(kind) ? String(cell) : decimalText(BigInt(cell), places[kind]);
}

/**
 * CSV as spreadsheets read it: UTF-8 with its mark, CRLF, quoted where needed. Text that a spreadsheet would take
 * for a formula gets an apostrophe in front, also after a sign that parts cells elsewhere; figures stay as they
 * are, those below zero too.
 */
export function csvText({ columns, rows, total }: Table): string {
  const lines = [
    columns.map((column) => textCell(fileHeading(column))),
    ...[...rows.map(({ cells }) => cells), ...(total === undefined ? [] : [total])].map((cells) =>
      cells.map((cell, at) => csvCell(cell, columns[at]!.kind)),
    ),
  ];
  return `\uFEFF${lines.map((line) => `${line.join(',')}\r\n`).join('')}`;
}

function csvCell(cell: TableCell, kind: ColumnKind): string {
  if (cell === null) return '';
  return typeof cell === 'string' ? textCell(cell) : plainFigure(cell, kind);
}

function textCell(text: string): string {
  const safe = safeText(text);
  return /[",;\r\n\t]|^ | $/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** What begins a formula in Excel, LibreOffice or Sheets, also in full width, and after blanks that they skip. */
const formulaStart = /^[\s\u00A0]{0,200}[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/;

/**
 * What begins a formula after a sign inside a cell: a spreadsheet whose list separator is `;` or a tab, as in most of
 * Europe, begins a new cell there, and quotes in the middle of such a cell do not hold.
 */
const formulaInside = /([;\t\r\n|]["'\s\u00A0]{0,200})(?=[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/g;

function guarded(text: string): string {
  return text.replace(formulaInside, "$1'");
}

/** The text, so written that no spreadsheet works it out, whatever sign it takes to part cells. */
export function safeText(text: string): string {
  return formulaStart.test(text) ? `'${text.slice(0, 1)}${guarded(text.slice(1))}` : guarded(text);
}

/** `under-utilization-by-qp`. */
export function fileName(words: string): string {
  return words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
