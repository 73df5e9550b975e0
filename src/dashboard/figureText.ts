import { daysInMonth, monthNames } from '../domain/dates.ts';
import { decimalText, ratio, scales } from '../domain/decimals.ts';

/** How figures are written, in pages, tables and files alike. */

/** `$1,234.56`, `-$0.05`. */
export function dollarsText(cents: bigint): string {
  return cents < 0n ? `-$${grouped(decimalText(-cents, 2))}` : `$${grouped(decimalText(cents, 2))}`;
}

/** `$1.31 M`, `-$211.17 K`, `$950.00`: two places, half away from zero, as the published dashboards have it. */
export function compactDollars(cents: bigint): string {
  return cents < 0n ? `-$${compact(-cents, 100n)}` : `$${compact(cents, 100n)}`;
}

/** `8.81 K`, `9.39 K`, and `950` as it is. */
export function compactCount(count: number): string {
  return count < 1000 ? String(count) : compact(BigInt(count), 1n);
}

const steps = [
  { name: ' K', size: 1_000n },
  { name: ' M', size: 1_000_000n },
  { name: ' B', size: 1_000_000_000n },
];

/** @param one how many make one: 100 for cents */
function compact(amount: bigint, one: bigint): string {
  let text = grouped(decimalText(ratio(amount, one, scales.dollars), scales.dollars));
  for (const { name, size } of steps) {
    // What rounds to 1,000.00 K is 1.00 M.
    const inStep = ratio(amount, one * size, scales.dollars);
    if (ratio(amount, one * (size / 1000n), scales.dollars) < 100_000n) break;
    text = `${grouped(decimalText(inStep, scales.dollars))}${name}`;
  }
  return text;
}

/** `83.91 %` of hundredths of a percent; `otherwise` where there is no such figure. */
export function percentText(hundredths: bigint | null, otherwise = 'none'): string {
  return hundredths === null ? otherwise : `${grouped(decimalText(hundredths, 2))} %`;
}

/** The same of a utilization, which nothing has that is not authorised. */
export function utilizationText(hundredths: bigint | null): string {
  return percentText(hundredths, 'no authorization');
}

/** `0.88` of hundredths of a day. */
export function daysText(hundredths: bigint | null): string {
  return hundredths === null ? 'none signed' : decimalText(hundredths, 2);
}

/** `9,388`. */
export function countText(count: number): string {
  return grouped(String(count));
}

/** `1 row`, `1,234 rows`. */
export function countOf(count: number, one: string): string {
  return `${countText(count)} ${one}${count === 1 ? '' : 's'}`;
}

function grouped(digits: string): string {
  const [whole = '', fraction] = digits.split('.');
  const spaced = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return fraction === undefined ? spaced : `${spaced}.${fraction}`;
}

/** `October 2026` of `2026-10`. */
export function monthText(month: string): string {
  return `${monthNames[Number(month.slice(5, 7)) - 1]!} ${month.slice(0, 4)}`;
}

const dayFormat = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeZone: 'UTC' });
const momentFormat = new Intl.DateTimeFormat('en-US', {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC',
});

/** `Nov 17, 2026` of `2026-11-17`. */
export function dayText(day: string): string {
  return dayFormat.format(new Date(`${day}T00:00:00Z`));
}

/** `Nov 17, 2026, 3:30 AM` of `2026-11-17 03:30`. */
export function momentText(moment: string): string {
  // Newer releases of Unicode put a narrow space that does not break before AM.
  return momentFormat.format(new Date(`${moment.replace(' ', 'T')}:00Z`)).replaceAll('\u202F', ' ');
}

/** `October 2026` of a whole month, `Nov 1–15, 2026`, `Aug 18 – Nov 15, 2026`, `Nov 18, 2025 – Feb 15, 2026`. */
export function spanText({ from, to }: { readonly from: string; readonly to: string }): string {
  const [year, month] = [Number(from.slice(0, 4)), Number(from.slice(5, 7))];
  const [first, last] = [dayText(from), dayText(to)];
  const [firstDay = ''] = first.split(',');
  if (from.slice(0, 7) === to.slice(0, 7)) {
    const whole = from.endsWith('-01') && Number(to.slice(8)) === daysInMonth(year, month);
    if (whole) return monthText(from);
    return from === to ? first : `${firstDay}–${last.replace(/^\w+ /, '')}`;
  }
  return `${from.slice(0, 4) === to.slice(0, 4) ? firstDay : first} – ${last}`;
}

/** `Oct 2026`, for axes. */
export function shortMonth(month: string): string {
  return `${monthNames[Number(month.slice(5, 7)) - 1]!.slice(0, 3)} ${month.slice(0, 4)}`;
}
