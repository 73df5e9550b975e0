import { addDays, daysInMonth, pad2, parseIsoDate, type IsoDate } from '../domain/dates.ts';
import { yearMonth, type Period } from '../domain/periods.ts';
import type { DashboardDays, PublishedPeriod } from '../warehouse/dashboardRows.ts';

/** Two years, so that every month has its month of the year before; the page stays small enough to mail. */
export const mostMonths = 24;
/** What the notes overview looks back on, its last day included. */
const recentDays = 90;

/** `YYYY-MM` of an existing month, else undefined. */
export function parseMonth(text: string): string | undefined {
  return /^\d{4}-\d{2}$/.test(text) && parseIsoDate(`${text}-01`) !== undefined ? text : undefined;
}

/**
 * The days that a dashboard shows, by what the tables hold: so many months up to the asked one, else up to the newest, and
 * of the notes the 90 days that end with the last day of the newest loaded period. Undefined where nothing is loaded.
 */
export function dashboardDays(
  periods: readonly PublishedPeriod[],
  lastMonth: string | undefined,
  months = mostMonths,
): DashboardDays | undefined {
  const shown =
    lastMonth === undefined ? periods : periods.filter((period) => yearMonth(period) <= lastMonth);
  const newest = shown.map(yearMonth).sort().at(-1);
  if (newest === undefined) return undefined;
  return { months: monthsUpTo(newest, months), recentNotes: recentNotes(shown) };
}

function recentNotes(periods: readonly PublishedPeriod[]): Period | null {
  const last = periods
    .filter(({ report }) => report === 'notes')
    .map(({ to }) => to)
    .sort()
    .at(-1);
  return last === undefined ? null : { from: addDays(last, 1 - recentDays), to: last };
}

function monthsUpTo(month: string, months: number): Period {
  const [year, number] = [Number(month.slice(0, 4)), Number(month.slice(5, 7))];
  const first = year * 12 + (number - 1) - (months - 1);
  const from = `${String(Math.floor(first / 12)).padStart(4, '0')}-${pad2((first % 12) + 1)}-01`;
  return { from: from as IsoDate, to: `${month}-${pad2(daysInMonth(year, number))}` as IsoDate };
}
