/**
 * The state of a period. The view `v_data_status` has the same in its column `state`, and a test checks that the two
 * are equal.
 *
 * - `not loaded`: the tables hold no figures of it.
 * - `preliminary`: loaded, and the passing of days alone may still change the figures.
 * - `settled`: loaded, and it no longer can.
 * - `stale`: loaded, and the daily run should have confirmed or replaced the figures by now.
 * - `held`: a run waits for a person; any loaded figures are an earlier run's.
 * - `failed`: the newest run failed; any loaded figures are an earlier run's.
 */
export const periodStates = ['not loaded', 'preliminary', 'settled', 'stale', 'held', 'failed'] as const;
export type PeriodState = (typeof periodStates)[number];

export interface PeriodFacts {
  /** Whether the tables hold the period: a load of no rows counts. */
  readonly loaded: boolean;
  /** The result of `isPreliminary` when the export was taken. */
  readonly preliminary: boolean;
  /** The `Outcome` of the newest run that was not cancelled: a cancelled run leaves the period as it was. */
  readonly newestOutcome: string | null;
  /** Whether a run waits for approval or rejection. */
  readonly waiting: boolean;
  readonly stale: boolean;
}

/** The most urgent state that applies to the period. */
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

/** One of the periods that make up a figure. */
export interface SpanPeriod {
  readonly from: string;
  readonly to: string;
  readonly state: PeriodState;
  readonly loaded: boolean;
}

/** The state of a figure over several periods: no better than any of them. */
export interface SpanState {
  /** `preliminary` if some of the periods are loaded and others are not. */
  readonly state: PeriodState;
  /** Periods that belong to the figure and are not loaded, as texts, oldest first. */
  readonly missing: readonly string[];
}

/** The most urgent first. A period that is not loaded makes the whole preliminary, or `not loaded` if none is. */
const byPressure: readonly PeriodState[] = [
  'failed',
  'held',
  'stale',
  'not loaded',
  'preliminary',
  'settled',
];

/** @param periods all that belong to the figure, loaded or not */
export function spanState(periods: readonly SpanPeriod[]): SpanState {
  const missing = periods
    .filter(({ loaded }) => !loaded)
    .map(({ from, to }) => `${from}..${to}`)
    .sort();
  const worst = byPressure.find((state) => periods.some((period) => period.state === state)) ?? 'not loaded';
  const someLoaded = missing.length < periods.length;
  return { state: worst === 'not loaded' && someLoaded ? 'preliminary' : worst, missing };
}
