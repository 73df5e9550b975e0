import { ratioOf, scales } from './decimals.ts';

/** The three dollar figures of an authorization, in cents; null if the cell is blank. */
interface Dollars {
  readonly authorized_dollars: number | null;
  readonly in_process_dollars: number | null;
  readonly billed_dollars: number | null;
}

/** In process + billed, in cents; blanks count as 0. */
export function usedCents(dollars: Dollars): number {
  return (dollars.in_process_dollars ?? 0) + (dollars.billed_dollars ?? 0);
}

/** Used / authorized in millionths, half away from zero; null if nothing is authorized. */
export function utilizationRatio(dollars: Dollars): number | null {
  const authorized = dollars.authorized_dollars;
  if (authorized === null || authorized === 0) return null;
  return ratioOf(usedCents(dollars), authorized, scales.ratio);
}

/** Used − authorized in cents: below zero is under-utilized, above is over-utilized; null without authorized. */
export function varianceCents(dollars: Dollars): number | null {
  return dollars.authorized_dollars === null ? null : usedCents(dollars) - dollars.authorized_dollars;
}
