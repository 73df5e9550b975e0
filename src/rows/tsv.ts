import type { TsvCell } from '../domain/rowCells.ts';

/**
 * The text form of row files: one record a line, fields separated by tabs, NULL as `\N`, and backslash, tab, newline,
 * carriage return and NUL escaped. It is what `LOAD DATA … FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED
 * BY '\n'` reads, so the last file goes to the database unchanged.
 * https://dev.mysql.com/doc/refman/8.4/en/load-data.html
 */

/** How NULL is written. A text of this form is written with its backslash escaped. */
export const nullCell = '\\N';

const [backslash, letterN] = [0x5c, 0x4e];

/** Whether these bytes are NULL; `to` is exclusive. */
export function isNullCell(bytes: Uint8Array, from: number, to: number): boolean {
  return bytes[from] === backslash && bytes[from + 1] === letterN && to - from === nullCell.length;
}

const needsEscape = /[\\\t\n\r\0]/;
const escapable = /[\\\t\n\r\0]/g;
const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r', '\0': '\\0' };
const escapeSequence = /\\(.)/g;
const unescapes: Record<string, string> = { t: '\t', n: '\n', r: '\r', '0': '\0', '\\': '\\' };

/** A text in the form of a cell. */
export function encodeCell(text: string): string {
  return needsEscape.test(text) ? text.replace(escapable, (char) => escapes[char]!) : text;
}

/** The inverse of `encodeCell`, for a cell that is not NULL. */
export function decodeCell(cell: string): string {
  if (!cell.includes('\\')) return cell;
  return cell.replace(escapeSequence, (_, char: string) => unescapes[char] ?? char);
}

/** One line, with its newline. */
export function encodeTsv(cells: readonly TsvCell[]): string {
  return `${cells.map((cell) => (cell === null ? nullCell : encodeCell(cell))).join('\t')}\n`;
}

/** The cells of one line (without its newline), as `encodeTsv` got them. */
export function decodeTsv(line: string): TsvCell[] {
  return line.split('\t').map((cell) => (cell === nullCell ? null : decodeCell(cell)));
}
