import { addDays, dayInZone, instantInZone } from './dates.ts';
import { dailyPeriods, loadsCurrent, type DailyPeriods, type Period } from './periods.ts';
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

export interface DailyRuns extends DailyPeriods {
  readonly timeZone: string;
}

/**
 * When figures of this export become stale unless a newer export confirms or replaces them: 36 hours after it was
 * taken, or after the period's end if the daily run waits for that. ISO 8601; null if it no longer loads the period.
 */
export function staleAt({ report, period, exportedAt }: Export, daily: DailyRuns): string | null {
  const taken = new Date(exportedAt);
  const takenOn = dayInZone(taken, daily.timeZone);
  const waitsForEnd = takenOn <= period.to && !loadsCurrent(report, daily);
  const nextDay = addDays(waitsForEnd ? period.to : takenOn, 1);
  const loadedNext = dailyPeriods(report, nextDay, daily);
  if (!loadedNext.some(({ from }) => from === period.from)) return null;
  const since = waitsForEnd ? instantInZone(nextDay, '00:00', daily.timeZone) : taken;
  return new Date(since.getTime() + staleAfterHours * hourMilliseconds).toISOString();
}
