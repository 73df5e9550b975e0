import type { IsoDate } from './dates.ts';

/** A run that a period's history follows from: published, or confirming what was shown. */
export interface HistoryRun {
  readonly runId: string;
  readonly outcome: 'published' | 'unchanged';
  /** The day of its export; null if it was never recorded. */
  readonly day: IsoDate | null;
  /** For a rollback: the run whose figures it put back. */
  readonly restores: string | null;
}

/** Whose row file has a day's figures, and the published run that they are of. */
export interface HistoryDay {
  readonly file: string;
  readonly shownBy: string;
}

/**
 * What a period's history must say, from its runs in the order in which they were loaded: a later load of a day
 * replaces an earlier one, a run without changes adds its day, and putting a version back withdraws those
 * published after it.
 */
export function historyDays(runs: readonly HistoryRun[]): ReadonlyMap<IsoDate, HistoryDay> {
  const days = new Map<IsoDate, HistoryDay>();
  const published: string[] = [];
  for (const { runId, outcome, day, restores } of runs) {
    if (outcome === 'published') {
      const restored = restores === null ? -1 : published.indexOf(restores);
      const withdrawn = restored === -1 ? [] : published.slice(restored + 1);
      for (const [each, { shownBy }] of days) if (withdrawn.includes(shownBy)) days.delete(each);
      published.push(runId);
    }
    if (day !== null) days.set(day, { file: runId, shownBy: published.at(-1) ?? runId });
  }
  return days;
}
