import type { LineCells } from '../domain/rowCells.ts';

export type Side = 'before' | 'after';

/** How far the two sides may drift apart at one place, through added or removed rows. */
const farthest = 16;

/**
 * Walks the rows of two loads in step and removes those that are equal after their source line, as most rows of most
 * loads are; the rest are rows to be matched. So only little of two large periods is held at once.
 */
export class RowAlignment {
  /** Pairs that have been removed. */
  same = 0;
  readonly #width: number;
  readonly #leaveOver: (side: Side, row: LineCells) => void;
  readonly #queues = { before: new Queue(), after: new Queue() };

  /** @param leaveOver called with each row without an equal one, in the order of its side */
  constructor(width: number, leaveOver: (side: Side, row: LineCells) => void) {
    this.#width = width;
    this.#leaveOver = leaveOver;
  }

  /** The side whose rows are needed next; undefined once both have ended. */
  get wanted(): Side | undefined {
    const { before, after } = this.#queues;
    if (before.ended || after.ended) return before.ended ? (after.ended ? undefined : 'after') : 'before';
    return before.length <= after.length ? 'before' : 'after';
  }

  add(side: Side, rows: readonly LineCells[]): void {
    this.#queues[side].add(rows);
    this.#align();
  }

  /** No row of that side follows. */
  end(side: Side): void {
    this.#queues[side].ended = true;
    this.#align();
  }

  #align(): void {
    const { before, after } = this.#queues;
    while (before.length > before.reserve && after.length > after.reserve) {
      const drift = this.#drift();
      this.#dropLeftOver('before', drift.before);
      this.#dropLeftOver('after', drift.after);
      if (!drift.same) continue;
      before.drop();
      after.drop();
      this.same += 1;
    }
    // No more rows can equal them.
    if (after.ended && after.length === 0) this.#dropLeftOver('before', before.length);
    if (before.ended && before.length === 0) this.#dropLeftOver('after', after.length);
  }

  /** How many rows of each side come before the next equal pair, as far as is known. */
  #drift(): { before: number; after: number; same: boolean } {
    for (let rows = 0; rows <= farthest; rows += 1) {
      if (this.#isSame(rows, rows)) return { before: rows, after: rows, same: true };
      if (this.#isSame(rows, 0)) return { before: rows, after: 0, same: true };
      if (this.#isSame(0, rows)) return { before: 0, after: rows, same: true };
    }
    return { before: 1, after: 1, same: false };
  }

  #isSame(before: number, after: number): boolean {
    const [one, other] = [this.#queues.before.at(before), this.#queues.after.at(after)];
    return one !== undefined && other !== undefined && sameBehindSourceLine(one, other, this.#width);
  }

  #dropLeftOver(side: Side, rows: number): void {
    const queue = this.#queues[side];
    for (let row = 0; row < rows; row += 1) this.#leaveOver(side, queue.drop());
  }
}

/** Rows that wait for an equal one. */
class Queue {
  ended = false;
  #rows: readonly LineCells[] = [];
  #next = 0;

  get length(): number {
    return this.#rows.length - this.#next;
  }

  /** The number of rows kept back for looking ahead, unless they are the last ones. */
  get reserve(): number {
    return this.ended ? 0 : farthest;
  }

  at(ahead: number): LineCells | undefined {
    return this.#rows[this.#next + ahead];
  }

  add(rows: readonly LineCells[]): void {
    this.#rows = this.length === 0 ? rows : [...this.#rows.slice(this.#next), ...rows];
    this.#next = 0;
  }

  /** The next row; there must be one. */
  drop(): LineCells {
    const row = this.#rows[this.#next]!;
    this.#next += 1;
    return row;
  }
}

function sameBehindSourceLine(one: LineCells, other: LineCells, width: number): boolean {
  let at = one.starts[one.first + 1]!;
  let otherAt = other.starts[other.first + 1]!;
  const end = one.starts[one.first + width]!;
  if (end - at !== other.starts[other.first + width]! - otherAt) return false;
  for (; at < end; at += 1, otherAt += 1) if (one.bytes[at] !== other.bytes[otherAt]) return false;
  return true;
}
