import { daysInMonth, pad2, parseIsoDate, type IsoDate } from '../domain/dates.ts';
import { notesWindow } from '../domain/notesWindow.ts';
import { periodContaining, yearMonth, type Period } from '../domain/periods.ts';
import type { DashboardDays, ExistingPeriod } from '../domain/dashboardSums.ts';

/** Two years, so that every month has its month of the year before; the page stays small enough to mail. */
export const mostMonths = 24;

/** `YYYY-MM` of an existing month, else undefined. */
export function parseMonth(text: string): string | undefined {
  return /^\d{4}-\d{2}$/.test(text) && parseIsoDate(`${text}-01`) !== undefined ? text : undefined;
}

/**
 * The days that a dashboard shows, by what the tables hold: so many months up to the asked one, else up to the
 * newest, and of the notes the 90 days that end with the last day of the newest loaded period. Undefined where
 * nothing is loaded.
 */
export function dashboardDays(
  periods: readonly ExistingPeriod[],
  lastMonth: string | undefined,
  months = mostMonths,
): DashboardDays | undefined {
  const shown =
    lastMonth === undefined ? periods : periods.filter((period) => yearMonth(period) <= lastMonth);
  const newest = shown.map(yearMonth).sort().at(-1);
  if (newest === undefined) return undefined;
  const recentNotes = notesWindow(shown.filter(({ report }) => report === 'notes'));
  const all = monthsUpTo(newest, months);
  return { months: all, recentNotes, runs: runsShown(all, { recentNotes, lastMonth }) };
}

/** Up to the requested month, else all that has run: a period without loaded figures may have failed. */
function runsShown(
  months: Period,
  { recentNotes, lastMonth }: Pick<DashboardDays, 'recentNotes'> & { readonly lastMonth: string | undefined },
): Period {
  const recentFrom = recentNotes === null ? months.from : periodContaining('notes', recentNotes.from).from;
  return {
    from: recentFrom < months.from ? recentFrom : months.from,
    to: lastMonth === undefined ? ('9999-12-31' as IsoDate) : months.to,
  };
}

function monthsUpTo(month: string, months: number): Period {
  const [year, number] = [Number(month.slice(0, 4)), Number(month.slice(5, 7))];
  const first = year * 12 + (number - 1) - (months - 1);
  const from = `${String(Math.floor(first / 12)).padStart(4, '0')}-${pad2((first % 12) + 1)}-01`;
  return { from: from as IsoDate, to: `${month}-${pad2(daysInMonth(year, number))}` as IsoDate };
}
