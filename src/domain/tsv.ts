/**
 * The text form of row files: one record a line, fields parted by tabs, NULL as `\N`, and backslash, tab,
 * newline, carriage return and NUL escaped. It is what `LOAD DATA … FIELDS TERMINATED BY '\t' ESCAPED BY
 * '\\' LINES TERMINATED BY '\n'` reads, so the last file goes to the database as it is.
 * https://dev.mysql.com/doc/refman/8.4/en/load-data.html
 */
export type TsvCell = string | null;

const needsEscape = /[\\\t\n\r\0]/;
const escapable = /[\\\t\n\r\0]/g;
const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r', '\0': '\\0' };
const escapeSequence = /\\(.)/g;
const unescapes: Record<string, string> = { t: '\t', n: '\n', r: '\r', '0': '\0', '\\': '\\' };

/** One line, its newline included. */
export function encodeTsv(cells: readonly TsvCell[]): string {
  let line = '';
  for (let index = 0; index < cells.length; index += 1) {
    const cell = cells[index]!;
    if (index > 0) line += '\t';
    if (cell === null) line += '\\N';
    else line += needsEscape.test(cell) ? cell.replace(escapable, (char) => escapes[char]!) : cell;
  }
  return `${line}\n`;
}

/** The cells of one line (without its newline), as `encodeTsv` got them. */
export function decodeTsv(line: string): TsvCell[] {
  const cells: TsvCell[] = line.split('\t');
  if (!line.includes('\\')) return cells;
  return cells.map((cell) =>
    cell === '\\N' ? null : cell!.replace(escapeSequence, (_, char: string) => unescapes[char] ?? char),
  );
}
