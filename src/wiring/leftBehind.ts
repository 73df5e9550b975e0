import { setTimeout as sleep } from 'node:timers/promises';
import type { Stores } from './openStores.ts';

const roundHours = 1;

/** Tidies what was left behind, now and each hour until the signal. */
export async function tidyLeftBehindUntil(
  { tidyLeftBehind }: Pick<Stores, 'tidyLeftBehind'>,
  signal: AbortSignal,
): Promise<void> {
  if (tidyLeftBehind === undefined) return;
  while (!signal.aborted) {
    await tidyLeftBehind();
    await sleep(roundHours * 3_600_000, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
