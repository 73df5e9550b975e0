import type { ColumnsOf } from './rollups.ts';
import type { Cell, ReportDefinition } from '../reports/report.ts';

interface NumberRows {
  readonly owner: string;
  rows: number;
  shared: boolean;
}

/**
 * The most different numbers that are tracked, to bound memory: a month of an organisation has some thousands. Rows
 * with further numbers are not counted.
 */
const mostNumbers = 100_000;

/** Counts rows whose number occurs with different people, in reports where a number belongs to one (`ownedBy`). */
export class SharedNumbers<Row> {
  /** Nearly all numbers have one row: then only its owner is kept, since a record for each takes twice the time. */
  readonly #numbers = new Map<string, string | NumberRows>();
  readonly #numberOf: ((row: Row) => Cell) | undefined;
  readonly #ownerOf: (row: Row) => Cell;
  readonly #most: number;

  constructor({ ownedBy }: ReportDefinition, columnsOf: ColumnsOf<Row>, most = mostNumbers) {
    this.#numberOf = ownedBy === undefined ? undefined : columnsOf(ownedBy.column);
    this.#ownerOf = ownedBy === undefined ? () => null : columnsOf(ownedBy.ownerKey);
    this.#most = most;
  }

  add(row: Row): void {
    const number = this.#numberOf?.(row);
    if (typeof number !== 'string') return;
    const owner = String(this.#ownerOf(row));
    const known = this.#numbers.get(number);
    if (known === undefined) {
      if (this.#numbers.size < this.#most) this.#numbers.set(number, owner);
      return;
    }
    if (typeof known === 'string') {
      this.#numbers.set(number, { owner: known, rows: 2, shared: known !== owner });
      return;
    }
    known.rows += 1;
    known.shared ||= known.owner !== owner;
  }

  /** Rows of all numbers that more than one person has. */
  get rows(): number {
    let rows = 0;
    for (const number of this.#numbers.values()) {
      if (typeof number !== 'string' && number.shared) rows += number.rows;
    }
    return rows;
  }
}
