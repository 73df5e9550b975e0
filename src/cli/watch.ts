import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { PipelineError } from '../domain/failures.ts';
import { wouldEmpty } from '../domain/gates.ts';
import { isRunId } from '../domain/runIdentity.ts';
import type { PeriodsProgress } from '../workflows/periodsProgress.ts';
import type { DailyRunResult } from '../workflows/dailyRun.ts';
import type { RunReportResult } from '../workflows/runResult.ts';
import { endedFromOutside, resetOf, type Description } from './endedRuns.ts';
import { exitCodeOfResult } from './exitCodes.ts';
import { print, type OutputOptions } from './output.ts';
import { ProgressBars } from './progressBars.ts';
import { progressNow, type ProgressNow } from './progressNow.ts';
import { withTemporal } from './temporalClient.ts';
import { warningLine } from './warningWords.ts';

// Fast enough to look alive, slow enough to be no load.
const pollMilliseconds = 500;

/** Follows the workflow with this id until it ends. */
export async function watch(id: string, options: OutputOptions): Promise<void> {
  await withTemporal((client) => follow(client.workflow.getHandle(id), options));
}

/** Shows a run until it ends, prints its result and sets the exit code. @throws the run's failure. */
export async function follow(handle: WorkflowHandle, options: OutputOptions): Promise<void> {
  const result = await withBars(handle, options, resultOf(handle));
  print(
    options,
    { workflowId: handle.workflowId, result },
    () => `${handle.workflowId}: ${resultWords(result)}`,
  );
  process.exitCode = exitCodeOfResult(result);
}

/** Bars only on a terminal: not for files, pipes and programs. */
async function withBars(
  handle: WorkflowHandle,
  { json }: OutputOptions,
  result: Promise<unknown>,
): Promise<unknown> {
  if (json === true || !process.stderr.isTTY) return result;
  const bars = new ProgressBars(process.stderr);
  const over = new AbortController();
  const ended = result.finally(() => {
    over.abort();
    bars.stop();
  });
  await Promise.race([ended.catch(() => undefined), showProgress(handle, bars, over.signal)]);
  return ended;
}

/** A run that is reset again and again is being repaired; follow it by its id afterwards. */
const resetsFollowed = 10;

/** A workflow's result; follows it over resets. @throws its failure, or RunEnded if it was ended from outside. */
export async function resultOf(handle: WorkflowHandle): Promise<unknown> {
  let run = handle;
  for (let resets = 0; ; resets += 1) {
    const before = await described(handle);
    try {
      return await run.result();
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw notThere(handle.workflowId);
      if (!(error instanceof WorkflowFailedError)) throw error;
      const next = resets < resetsFollowed ? await resetOf(handle, { error, before }) : undefined;
      if (next === undefined)
        throw (await endedFromOutside(handle, { error, before })) ?? error.cause ?? error;
      console.error(
        `${handle.workflowId} was reset in Temporal and continues as run ${next.runId}; following that one`,
      );
      run = next.handle;
    }
  }
}

async function described(handle: WorkflowHandle): Promise<Description> {
  try {
    return await handle.describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw notThere(handle.workflowId);
    throw error;
  }
}

function notThere(workflowId: string): PipelineError {
  return new PipelineError('InvalidInput', `Temporal knows no ${workflowId}, or has forgotten it`, {
    hint: 'Look at how the last run of each period ended: npm run client -- status',
  });
}

async function showProgress(handle: WorkflowHandle, bars: ProgressBars, over: AbortSignal): Promise<void> {
  // Bounded by the run's own time limit. A loop beyond its end would keep the program from ending.
  while (!over.aborted) {
    const now = await progressOrNone(handle);
    if (now !== undefined && !over.aborted) bars.show(now);
    await sleep(pollMilliseconds);
  }
}

/** The wait for the result reports server errors; until then the bars do not move. */
async function progressOrNone(handle: WorkflowHandle): Promise<ProgressNow | undefined> {
  try {
    return await progressNow(handle);
  } catch {
    return undefined;
  }
}

/** Left out of the line of figures, because they get lines of their own. */
const toldApart: ReadonlySet<string> = new Set(['heldBecause', 'held', 'warnings']);

export function resultWords(result: unknown): string {
  if (typeof result !== 'object' || result === null) return 'ended';
  if (isOfDay(result)) return [periodsLine(result), ...heldPeriodLines(result)].join('\n');
  const words = Object.entries(result)
    .filter(([key, value]) => !toldApart.has(key) && !isEmpty(value))
    .map(([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(', ');
  return [words, ...warningLines(result), ...heldLines(result), ...heldPeriodLines(result)].join('\n');
}

function isOfDay(result: object): result is DailyRunResult {
  return 'day' in result && 'total' in result;
}

/** `3 published, 1 held, of 4 periods due on 2026-11-23; dashboards: written`. */
function periodsLine({ total, done, failed, notAttempted, day, dashboards }: DailyRunResult): string {
  const counts = Object.entries({ ...done, failed, 'not attempted': notAttempted })
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${String(count)} ${outcome}`);
  const ended = total === 0 ? 'no period' : `${counts.join(', ')}, of ${String(total)} periods`;
  const line = `${ended} due on ${day}`;
  return dashboards === undefined ? line : `${line}; dashboards: ${dashboards.kind}`;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function warningLines({ warnings = {} }: Partial<RunReportResult>): string[] {
  return Object.entries(warnings).map(([warning, count]) => warningLine(warning, count));
}

/** Why a run was held, and how to decide it. */
function heldLines({ heldBecause, run }: Partial<RunReportResult>): string[] {
  if (heldBecause === undefined || run === undefined) return [];
  const why = heldBecause.map(({ gate, message }) => `held by ${gate}: ${message}`);
  // Any worker may have written the result: only a valid id may become part of a command.
  if (!isRunId(run)) return why;
  return [
    ...why,
    ...decisionLines(
      run,
      heldBecause.map(({ gate }) => gate),
    ),
  ];
}

/** Approving a run without rows would empty the period, which is hardly what a person wants, so that is not offered. */
function decisionLines(run: string, gates: readonly string[]): string[] {
  const close = `npm run client -- reject ${run} --reason "…"`;
  return wouldEmpty(gates)
    ? [
        `look at what was rejected: npm run client -- rejects ${run}`,
        `close it, since loading it would leave the period without rows: ${close}`,
        'then fix the export or the settings, and run the period again',
      ]
    : [`load it: npm run client -- approve ${run} --reason "…"`, `or close it: ${close}`];
}

/** The periods of a daily run or a backfill that wait for a person. */
function heldPeriodLines({ held = [] }: Partial<PeriodsProgress>): string[] {
  return held.map(({ id, run, gates }) => {
    const word = wouldEmpty(gates) ? 'reject' : 'approve';
    const command = isRunId(run) ? `: npm run client -- ${word} ${run} --reason "…"` : '';
    return `${id} is held by ${gates.join(', ')}${command}`;
  });
}
