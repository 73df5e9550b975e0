import { setTimeout as sleep } from 'node:timers/promises';
import type { Stores } from './openStores.ts';

const roundHours = 1;

/** Tidies what was left behind, now and each hour until the signal. `pause` ends early with it. */
export async function tidyLeftBehindUntil(
  { tidyLeftBehind }: Pick<Stores, 'tidyLeftBehind'>,
  signal: AbortSignal,
  pause = untilAborted,
): Promise<void> {
  while (!signal.aborted) {
    await tidyLeftBehind();
    await pause(roundHours * 3_600_000, signal);
  }
}

async function untilAborted(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
}
