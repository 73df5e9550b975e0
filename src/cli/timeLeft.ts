import { endedOf } from './progressWords.ts';
import type { PeriodsNow } from './progressNow.ts';

/**
 * Estimates the time for the remaining periods from the median of those seen to end: a period that waits an hour for
 * the portal says little about the others.
 */
export class TimeLeft {
  readonly #running = new Map<string, Date>();
  readonly #seconds: number[] = [];
  /** Periods in progress at a time; fewer at the end do not reduce it. */
  #lanes = 1;

  /** @returns seconds; undefined before the first period has ended, and if none is left */
  see(now: PeriodsNow, at: Date): number | undefined {
    this.#noteEnded(now, at);
    this.#lanes = Math.max(this.#lanes, now.running.length);
    const { progress } = now;
    const median = this.#median();
    if (progress === undefined || median === undefined) return undefined;
    const unended = progress.total - endedOf(now) - progress.notAttempted;
    if (unended <= 0) return undefined;
    const waiting = Math.max(0, unended - now.running.length);
    const begun = now.running.map(({ startedAt }) => Math.max(0, median - secondsBetween(startedAt, at)));
    const work = begun.reduce((sum, seconds) => sum + seconds, waiting * median);
    // Never sooner than the period that is furthest behind.
    return Math.max(work / this.#lanes, ...begun);
  }

  #noteEnded({ running }: PeriodsNow, at: Date): void {
    const ids = new Set(running.map(({ id }) => id));
    for (const [id, startedAt] of this.#running) {
      if (ids.has(id)) continue;
      this.#seconds.push(secondsBetween(startedAt, at));
      this.#running.delete(id);
    }
    for (const { id, startedAt } of running) this.#running.set(id, startedAt);
  }

  #median(): number | undefined {
    const sorted = this.#seconds.toSorted((one, other) => one - other);
    return sorted[Math.floor((sorted.length - 1) / 2)];
  }
}

function secondsBetween(from: Date, to: Date): number {
  return (to.getTime() - from.getTime()) / 1000;
}
