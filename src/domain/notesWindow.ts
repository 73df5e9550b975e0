import { addDays, daysBetween, type IsoDate } from './dates.ts';
import type { Period } from './periods.ts';

/** The number of days in the notes overview, including its last day. */
export const windowDays = 90;

/** The days of the notes overview and how many of them are in loaded billing cycles. */
export interface NotesWindow extends Period {
  readonly loadedDays: number;
}

/**
 * The 90 days that end with the newest loaded billing cycle; null if none is loaded. Pages and the view
 * `v_last_90_days` have this one definition, and a test checks that the two are equal.
 */
export function notesWindow(loadedCycles: readonly Period[]): NotesWindow | null {
  const to = loadedCycles
    .map((cycle) => cycle.to)
    .sort()
    .at(-1);
  if (to === undefined) return null;
  const from = addDays(to, 1 - windowDays);
  const loadedDays = loadedCycles.reduce((days, cycle) => days + overlapDays(cycle, { from, to }), 0);
  return { from, to, loadedDays };
}

function overlapDays(one: Period, other: Period): number {
  const from: IsoDate = one.from > other.from ? one.from : other.from;
  const to: IsoDate = one.to < other.to ? one.to : other.to;
  return Math.max(0, daysBetween(from, to) + 1);
}
