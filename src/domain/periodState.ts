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
