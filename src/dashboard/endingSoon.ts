import type { ExpiryDays, PageAuthorization, TotalsEndingSoon } from './pageData.ts';
import { asWhole } from './pageFigures.ts';

export const expiryDays: readonly ExpiryDays[] = ['30', '60', '90'];

/** Sums of fewer clients say something about each of them; below 11 is what the CMS keeps back. */
export const fewestClients = 11;

export const authorizedOf = ({ authorizedCents }: PageAuthorization) => BigInt(authorizedCents ?? 0);
export const usedOf = ({ usedCents }: PageAuthorization) => BigInt(usedCents);
export const unusedOf = (item: PageAuthorization) => authorizedOf(item) - usedOf(item);

/** Whether an authorization ends within so many days and has money left. */
export function isExpiring(days: ExpiryDays) {
  return (item: PageAuthorization) => !item.ended && item.daysLeft <= Number(days) && unusedOf(item) > 0n;
}

export function sumOf(items: readonly PageAuthorization[], of: (item: PageAuthorization) => bigint): bigint {
  return items.reduce((sum, item) => sum + of(item), 0n);
}

export function unusedWithin(items: readonly PageAuthorization[], days: ExpiryDays): bigint {
  return sumOf(items.filter(isExpiring(days)), unusedOf);
}

/**
 * The sums for a page of totals. A span is left out if too few clients are in it, or in what it adds to the span shown
 * before it, since the difference of two sums is a sum too.
 */
export function endingSoonTotals(items: readonly PageAuthorization[]): TotalsEndingSoon[] {
  const totals: TotalsEndingSoon[] = [];
  let shown = new Set<PageAuthorization>();
  for (const days of expiryDays) {
    const within = items.filter(isExpiring(days));
    const clients = new Set(within.filter((item) => !shown.has(item)).map(({ client }) => client));
    clients.delete(null);
    if (clients.size < fewestClients) continue;
    shown = new Set(within);
    totals.push({ days, authorizations: within.length, unusedCents: asWhole(sumOf(within, unusedOf)) });
  }
  return totals;
}
