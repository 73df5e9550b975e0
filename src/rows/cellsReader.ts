import { isFault, type BytesReader } from '../domain/cells.ts';
import { unquoted, type RecordCells } from './exportRecord.ts';
import { RememberedCells } from './rememberedCells.ts';

/**
 * Longest cell that is read, in UTF-16 units as exported. The widest text column holds 160 characters; six times that
 * leaves room for blanks, accents written apart and entities, and bounds what any pattern has to look at.
 */
const longestCell = 1_000;

/** A reading of cells of which none that is longer than `longestCell` gets to the reader: those are `tooLong`. */
export function capped<Value>(tooLong: Value, read: (cell: string) => Value): (cell: string) => Value {
  return (cell) => (cell.length > longestCell ? tooLong : read(cell));
}

/** Reads cells wherever they are, and remembers what those in place read as. */
export class CellsReader<Value> {
  readonly #read: (cell: string) => Value;
  readonly #readBytes: BytesReader<Value> | undefined;
  readonly #remembered: RememberedCells<Value>;

  /**
   * @param read what a cell reads as; the same text always as the same, which nobody may change
   * @param readBytes the same where the cell stands. What it finds fault with, blanks or quotes perhaps, `read` judges.
   */
  constructor(read: (cell: string) => Value, readBytes?: BytesReader<Value>) {
    this.#read = read;
    this.#readBytes = readBytes;
    this.#remembered = new RememberedCells((cell) => read(unquoted(cell)));
  }

  /** A record that is too short to have the cell has a blank one there. */
  of(record: RecordCells, position: number): Value {
    const { inPlace } = record;
    if (inPlace === undefined) return this.#read(record.cells[position] ?? '');
    const { bytes, spans, first, width } = inPlace;
    if (position >= width) return this.#read('');
    const from = spans[first + 2 * position]!;
    const to = spans[first + 2 * position + 1]!;
    const value = to - from > longestCell ? undefined : this.#readBytes?.(bytes, from, to);
    return value === undefined || isFault(value) ? this.#remembered.at(bytes, from, to) : value;
  }
}

/** Reads the cells of one column. */
export class ColumnReader<Value> {
  readonly #position: number;
  readonly #cells: CellsReader<Value>;

  /** Takes what a reader of cells takes beside its position. */
  constructor(position: number, ...reading: ConstructorParameters<typeof CellsReader<Value>>) {
    this.#position = position;
    this.#cells = new CellsReader(...reading);
  }

  of(record: RecordCells): Value {
    return this.#cells.of(record, this.#position);
  }
}
