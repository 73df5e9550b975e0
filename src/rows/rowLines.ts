import type { LineCells } from '../domain/rowCells.ts';

const tab = 0x09;
const newline = 0x0a;

/**
 * Splits whole lines of a row file into their cells.
 * @throws RangeError if a line has another number of cells
 */
export function splitRows(lines: Buffer, width: number): LineCells[] {
  // Most cells have eight bytes or more.
  let starts = new Int32Array(Math.max(width + 1, lines.length >> 3));
  let cells = 0;
  let begin = 0;
  let ofThisLine = 0;
  for (let at = 0; at < lines.length; at += 1) {
    const byte = lines[at]!;
    if (byte > newline || (byte !== newline && byte !== tab)) continue;
    starts[cells] = begin;
    cells += 1;
    ofThisLine += 1;
    begin = at + 1;
    if (byte === tab) continue;
    if (ofThisLine !== width) throw wrongWidth(width);
    ofThisLine = 0;
    if (cells + width >= starts.length) starts = enlarged(starts, width);
  }
  starts[cells] = begin;
  const rows: LineCells[] = [];
  for (let first = 0; first < cells; first += width) rows.push({ bytes: lines, starts, first });
  return rows;
}

/** With space for at least one more line. */
function enlarged(offsets: Int32Array<ArrayBuffer>, width: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * offsets.length + width);
  larger.set(offsets);
  return larger;
}

/** The line as text, without its newline. */
export function lineText({ bytes, starts, first }: LineCells, width: number): string {
  return bytes.toString('utf8', starts[first], starts[first + width]! - 1);
}

function wrongWidth(width: number): RangeError {
  return new RangeError(`a row file line of ${String(width)} cells was expected`);
}
