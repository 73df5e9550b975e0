import { isFault, type BytesReader } from '../domain/cells.ts';
import { unquoted, type RecordCells } from './exportRecord.ts';
import { RememberedCells } from './rememberedCells.ts';

/**
 * The longest cell that is read, in UTF-16 units as exported. The widest text column holds 160 characters; six times
 * that leaves space for blanks, decomposed accents and entities, and bounds what any pattern has to scan.
 */
const longestCell = 1_000;

/** Wraps a reader so that cells longer than `longestCell` give `tooLong` instead. */
export function capped<Value>(tooLong: Value, read: (cell: string) => Value): (cell: string) => Value {
  return (cell) => (cell.length > longestCell ? tooLong : read(cell));
}

/** Reads cells, as texts or in place, and remembers the readings of those in place. */
export class CellsReader<Value> {
  readonly #read: (cell: string) => Value;
  readonly #readBytes: BytesReader<Value> | undefined;
  readonly #remembered: RememberedCells<Value>;

  /**
   * @param read reads a cell; must return the same value for the same text, and no caller may change that value
   * @param readBytes the same in place. If it finds a fault, perhaps blanks or quotes, `read` decides.
   */
  constructor(read: (cell: string) => Value, readBytes?: BytesReader<Value>) {
    this.#read = read;
    this.#readBytes = readBytes;
    this.#remembered = new RememberedCells((cell) => read(unquoted(cell)));
  }

  /** In a record too short to have the cell, it is blank. */
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

  /** Takes a reader's arguments, after the column's position. */
  constructor(position: number, ...reading: ConstructorParameters<typeof CellsReader<Value>>) {
    this.#position = position;
    this.#cells = new CellsReader(...reading);
  }

  of(record: RecordCells): Value {
    return this.#cells.of(record, this.#position);
  }
}
