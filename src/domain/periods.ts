import { addDays, type IsoDate } from './dates.ts';
import type { Period } from './periodKinds.ts';
import { reports, type ReportName } from '../reports/index.ts';

export type { Period } from './periodKinds.ts';

/** The period of the report that the day belongs to. */
export function periodContaining(report: ReportName, date: IsoDate): Period {
  return reports[report].period.containing(date);
}

export function periodBefore(report: ReportName, period: Period): Period {
  return periodContaining(report, addDays(period.from, -1));
}

export function periodAfter(report: ReportName, period: Period): Period {
  return periodContaining(report, addDays(period.to, 1));
}

/** The newest period that ended before `day`: the one that a run on that day is for. */
export function duePeriod(report: ReportName, day: IsoDate): Period {
  return periodBefore(report, periodContaining(report, day));
}

/** The due period of `day` and those before it, newest first; `count` in total. */
export function recentPeriods(report: ReportName, day: IsoDate, count: number): Period[] {
  const periods = [duePeriod(report, day)];
  while (periods.length < count) periods.push(periodBefore(report, periods.at(-1)!));
  return periods;
}

/** How many recent periods of each report the daily run loads, and for which reports also the one that has not ended. */
export interface DailyPeriods {
  readonly refreshPeriods: Readonly<Record<ReportName, number>>;
  /** Default: none. */
  readonly currentPeriods?: readonly ReportName[];
}

/** What a daily run of `day` loads of the report, newest first. */
export function dailyPeriods(report: ReportName, day: IsoDate, daily: DailyPeriods): Period[] {
  const recent = recentPeriods(report, day, daily.refreshPeriods[report]);
  return loadsCurrent(report, daily) ? [periodContaining(report, day), ...recent] : recent;
}

export function loadsCurrent(report: ReportName, { currentPeriods = [] }: DailyPeriods): boolean {
  return currentPeriods.includes(report);
}

export function isWholePeriod(report: ReportName, period: Period): boolean {
  const whole = periodContaining(report, period.from);
  return whole.from === period.from && whole.to === period.to;
}

/** The smallest range of whole periods that contains the given range. */
export function wholeRangeAround(report: ReportName, range: Period): Period {
  return { from: periodContaining(report, range.from).from, to: periodContaining(report, range.to).to };
}

/** The whole periods of a range of whole periods, newest first. */
export function periodsNewestFirst(report: ReportName, range: Period): Period[] {
  const periods = [periodContaining(report, range.to)];
  // Requests the previous period only if there is one: no day comes before the year 1000.
  while (periods.at(-1)!.from > range.from) periods.push(periodBefore(report, periods.at(-1)!));
  return periods;
}

/**
 * The periods that should have been loaded by `day` and were not, newest first: those between the first loaded one and
 * the one that is due. If nothing is loaded, nothing is known to be missing.
 */
export function missingPeriods(report: ReportName, loaded: readonly Period[], day: IsoDate): Period[] {
  const starts = loaded.map(({ from }) => from).sort();
  const [first] = starts;
  const due = duePeriod(report, day);
  if (first === undefined || due.from < first) return [];
  const there = new Set(starts);
  return periodsNewestFirst(report, { from: first, to: due.to }).filter(({ from }) => !there.has(from));
}

/** A period's form in workflow ids, messages and file names: `2026-09-01..2026-09-30`. */
export function periodText(period: Period): string {
  return `${period.from}..${period.to}`;
}

/** `YYYY-MM` of the period's start. */
export function yearMonth(period: Period): string {
  return period.from.slice(0, 7);
}
