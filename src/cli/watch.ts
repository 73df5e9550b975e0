import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { SingleBar } from 'cli-progress';
import type { PeriodsProgress } from '../workflows/periodsProgress.ts';
import type { RunProgress } from '../workflows/runProgress.ts';
import type { RunReportResult } from '../workflows/runReport.ts';
import { print, type OutputOptions } from './output.ts';

// Quick enough to look alive, slow enough not to be a load.
const pollMilliseconds = 500;
const steps = ['planRun', 'loginAndDownload', 'clean', 'categorize', 'aggregate', 'load', 'done'];

/** Shows a run until it ends, and prints its result. @throws what the run failed with. */
export async function follow(handle: WorkflowHandle, options: OutputOptions): Promise<void> {
  const bar = startBar(options);
  const ended = resultOf(handle).finally(() => bar?.stop());
  if (bar !== undefined) await Promise.race([ended.catch(() => undefined), showProgress(handle, bar)]);
  const result = await ended;
  print(
    options,
    { workflowId: handle.workflowId, result },
    () => `${handle.workflowId}: ${resultWords(result)}`,
  );
}

/** What a workflow ends with. @throws what it failed with. */
export async function resultOf(handle: WorkflowHandle): Promise<unknown> {
  try {
    return await handle.result();
  } catch (error) {
    throw error instanceof WorkflowFailedError ? (error.cause ?? error) : error;
  }
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
  const words = Object.entries(result)
    .filter(([key, value]) => key !== 'heldBecause' && !isEmpty(value))
    .map(([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(', ');
  return [words, ...heldLines(result)].join('\n');
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** Why a run was held, and how that ends. */
function heldLines(result: Partial<RunReportResult>): string[] {
  const { heldBecause, run } = result;
  if (heldBecause === undefined || run === undefined) return [];
  return [
    ...heldBecause.map(({ gate, message }) => `held by ${gate}: ${message}`),
    `load it: npm run client -- approve ${run} --reason "…"`,
    `or close it: npm run client -- reject ${run} --reason "…"`,
  ];
}
