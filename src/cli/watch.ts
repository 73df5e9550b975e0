import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { agencyOfId } from '../domain/agencyId.ts';
import { mailsWords } from '../domain/dashboardMails.ts';
import { hintFor, type PipelineError } from '../domain/failures.ts';
import { wouldEmpty } from '../domain/gateReasons.ts';
import { printableLines } from '../domain/printable.ts';
import { isRunId } from '../domain/runIdentity.ts';
import type { PeriodsProgress } from '../workflows/periodsProgress.ts';
import type { DailyRunResult } from '../workflows/dailyRun.ts';
import type { RunReportResult } from '../workflows/runResult.ts';
import { endedFromOutside, resetOf, type Description } from './endedRuns.ts';
import { exitCodeOfResult } from './exitCodes.ts';
import { forHere, print, type OutputOptions } from './output.ts';
import {
  progressDisplay,
  ProgressLines,
  type ProgressDisplay,
  type ProgressLine,
} from './progressDisplay.ts';
import { progressNow } from './progressNow.ts';
import { periodWords } from './progressWords.ts';
import { withTemporal } from './temporalClient.ts';
import { warningLine } from './warningWords.ts';
import { WorkerSilence } from './workerSilence.ts';
import { refused } from './commandErrors.ts';

// Fast enough to look alive, slow enough to be no load.
const pollMilliseconds = 500;

/** Follows the workflow with this id until it ends. */
export async function watch(id: string, options: OutputOptions): Promise<void> {
  await withTemporal((client) => follow(client.workflow.getHandle(id), options));
}

/** Shows a run until it ends, prints its result and sets the exit code. @throws the run's failure. */
export async function follow(handle: WorkflowHandle, options: OutputOptions): Promise<void> {
  const result = await withProgress(handle, options, resultOf(handle));
  print(
    options,
    { workflowId: handle.workflowId, result },
    () => `${handle.workflowId}: ${resultWords(result)}`,
  );
  process.exitCode = exitCodeOfResult(result);
}

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Shows the progress on stderr, but with --json; Ctrl-C ends this program and says that the run goes on. */
async function withProgress(
  handle: WorkflowHandle,
  { json }: OutputOptions,
  result: Promise<unknown>,
): Promise<unknown> {
  const display = json === true ? undefined : progressDisplay(process.stderr);
  const over = new AbortController();
  const end = (signal: NodeJS.Signals) => {
    display?.end();
    console.error(printableLines(forHere(goesOn(handle.workflowId))));
    process.kill(process.pid, signal);
  };
  for (const signal of endings) process.once(signal, end);
  const ended = result.finally(() => {
    over.abort();
    display?.end();
    for (const signal of endings) process.off(signal, end);
  });
  if (display !== undefined) {
    await Promise.race([ended.catch(() => undefined), showProgress(handle, display, over.signal)]);
  }
  return ended;
}

export function goesOn(workflowId: string): string {
  const cancel = hintFor(agencyOfId(workflowId), `npm run client -- cancel ${workflowId} --reason "…"`);
  return [
    `${workflowId} goes on without this command.`,
    `Follow it: npm run client -- watch ${workflowId}`,
    `Cancel it: ${cancel}`,
  ].join('\n');
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

export async function described(handle: WorkflowHandle): Promise<Description> {
  try {
    return await handle.describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw notThere(handle.workflowId);
    throw error;
  }
}

function notThere(workflowId: string): PipelineError {
  return refused(
    `Temporal knows no ${workflowId}, or has forgotten it`,
    'Look at how the last run of each period ended: npm run client -- status',
  );
}

async function showProgress(
  handle: WorkflowHandle,
  display: ProgressDisplay,
  over: AbortSignal,
): Promise<void> {
  const lines = new ProgressLines();
  const silence = new WorkerSilence(handle);
  // Bounded by the run's own time limit. A loop beyond its end would keep the program from ending.
  while (!over.aborted) {
    const shown = await linesNow(handle, lines, silence);
    if (shown !== undefined && !over.aborted) display.show(shown);
    await sleep(pollMilliseconds);
  }
}

/** The wait for the result reports server errors; until then the lines stay as they are. */
async function linesNow(
  handle: WorkflowHandle,
  lines: ProgressLines,
  silence: WorkerSilence,
): Promise<ProgressLine[] | undefined> {
  try {
    const now = await progressNow(handle);
    const at = new Date();
    return lines.lines(now, {
      title: periodWords({ id: handle.workflowId }),
      noWorker: await silence.lasts(now, at),
      at,
    });
  } catch {
    return undefined;
  }
}

/** Left out of the line of figures, because they get lines of their own. */
const linesOfTheirOwn: ReadonlySet<string> = new Set(['heldBecause', 'held', 'warnings']);

export function resultWords(result: unknown): string {
  if (typeof result !== 'object' || result === null) return 'ended';
  if (isOfPeriods(result)) return [periodsLine(result), ...heldPeriodLines(result)].join('\n');
  const line = isOfRun(result) ? runLine(result) : otherLine(result);
  return [line, ...warningLines(result), ...heldLines(result), ...heldPeriodLines(result)].join('\n');
}

function isOfRun(result: object): result is Partial<RunReportResult> {
  return 'outcome' in result;
}

/** `published: 450 read, 447 loaded, 0 excluded, 3 rejected (run 019…)`, as far as the result says it. */
function runLine(result: Partial<RunReportResult>): string {
  const { outcome, run, rowsRead, rowsLoaded, rowsHeld, rowsExcluded, rowsRejected, rowsMoved } = result;
  const dollars = result.dollarsMoved === undefined ? '' : ` (${result.dollarsMoved} dollars)`;
  const counts = Object.entries({
    read: rowsRead,
    loaded: rowsLoaded,
    held: rowsHeld,
    excluded: rowsExcluded,
    rejected: rowsRejected,
    [`moved by the supervisor rule${dollars}`]: rowsMoved,
  }).flatMap(([what, rows]) => (rows === undefined ? [] : [`${String(rows)} ${what}`]));
  const ended = counts.length === 0 ? String(outcome) : `${String(outcome)}: ${counts.join(', ')}`;
  return run === undefined ? ended : `${ended} (run ${run})`;
}

function otherLine(result: object): string {
  return Object.entries(result)
    .filter(([key, value]) => !linesOfTheirOwn.has(key) && !isEmpty(value))
    .map(([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(', ');
}

type PeriodsResult = PeriodsProgress & Partial<DailyRunResult>;

/** Whether this is the result of a daily run or a backfill. */
function isOfPeriods(result: object): result is PeriodsResult {
  return 'total' in result && 'notAttempted' in result;
}

/** `3 published, 1 held, of 4 periods due on 2026-11-23; dashboards: written`. */
function periodsLine({ total, done, failed, notAttempted, day, dashboards, tidy }: PeriodsResult): string {
  const counts = Object.entries({ ...done, failed, 'not attempted': notAttempted })
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${String(count)} ${outcome}`);
  const ended = total === 0 ? 'no period' : `${counts.join(', ')}, of ${String(total)} periods`;
  const line = day === undefined ? ended : `${ended} due on ${day}`;
  const pages =
    dashboards === undefined ? line : `${line}; dashboards: ${dashboards.kind}${mailsAfter(dashboards)}`;
  if (tidy?.kind !== 'failed') return pages;
  return `${pages}\nold files were not all removed, ${tidy.type}: ${tidy.message}`;
}

function mailsAfter(dashboards: NonNullable<DailyRunResult['dashboards']>): string {
  if (!('mails' in dashboards) || dashboards.mails === undefined) return '';
  return `; mails: ${mailsWords(dashboards.mails)}`;
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
