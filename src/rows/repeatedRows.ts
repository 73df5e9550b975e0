import type { LineCells } from '../domain/rowCells.ts';
import type { ReportName } from '../reports/index.ts';
import { comparedRuns, type Run } from './rowChanges.ts';

/**
 * Finds the rows of a file that may equal another one, by a 53-bit number made from the compared cells: eight bytes a
 * row, where the rows themselves would not fit into memory. Equal rows have the same number; the caller must check
 * whether rows with the same number are equal.
 */
export class RepeatedRows {
  readonly #runs: readonly Run[];
  readonly #numbers: Float64Array;
  #rows = 0;

  /** @param rows the most rows that will be added: memory for all of them is allocated at once, and no more */
  constructor(report: ReportName, rows: number) {
    this.#runs = comparedRuns(report);
    this.#numbers = new Float64Array(rows);
  }

  /** @throws RangeError for more rows than announced */
  add(row: LineCells): void {
    if (this.#rows === this.#numbers.length) {
      throw new RangeError(`a file of ${String(this.#rows)} rows was expected, and there are more`);
    }
    this.#numbers[this.#rows] = numberOf(row, this.#runs);
    this.#rows += 1;
  }

  /** Call once all rows have been added: whether a row shares its number with another one. */
  finder(): { readonly rows: number; readonly mayRepeat: (row: LineCells) => boolean } {
    const sorted = this.#numbers.subarray(0, this.#rows).sort();
    const repeated = new Set<number>();
    let rows = 0;
    for (let at = 1; at < sorted.length; at += 1) {
      if (sorted[at] !== sorted[at - 1]) continue;
      rows += repeated.has(sorted[at]!) ? 1 : 2;
      repeated.add(sorted[at]!);
    }
    return { rows, mayRepeat: (row) => repeated.has(numberOf(row, this.#runs)) };
  }
}

/** Two 32-bit hashes in the manner of FNV, four bytes at a time, and as much of both as a number holds. */
function numberOf({ bytes, starts, first }: LineCells, runs: readonly Run[]): number {
  let one = 0x811c9dc5;
  let other = 0x9747b28c;
  for (const [fromCell, toCell] of runs) {
    let at = starts[first + fromCell]!;
    const end = starts[first + toCell]!;
    for (; at + 3 < end; at += 4) {
      const four = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
      one = Math.imul(one ^ four, 0x01000193);
      one ^= one >>> 15;
      other = Math.imul(other ^ four, 0x85ebca6b);
      other ^= other >>> 13;
    }
    for (; at < end; at += 1) {
      one = Math.imul(one ^ bytes[at]!, 0x01000193);
      other = Math.imul(other ^ bytes[at]!, 0x85ebca6b);
    }
  }
  return (one >>> 0) * 2 ** 21 + (other >>> 11);
}
