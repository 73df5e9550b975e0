/**
 * Powers of two: this many different cells of a column are remembered before some are read again, fewer at first.
 * A step has dozens of columns, and memory that a small file never needs made each run collect garbage once more.
 */
const [fewestSlots, mostSlots] = [256, 4096];
const growth = 4;

/** Longer ones are rare, and read each time. */
const longestCell = 48;

/** After this many cells it is known whether a column's cells repeat at all. */
const trial = 4096;

/**
 * Reads the cells of one column in place and remembers their readings: one file names the same people, days and
 * services in row after row. A new cell replaces another one, so that memory stays the same whatever the file contains.
 */
export class RememberedCells<Value> {
  readonly #read: (cell: string) => Value;
  #slots = fewestSlots;
  #cells = Buffer.alloc(fewestSlots * longestCell);
  #lengths = new Int8Array(fewestSlots).fill(-1);
  readonly #values: Value[] = [];
  #hits = 0;
  #misses = 0;

  /** @param read reads a cell; must return the same value for the same text, and no caller may change that value */
  constructor(read: (cell: string) => Value) {
    this.#read = read;
  }

  /** The reading of the UTF-8 cell in these bytes; `to` is exclusive. */
  at(bytes: Buffer, from: number, to: number): Value {
    const length = to - from;
    if (length > longestCell || this.#isInVain) return this.#read(bytes.toString('utf8', from, to));
    const slot = slotOf(bytes, from, to) & (this.#slots - 1);
    if (this.#lengths[slot] === length && this.#holds(slot, bytes, from, length)) {
      this.#hits += 1;
      return this.#values[slot]!;
    }
    const value = this.#read(bytes.toString('utf8', from, to));
    this.#misses += 1;
    if (this.#misses > this.#slots && this.#slots < mostSlots) {
      this.#grow();
      return value;
    }
    const begin = slot * longestCell;
    for (let at = 0; at < length; at += 1) this.#cells[begin + at] = bytes[from + at]!;
    this.#lengths[slot] = length;
    this.#values[slot] = value;
    return value;
  }

  /** Forgets everything: what repeats soon comes again. */
  #grow(): void {
    this.#slots *= growth;
    this.#cells = Buffer.alloc(this.#slots * longestCell);
    this.#lengths = new Int8Array(this.#slots).fill(-1);
    this.#values.length = 0;
    this.#hits = 0;
    this.#misses = 0;
  }

  /** Authorization numbers, for example, hardly ever repeat. */
  get #isInVain(): boolean {
    return this.#misses > trial && this.#hits < this.#misses;
  }

  #holds(slot: number, bytes: Buffer, from: number, length: number): boolean {
    const cells = this.#cells;
    const begin = slot * longestCell;
    for (let at = 0; at < length; at += 1) {
      if (cells[begin + at] !== bytes[from + at]) return false;
    }
    return true;
  }
}

/** Spreads cells over the slots, which is all it has to do: four bytes at a time, by FNV's prime. */
function slotOf(bytes: Buffer, from: number, to: number): number {
  let hash = to - from;
  let at = from;
  for (; at + 3 < to; at += 4) {
    const four = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hash = Math.imul(hash ^ four, prime);
    hash ^= hash >>> 15;
  }
  for (; at < to; at += 1) hash = Math.imul(hash ^ bytes[at]!, prime);
  return hash ^ (hash >>> 15);
}

const prime = 0x01000193;
