import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { SingleBar } from 'cli-progress';
import { PipelineError } from '../domain/failures.ts';
import type { PeriodsProgress } from '../workflows/periodsProgress.ts';
import type { RunProgress } from '../workflows/runProgress.ts';
import type { RunReportResult } from '../workflows/runReport.ts';
import { exitCodeOfResult } from './exitCodes.ts';
import { print, type OutputOptions } from './output.ts';
import { withTemporal } from './session.ts';

// Quick enough to look alive, slow enough not to be a load.
const pollMilliseconds = 500;
const steps = ['planRun', 'loginAndDownload', 'clean', 'categorize', 'aggregate', 'load', 'done'];

/** Follows what runs under a workflow id until it ends. */
export async function watch(id: string, options: OutputOptions): Promise<void> {
  await withTemporal((client) => follow(client.workflow.getHandle(id), options));
}

/** Shows a run until it ends, prints its result and sets the exit code. @throws what the run failed with. */
export async function follow(handle: WorkflowHandle, options: OutputOptions): Promise<void> {
  const bar = startBar(options);
  const over = new AbortController();
  const ended = resultOf(handle).finally(() => {
    over.abort();
    bar?.stop();
  });
  if (bar !== undefined) {
    await Promise.race([ended.catch(() => undefined), showProgress(handle, bar, over.signal)]);
  }
  const result = await ended;
  print(
    options,
    { workflowId: handle.workflowId, result },
    () => `${handle.workflowId}: ${resultWords(result)}`,
  );
  process.exitCode = exitCodeOfResult(result);
}

/** What a workflow ends with. @throws what it failed with. */
export async function resultOf(handle: WorkflowHandle): Promise<unknown> {
  try {
    return await handle.result();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw notThere(handle.workflowId);
    throw error instanceof WorkflowFailedError ? (error.cause ?? error) : error;
  }
}

function notThere(workflowId: string): PipelineError {
  return new PipelineError('InvalidInput', `Temporal knows no ${workflowId}, or has forgotten it`, {
    hint: 'Look at how the last run of each period ended: npm run client -- status',
  });
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

async function showProgress(handle: WorkflowHandle, bar: SingleBar, over: AbortSignal): Promise<void> {
  // Bounded by the run's own time limit. A loop that went on after its end would keep the program from ending.
  while (!over.aborted) {
    const progress = await currentProgress(handle);
    if (progress !== undefined && !over.aborted) showOn(bar, progress);
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

/** Kept from the line of figures, and told in lines of their own. */
const toldApart: ReadonlySet<string> = new Set(['heldBecause', 'held']);

export function resultWords(result: unknown): string {
  if (typeof result !== 'object' || result === null) return 'ended';
  const words = Object.entries(result)
    .filter(([key, value]) => !toldApart.has(key) && !isEmpty(value))
    .map(([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(', ');
  return [words, ...heldLines(result), ...heldPeriodLines(result)].join('\n');
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** Why a run was held, and how that ends. */
function heldLines({ heldBecause, run }: Partial<RunReportResult>): string[] {
  if (heldBecause === undefined || run === undefined) return [];
  return [
    ...heldBecause.map(({ gate, message }) => `held by ${gate}: ${message}`),
    `load it: npm run client -- approve ${run} --reason "…"`,
    `or close it: npm run client -- reject ${run} --reason "…"`,
  ];
}

/** Which periods of a daily run or a backfill wait for a person. */
function heldPeriodLines({ held = [] }: Partial<PeriodsProgress>): string[] {
  return held.map(
    ({ id, run, gates }) =>
      `${id} is held by ${gates.join(', ')}: npm run client -- approve ${run} --reason "…"`,
  );
}
