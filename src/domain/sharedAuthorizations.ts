import type { CategorizedRows } from './categorize.ts';
import { ownText } from '../rows/remembering.ts';
import type { ReportName } from './reports.ts';

interface NumberRows {
  readonly clientKey: string;
  rows: number;
  shared: boolean;
}

/**
 * So many different authorization numbers are looked at: a month of an organisation has some thousands, and memory has
 * an end. Rows with further numbers are not counted.
 */
const mostNumbers = 100_000;

/**
 * Counts rows whose authorization number stands beside different clients: a number is given out for one client, so a
 * spreadsheet has rounded it or a column has slipped.
 */
export class SharedAuthorizations {
  readonly #numbers = new Map<string, NumberRows>();
  readonly #most: number;

  constructor(most = mostNumbers) {
    this.#most = most;
  }

  add(row: CategorizedRows[ReportName]): void {
    if (!('authorizationNumber' in row)) return;
    const { authorizationNumber, clientKey } = row;
    const known = this.#numbers.get(authorizationNumber);
    if (known === undefined) {
      if (this.#numbers.size >= this.#most) return;
      this.#numbers.set(ownText(authorizationNumber), {
        clientKey: ownText(clientKey),
        rows: 1,
        shared: false,
      });
      return;
    }
    known.rows += 1;
    known.shared ||= known.clientKey !== clientKey;
  }

  /** Rows of all numbers that more than one client has. */
  get rows(): number {
    let rows = 0;
    for (const number of this.#numbers.values()) if (number.shared) rows += number.rows;
    return rows;
  }
}
