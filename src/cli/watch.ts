import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { SingleBar } from 'cli-progress';
import type { PeriodsProgress } from '../workflows/periodsProgress.ts';
import type { RunProgress } from '../workflows/runProgress.ts';
import { print, type OutputOptions } from './output.ts';

// Quick enough to look alive, slow enough not to be a load.
const pollMilliseconds = 500;
const steps = ['planRun', 'loginAndDownload', 'clean', 'categorize', 'aggregate', 'load', 'done'];

/** Shows a run until it ends, and prints its result. @throws what the run failed with. */
export async function follow(handle: WorkflowHandle, options: OutputOptions): Promise<void> {
  const bar = startBar(options);
  const ended = handle.result().finally(() => bar?.stop());
  if (bar !== undefined) await Promise.race([ended.catch(() => undefined), showProgress(handle, bar)]);
  const result: unknown = await ended.catch((error: unknown) => {
    throw error instanceof WorkflowFailedError ? (error.cause ?? error) : error;
  });
  print(
    options,
    { workflowId: handle.workflowId, result },
    () => `${handle.workflowId}: ${resultWords(result)}`,
  );
}

function startBar({ json }: OutputOptions): SingleBar | undefined {
  // A bar is for eyes: not for files, pipes and programs.
  if (json === true || !process.stderr.isTTY) return undefined;
  const bar = new SingleBar({
    format: '{bar} {value}/{total} {what}',
    hideCursor: true,
    stream: process.stderr,
  });
  bar.start(1, 0, { what: 'starting' });
  return bar;
}

async function showProgress(handle: WorkflowHandle, bar: SingleBar): Promise<void> {
  // Ends with the race above: the run's own time limit bounds it.
  for (;;) {
    const progress = await currentProgress(handle);
    if (progress !== undefined) showOn(bar, progress);
    await sleep(pollMilliseconds);
  }
}

type Progress = RunProgress | PeriodsProgress;

async function currentProgress(handle: WorkflowHandle): Promise<Progress | undefined> {
  try {
    return await handle.query<Progress | undefined>('progress');
  } catch {
    // No worker answers at the moment; the bar stands still until one does.
    return undefined;
  }
}

function showOn(bar: SingleBar, progress: Progress): void {
  if ('step' in progress) {
    bar.setTotal(steps.length - 1);
    bar.update(Math.max(0, steps.indexOf(progress.step)), { what: progress.step });
    return;
  }
  const done = Object.values(progress.done).reduce((sum, count) => sum + count, 0);
  bar.setTotal(progress.total);
  bar.update(done + progress.failed, { what: `periods, ${String(progress.failed)} failed` });
}

function resultWords(result: unknown): string {
  if (typeof result !== 'object' || result === null) return 'ended';
  return Object.entries(result)
    .filter(([, value]) => typeof value !== 'object' || Object.keys(value as object).length > 0)
    .map(([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(', ');
}
