import { createHmac } from 'node:crypto';
import { amountText, fits, labelOf, quotient } from './cells.ts';
import type { Terms } from './terms.ts';

/** A row as the tables hold it, each cell as text, NULL as null. */
export type TableRow = Readonly<Record<string, string | null>>;

/** An authorization's figures: units in ten-thousandths, dollars in cents. */
export type Amounts = Readonly<Record<string, bigint | null>>;

export const amountPlaces: Readonly<Record<string, number>> = {
  authorized_units: 4,
  in_process_units: 4,
  billed_units: 4,
  authorized_dollars: 2,
  in_process_dollars: 2,
  billed_dollars: 2,
  variance_billed: 2,
};

export interface Computed {
  readonly variance: bigint | null;
  /** Millionths. */
  readonly util: bigint | null;
}

export function computed(amounts: Amounts): Computed {
  const authorized = amounts['authorized_dollars'] ?? null;
  if (authorized === null) return { variance: null, util: null };
  const used = spent(amounts);
  const util = authorized === 0n ? null : quotient(used, authorized, 6);
  return { variance: used - authorized, util };
}

export function spent(amounts: Amounts): bigint {
  return (amounts['in_process_dollars'] ?? 0n) + (amounts['billed_dollars'] ?? 0n);
}

export function computedFits({ variance, util }: Computed): boolean {
  return (variance === null || fits(variance)) && (util === null || fits(util));
}

const keys = new Map<string, string>();

/** The first 16 hex digits of HMAC-SHA-256 of the exact name. */
function keyOf(name: string, terms: Terms): string {
  const cached = `${terms.nameSecret}\n${name}`;
  const known = keys.get(cached);
  if (known !== undefined) return known;
  const key = createHmac('sha256', terms.nameSecret).update(name).digest('hex').slice(0, 16);
  keys.set(cached, key);
  return key;
}

export function nullableAmount(amount: bigint | null, places: number): string | null {
  return amount === null ? null : amountText(amount, places);
}

/** A person's name, label and key under the three column names. */
export function person(
  [name, code, key]: readonly [string, string, string],
  value: string | null,
  terms: Terms,
): TableRow {
  if (value === null) return { [name]: null, [code]: null, [key]: null };
  return { [name]: value, [code]: labelOf(value), [key]: keyOf(value, terms) };
}

export function groupOf(code: string, terms: Terms): number {
  return terms.groups.get(code.toUpperCase()) ?? 0;
}

/** `days to sign < 3 and signed` → On Time, then 3–7 → Late, then Unbillable. */
export function statusOf(days: number | null, signed: boolean): string {
  if (days === null) return 'Unbillable';
  if (days < 3 && signed) return 'On Time';
  return days >= 3 && days <= 7 ? 'Late' : 'Unbillable';
}

export function daysFrom(first: string, last: string): number {
  return (Date.parse(`${last}T00:00:00Z`) - Date.parse(`${first}T00:00:00Z`)) / 86_400_000;
}
