import { setTimeout as delay } from 'node:timers/promises';

/** Between two looks at the page: quick at first, since most things are there at once, then easy on the CPU. */
const pauseSteps = [10, 20, 40, 80, 120];

export interface Wait {
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly halt: AbortSignal;
  /** Looks for what means that waiting is in vain, and throws it. Called between looks. */
  readonly onLook: () => Promise<void>;
}

/** Looks until `look` gives a value; undefined once the deadline has passed. Looks at least once. */
export async function waitUntil<T>(look: () => Promise<T | undefined>, wait: Wait): Promise<T | undefined> {
  for (let round = 0; ; round += 1) {
    wait.halt.throwIfAborted();
    const found = await look();
    if (found !== undefined) return found;
    await wait.onLook();
    if (Date.now() >= wait.deadline) return undefined;
    await pause(pauseSteps[Math.min(round, pauseSteps.length - 1)]!, wait.halt);
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
 * The promise's outcome, or the signal's reason as soon as it is aborted. A driver call can hang with its
 * page, so nothing may wait for it alone; its late rejection is taken care of.
 */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
    work.catch(ignoreLate);
  }
}

/** Whether the work ended, well or badly, within the time. */
export async function settledWithin(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(milliseconds, false, { signal: timer.signal }).catch(() => false);
  const settled = await Promise.race([
    work.then(
      () => true,
      () => true,
    ),
    late,
  ]);
  timer.abort();
  return settled;
}

/** The outcome has been decided by someone else; this rejection has nobody left to tell. */
function ignoreLate(): void {}
