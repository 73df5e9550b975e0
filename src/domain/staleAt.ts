import { addDays, dayInZone, instantInZone } from './dates.ts';
import { recentPeriods, type Period } from './periods.ts';
import type { ReportName } from '../reports/index.ts';

/** A daily run, and half a day for a portal that is slow or was repaired in the morning. */
const staleAfterHours = 36;
const hourMilliseconds = 3_600_000;

export interface Export {
  readonly report: ReportName;
  readonly period: Period;
  /** ISO 8601. */
  readonly exportedAt: string;
}

export interface DailyRuns {
  readonly timeZone: string;
  /** How many recent periods of each report the daily run loads. */
  readonly refreshPeriods: Readonly<Record<ReportName, number>>;
}

/**
 * When figures of this export become stale unless a newer export confirms or replaces them: 36 hours after it was
 * taken, or after the period's end if that is later. ISO 8601; null if the daily run no longer loads the period.
 */
export function staleAt({ report, period, exportedAt }: Export, daily: DailyRuns): string | null {
  const taken = new Date(exportedAt);
  const takenOn = dayInZone(taken, daily.timeZone);
  const open = takenOn <= period.to;
  const nextDay = addDays(open ? period.to : takenOn, 1);
  const loadedNext = recentPeriods(report, nextDay, daily.refreshPeriods[report]);
  if (!loadedNext.some(({ from }) => from === period.from)) return null;
  const since = open ? instantInZone(nextDay, '00:00', daily.timeZone) : taken;
  return new Date(since.getTime() + staleAfterHours * hourMilliseconds).toISOString();
}
