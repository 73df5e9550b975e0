import type { IsoDate } from './dates.ts';

/** A run that a period's history follows from: published, or confirming what was shown. */
export interface HistoryRun {
  readonly runId: string;
  readonly outcome: 'published' | 'unchanged';
  /** The day of its export; null if it was never recorded. */
  readonly day: IsoDate | null;
  /** The run whose figures a rollback put back; null for other runs. */
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
 * published after it (`withdrawnBy`).
 */
export function historyDays(runs: readonly HistoryRun[]): ReadonlyMap<IsoDate, HistoryDay> {
  const days = new Map<IsoDate, HistoryDay>();
  const published: PublishedRun[] = [];
  for (const { runId, outcome, day, restores } of runs) {
    if (outcome === 'published') {
      const withdrawn = restores === null ? [] : withdrawnBy(restores, published);
      for (const [each, { shownBy }] of days) if (withdrawn.includes(shownBy)) days.delete(each);
      published.push({ runId, restores });
    }
    if (day !== null) days.set(day, { file: runId, shownBy: published.at(-1)?.runId ?? runId });
  }
  return days;
}

type PublishedRun = Pick<HistoryRun, 'runId' | 'restores'>;

/**
 * The runs whose figures putting a version back withdraws: those published after it, but none that put the same figures
 * back before.
 * @param published in the order in which they were loaded, without the run that puts it back
 */
export function withdrawnBy(restored: string, published: readonly PublishedRun[]): string[] {
  // By run, the one whose figures it shows: a rollback may put back what another one has put back.
  const origins = new Map<string, string>();
  for (const { runId, restores } of published) {
    origins.set(runId, restores === null ? runId : (origins.get(restores) ?? restores));
  }
  const place = published.findIndex(({ runId }) => runId === restored);
  return published
    .slice(place === -1 ? published.length : place + 1)
    .map(({ runId }) => runId)
    .filter((runId) => origins.get(runId) !== origins.get(restored));
}
