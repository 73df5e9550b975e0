import { setTimeout as sleep } from 'node:timers/promises';
import type { Stores } from './openStores.ts';

const roundHours = 1;

/** Moves evidence that a bucket out of reach left on this machine, now and each hour until the signal. */
export async function moveEvidenceUntil(
  { keepEvidenceLeft }: Pick<Stores, 'keepEvidenceLeft'>,
  signal: AbortSignal,
): Promise<void> {
  if (keepEvidenceLeft === undefined) return;
  while (!signal.aborted) {
    await keepEvidenceLeft();
    await sleep(roundHours * 3_600_000, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
