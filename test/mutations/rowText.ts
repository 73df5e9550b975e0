export type Cells = readonly (string | null)[];

const unescaped: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', '0': '\0', '\\': '\\' };

/** Lines of a row file as cells: parted by tabs, `\N` for NULL, as `LOAD DATA` reads them. */
export function decodedLines(text: string): Cells[] {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Error('a row file ends within a line');
  return lines.map((line) => line.split('\t').map(decodedCell));
}

function decodedCell(cell: string): string | null {
  if (cell === '\\N') return null;
  return cell.includes('\\') ? cell.replace(/\\(.)/g, (_, char: string) => unescaped[char] ?? char) : cell;
}
