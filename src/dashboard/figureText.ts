import { daysInMonth, monthNames } from '../domain/dates.ts';
import { decimalText, ratio, scales } from '../domain/decimals.ts';

/** How figures are written, in pages, tables and files alike. */

/** `$1,234.56`, `-$0.05`. */
export function dollarsText(cents: bigint): string {
  return withSign(cents, (amount) => `$${grouped(decimalText(amount, 2))}`);
}

/** `$950.05`, `$898,942`, `$1.53M`, for tiles and pictures; rounded half away from zero. */
export function compactDollars(cents: bigint): string {
  return withSign(cents, (amount) => `$${shortDollars(amount)}`);
}

function withSign(amount: bigint, textOf: (size: bigint) => string): string {
  return amount < 0n ? `-${textOf(-amount)}` : textOf(amount);
}

/** Below it, cents are a part of the amount that a reader would miss. */
const wholeFromCents = 100_000n;

function shortDollars(cents: bigint): string {
  if (cents < wholeFromCents) return decimalText(cents, 2);
  const dollars = ratio(cents, 100n, scales.days);
  return dollars < 1_000_000n ? integers.format(dollars) : inSteps(cents, 100n, ['M', 'B', 'T']);
}

/** `8.81K`, `1.53M`, and `950` as it is. */
export function compactCount(count: number): string {
  return count < 1000 ? String(count) : inSteps(BigInt(count), 1n, ['K', 'M', 'B']);
}

const sizes: Readonly<Record<string, bigint>> = {
  K: 1_000n,
  M: 1_000_000n,
  B: 1_000_000_000n,
  T: 1_000_000_000_000n,
};

/** In the largest unit that fits after rounding: what rounds to 1,000.00M is 1.00B. */
function inSteps(amount: bigint, one: bigint, steps: readonly string[]): string {
  const texts = steps.map((step) => ({
    step,
    hundredths: ratio(amount, one * sizes[step]!, scales.dollars),
  }));
  const { step, hundredths } = texts.findLast((each) => each.hundredths >= 100n) ?? texts[0]!;
  return `${grouped(decimalText(hundredths, scales.dollars))}${step}`;
}

/** `83.91%` of hundredths of a percent; `otherwise` where there is no such figure. */
export function percentText(hundredths: bigint | null, otherwise = 'none'): string {
  if (hundredths === null) return otherwise;
  return withSign(hundredths, (size) => `${grouped(decimalText(size, 2))}%`);
}

/** A utilization as `percentText` writes it; without an authorization there is none. */
export function utilizationText(hundredths: bigint | null): string {
  return percentText(hundredths, 'no authorization');
}

/** Percent as a number, for the length of a mark: hundredths of a percent divided by 100. */
export function percentNumber(hundredths: bigint | null): number | null {
  return hundredths === null ? null : Number(hundredths) / 100;
}

/** `0.88` of hundredths of a day. */
export function daysText(hundredths: bigint | null): string {
  return hundredths === null ? 'none signed' : decimalText(hundredths, 2);
}

/** `9,388`. */
export function countText(count: number): string {
  return integers.format(count);
}

/** `1 row`, `1,234 rows`. */
export function countOf(count: number, one: string): string {
  return `${countText(count)} ${one}${count === 1 ? '' : 's'}`;
}

const integers = new Intl.NumberFormat('en-US');

/** Groups digits without a sign, exactly however many there are: only a whole `bigint` goes through Intl. */
function grouped(digits: string): string {
  const [whole = '', fraction] = digits.split('.');
  const text = integers.format(BigInt(whole));
  return fraction === undefined ? text : `${text}.${fraction}`;
}

/** `October 2026` of `2026-10`. */
export function monthLabel(month: string): string {
  return `${monthNames[Number(month.slice(5, 7)) - 1]!} ${month.slice(0, 4)}`;
}

const dayFormat = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeZone: 'UTC' });
const momentFormat = new Intl.DateTimeFormat('en-US', {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC',
});

/** `Nov 17, 2026` of `2026-11-17`. */
export function dayLabel(day: string): string {
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
  const [first, last] = [dayLabel(from), dayLabel(to)];
  const [firstDay = ''] = first.split(',');
  if (from.slice(0, 7) === to.slice(0, 7)) {
    const whole = from.endsWith('-01') && Number(to.slice(8)) === daysInMonth(year, month);
    if (whole) return monthLabel(from);
    return from === to ? first : `${firstDay}–${last.replace(/^\w+ /, '')}`;
  }
  return `${from.slice(0, 4) === to.slice(0, 4) ? firstDay : first} – ${last}`;
}

/** `Utilization, October 2026`, `Notes, Nov 1–15, 2026` of `notes 2026-11-01..2026-11-15`. */
export function periodLabel(period: string): string {
  const [, report = '', from = '', to = ''] = /^(\w+) (\S{10})\.\.(\S{10})$/.exec(period) ?? [];
  return `${report.slice(0, 1).toUpperCase()}${report.slice(1)}, ${spanText({ from, to })}`;
}

/** `Oct 2026`, for axes. */
export function shortMonth(month: string): string {
  return `${monthNames[Number(month.slice(5, 7)) - 1]!.slice(0, 3)} ${month.slice(0, 4)}`;
}
