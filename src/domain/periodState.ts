import { addDays, dayInZone, instantInZone } from './dates.ts';
import { recentPeriods, type Period } from './periods.ts';
import type { ReportName } from './reports.ts';

/**
 * How a period stands. The view `v_data_status` has the same in its column `state`, and a test holds the two equal.
 *
 * - `not loaded`: the tables hold no figures of it.
 * - `preliminary`: loaded, and the figures may still change by the passing of days.
 * - `settled`: loaded, and they do not.
 * - `stale`: loaded, and the daily run should have confirmed or replaced the figures by now.
 * - `held`: a run waits for a person; figures that are loaded are of an earlier one.
 * - `failed`: the newest run failed; figures that are loaded are of an earlier one.
 */
export const periodStates = ['not loaded', 'preliminary', 'settled', 'stale', 'held', 'failed'] as const;
export type PeriodState = (typeof periodStates)[number];

export interface PeriodFacts {
  /** Whether the tables hold the period: a load of no rows counts. */
  readonly loaded: boolean;
  /** What `isPreliminary` said when the export was taken. */
  readonly preliminary: boolean;
  /** The `Outcome` of the newest run that was not cancelled: a cancelled run leaves the period as it was. */
  readonly newestOutcome: string | null;
  /** Whether a run waits to be approved or rejected. */
  readonly waiting: boolean;
  readonly stale: boolean;
}

/** The most pressing of what is true of the period. */
export function periodState({
  loaded,
  preliminary,
  newestOutcome,
  waiting,
  stale,
}: PeriodFacts): PeriodState {
  if (newestOutcome === 'failed') return 'failed';
  if (waiting) return 'held';
  if (!loaded) return 'not loaded';
  if (stale) return 'stale';
  return preliminary ? 'preliminary' : 'settled';
}

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
  /** How many recent periods the daily run loads, of each report. */
  readonly refreshPeriods: Readonly<Record<ReportName, number>>;
}

/**
 * When figures of this export become stale unless a newer export confirms or replaces them: 36 hours after it was
 * taken, or after the period's end where that is later. ISO 8601; null where the daily run loads the period no more.
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

/** A period of those that a figure is made of. */
export interface SpanPeriod {
  readonly from: string;
  readonly to: string;
  readonly state: PeriodState;
  readonly loaded: boolean;
}

/** How a figure over several periods stands: no better than any of them. */
export interface SpanState {
  /** `preliminary` where some of the periods are loaded and others are not. */
  readonly state: PeriodState;
  /** Periods that the figure should be made of and the tables do not hold, as texts, oldest first. */
  readonly missing: readonly string[];
}

/** The most pressing first. A period that is not loaded makes the whole preliminary, or `not loaded` where none is. */
const byPressure: readonly PeriodState[] = [
  'failed',
  'held',
  'stale',
  'not loaded',
  'preliminary',
  'settled',
];

/** @param periods all that the figure should be made of, loaded or not */
export function spanState(periods: readonly SpanPeriod[]): SpanState {
  const missing = periods
    .filter(({ loaded }) => !loaded)
    .map(({ from, to }) => `${from}..${to}`)
    .sort();
  const worst = byPressure.find((state) => periods.some((period) => period.state === state)) ?? 'not loaded';
  const someLoaded = missing.length < periods.length;
  return { state: worst === 'not loaded' && someLoaded ? 'preliminary' : worst, missing };
}
