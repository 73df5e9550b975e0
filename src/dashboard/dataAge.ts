import { countOf } from './figureText.ts';

/** Instants in milliseconds. */
export interface Opened {
  /** When the file was written. */
  readonly writtenAt: number;
  /** What the reader's clock says. */
  readonly now: number;
}

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
/** Clocks of two machines differ by so much without either of them being wrong. */
const toleratedMilliseconds = 5 * minute;
/** Files are written daily: one that seems older was left lying, or the clock is wrong, and no page can tell which. */
const longestDays = 400;
/** A day without a new file may happen; after two, somebody looks at an old copy. */
const oldDays = 2;

/** `12 minutes old`, of the file. */
export function fileAge({ writtenAt, now }: Opened): string {
  if (isBehind({ writtenAt, now })) return 'written later than this computer’s clock says it is';
  return `${passed(now - writtenAt)} old`;
}

/** Whether a newer file should be there. */
export function isOldFile({ writtenAt, now }: Opened): boolean {
  return isBehind({ writtenAt, now }) || now - writtenAt >= oldDays * day;
}

/** `12 minutes old`, of an export in the file; it is at least as old as it was when the file was written. */
export function dataAge(exportedAt: number, { writtenAt, now }: Opened): string {
  if (isBehind({ writtenAt, now })) {
    return `at least ${passed(writtenAt - exportedAt)} old (this computer’s clock is wrong)`;
  }
  return `${passed(Math.max(now, writtenAt) - exportedAt)} old`;
}

function isBehind({ writtenAt, now }: Opened): boolean {
  return now < writtenAt - toleratedMilliseconds;
}

function passed(milliseconds: number): string {
  const time = Math.max(milliseconds, 0);
  if (time < hour) return countOf(Math.floor(time / minute), 'minute');
  if (time < 2 * day) return countOf(Math.floor(time / hour), 'hour');
  if (time < longestDays * day) return countOf(Math.floor(time / day), 'day');
  return `more than ${countOf(longestDays, 'day')}`;
}
