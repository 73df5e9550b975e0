import { ratio, scales } from './decimals.ts';

/** The three dollar figures of an authorisation or of many, in cents; null where the cell is blank. */
interface Dollars {
  readonly authorizedCents: bigint | null;
  readonly inProcessCents: bigint | null;
  readonly billedCents: bigint | null;
}

/** In process + billed, in cents; blanks count as 0. */
export function usedCents(dollars: Dollars): bigint {
  return (dollars.inProcessCents ?? 0n) + (dollars.billedCents ?? 0n);
}

/** Used / authorised in millionths, half away from zero; null where nothing is authorised. */
export function utilizationRatio(dollars: Dollars): bigint | null {
  const authorized = dollars.authorizedCents;
  if (authorized === null || authorized === 0n) return null;
  return ratio(usedCents(dollars), authorized, scales.ratio);
}

/** Used − authorised in cents: below zero is under-utilised, above is over-utilised; null without authorised. */
export function varianceCents(dollars: Dollars): bigint | null {
  return dollars.authorizedCents === null ? null : usedCents(dollars) - dollars.authorizedCents;
}
