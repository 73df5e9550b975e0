import { setTimeout as delay } from 'node:timers/promises';
import pTimeout from 'p-timeout';

/** Between checks of the page. */
const lookPause = { least: 10, most: 250 };

/**
 * Milliseconds until the next look: a fifth of the time waited so far, within bounds. Most things are there at once;
 * what takes a minute may be seen a quarter of a second later, since every look costs CPU here and in the browser.
 */
export function pauseAfter(
  waitedMilliseconds: number,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  return Math.min(Math.max(waitedMilliseconds / 5, least), most);
}

export interface Wait {
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly halt: AbortSignal;
  /** Called between checks. Throws if there is a reason to stop waiting. */
  readonly onLook: () => Promise<void>;
}

/** Calls `look` until it returns a value, at least once; undefined once the deadline has passed. */
export async function waitUntil<T>(look: () => Promise<T | undefined>, wait: Wait): Promise<T | undefined> {
  const began = Date.now();
  for (;;) {
    wait.halt.throwIfAborted();
    const found = await look();
    if (found !== undefined) return found;
    await wait.onLook();
    if (Date.now() >= wait.deadline) return undefined;
    await pause(pauseAfter(Date.now() - began, lookPause), wait.halt);
  }
}

/** @throws the signal's reason. */
export async function pause(milliseconds: number, halt: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal: halt });
  } catch (error) {
    halt.throwIfAborted();
    throw error;
  }
}

/**
 * The promise's outcome, or the signal's reason as soon as it is aborted. A driver call can hang with its page, so it
 * must never be awaited alone; its late rejection is handled.
 */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // If the signal is aborted already, p-timeout leaves the work's own rejection unhandled.
  work.catch(ignoreLate);
  return await pTimeout(work, { milliseconds: Infinity, signal });
}

/** Whether the work ended, well or badly, within the time. */
export async function settledWithin(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const settled = work.then(
    () => true,
    () => true,
  );
  return await pTimeout(settled, { milliseconds, fallback: () => false });
}

/** The outcome is already decided; nothing awaits this rejection. */
function ignoreLate(): void {}
