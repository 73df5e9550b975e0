import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from '@temporalio/worker';
import { log } from '../observability/log.ts';

const lookMilliseconds = 1000;

/** Time to log out of the portal and close what is open; after a worker broke, the process may not end by itself. */
const closingSeconds = 60;

export interface RunOptions {
  /** Stops the health check. */
  readonly signal: AbortSignal;
  /** The reason as text, after a worker broke. */
  readonly whyBroken: () => Promise<string>;
}

/**
 * Runs the workers until they are stopped. If one breaks, the others take no more work and the process ends within a
 * minute: a worker that broke cannot run again, and its `run` may never settle (seen when Temporal had lost the
 * namespace).
 * @throws Error with the reason, for the last line of the log
 */
export async function runWorkers(
  workers: readonly Worker[],
  { signal, whyBroken }: RunOptions,
): Promise<void> {
  try {
    await Promise.race([Promise.all(workers.map((worker) => worker.run())), untilBroken(workers, signal)]);
  } catch {
    // The SDK has already logged its own account.
    const message = `this worker ends and has to be started again: ${await whyBroken()}`;
    setTimeout(() => {
      log.fatal(message);
      process.exit(1);
    }, closingSeconds * 1000);
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    throw new Error(message);
  }
}

async function untilBroken(workers: readonly Worker[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (workers.some((worker) => worker.getState() === 'FAILED')) throw new Error('a worker broke');
    await sleep(lookMilliseconds, undefined, { signal }).catch(() => undefined);
  }
}
