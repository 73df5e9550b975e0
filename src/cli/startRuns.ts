import { WorkflowExecutionAlreadyStartedError, type Client, type WorkflowHandle } from '@temporalio/client';
import { agencyHere } from '../config.ts';
import { agencyId } from '../domain/agencyId.ts';
import { parseBackfillInput, parseDailyRunInput, parseRunReportInput } from '../domain/inputs.ts';
import { keptRunNamedBy } from '../domain/runIdentity.ts';
import { backfillId, runReportId, taskQueues } from '../domain/temporalNames.ts';
import { periodsNewestFirst, periodText } from '../domain/periods.ts';
import { handIn, type HandedIn } from './handIn.ts';
import { print, type OutputOptions } from './output.ts';
import { withTemporal } from './temporalClient.ts';
import { follow } from './watch.ts';
import { refused } from './commandErrors.ts';
import { fromOptions } from './fromOptions.ts';

export interface StartOptions extends OutputOptions {
  /** False with --no-wait: start it and return. */
  readonly wait: boolean;
}

export interface Start {
  readonly workflowType: string;
  /** Without the agency. */
  readonly workflowId: string;
  readonly input: Record<string, unknown>;
  readonly summary: string;
}

/** One period, from the portal or from a file. */
export interface PeriodOptions {
  readonly from: string;
  readonly to: string;
  readonly file?: string;
  /** Load again although nothing has changed. */
  readonly force?: boolean;
}

/** The input of `runReport` and `preview`. @throws PipelineError InvalidInput. */
export async function onePeriod(report: string, options: PeriodOptions) {
  const force = options.force === true ? { force: true } : {};
  const asked = { report, from: options.from, to: options.to, ...force };
  const given = options.file === undefined ? asked : { ...asked, file: options.file };
  const { report: name, period } = fromOptions(() => parseRunReportInput(given));
  const file = options.file === undefined ? undefined : await fileArgument(options.file);
  const input = file === undefined ? asked : { ...asked, file: file.path };
  return { name, period, input, tidy: file?.remove ?? (() => Promise.resolve()) };
}

export async function startRun(report: string, options: StartOptions & PeriodOptions): Promise<void> {
  const { name, period, input, tidy } = await onePeriod(report, options);
  try {
    await startAndFollow(options, {
      workflowType: 'runReport',
      workflowId: runReportId(name, period),
      input,
      summary: `${name} ${periodText(period)}`,
    });
  } finally {
    // Without waiting, the run may not have read the copy yet: a worker removes it four days later.
    if (options.wait) await tidy();
  }
}

/** `run:<run id>` names no file of this machine. */
async function fileArgument(file: string): Promise<HandedIn> {
  return keptRunNamedBy(file) === undefined ? handIn(file) : { path: file, remove: () => Promise.resolve() };
}

export async function startDaily(
  options: StartOptions & { day?: string; reports?: string[] },
): Promise<void> {
  const input = {
    ...(options.day === undefined ? {} : { day: options.day }),
    ...(options.reports === undefined ? {} : { reports: options.reports }),
  };
  fromOptions(() => parseDailyRunInput(input));
  await startAndFollow(options, {
    workflowType: 'dailyRun',
    workflowId: `daily:${options.day ?? 'today'}`,
    input,
    summary: `the reports due ${options.day ?? 'today'}`,
  });
}

export async function startBackfill(
  report: string,
  options: StartOptions & { from: string; to: string; concurrency?: number; dryRun?: boolean },
): Promise<void> {
  const concurrency = options.concurrency === undefined ? {} : { concurrency: options.concurrency };
  const input = { report, from: options.from, to: options.to, ...concurrency };
  const { report: name, range } = fromOptions(() => parseBackfillInput(input));
  if (options.dryRun === true) {
    const periods = periodsNewestFirst(name, range).map(periodText);
    print(options, { report: name, periods }, () =>
      [`would run ${String(periods.length)} periods of ${name}, newest first:`, ...periods].join('\n'),
    );
    return;
  }
  await startAndFollow(options, {
    workflowType: 'backfill',
    workflowId: backfillId(name, range),
    input,
    summary: `backfill ${name} ${periodText(range)}`,
  });
}

/** Starts a workflow once and, by default, follows it to its end. */
export async function startAndFollow(options: StartOptions, start: Start): Promise<void> {
  await withTemporal(async (client) => {
    const handle = await startOnce(client, start);
    if (options.wait) {
      await follow(handle, options);
      return;
    }
    print(options, { workflowId: handle.workflowId }, () => `started ${handle.workflowId}`);
  });
}

/**
 * A run that hangs must not keep its period forever: these are the longest limits that pipeline.yaml allows a daily run
 * and its runs. The end of a backfill or of a round of sources would end their runs too, each of which has its limit.
 */
const timeLimits: Readonly<Record<string, '72 h' | '168 h'>> = {
  runReport: '72 h',
  preview: '72 h',
  publishHeld: '72 h',
  rollback: '72 h',
  dailyRun: '168 h',
};

/** Starts a workflow for the agency here. @throws WorkflowExecutionAlreadyStartedError */
export function startWorkflow(client: Client, start: Start): Promise<WorkflowHandle> {
  const agency = agencyHere();
  return client.workflow.start(start.workflowType, {
    workflowId: agencyId(agency, start.workflowId),
    taskQueue: taskQueues.pipeline,
    args: [{ ...start.input, agency }],
    staticSummary: start.summary,
    workflowExecutionTimeout: timeLimits[start.workflowType],
  });
}

/** @throws PipelineError InvalidInput if it is already running. */
export async function startOnce(client: Client, start: Start): Promise<WorkflowHandle> {
  try {
    return await startWorkflow(client, start);
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const workflowId = agencyId(agencyHere(), start.workflowId);
    throw refused(
      `${workflowId} is running already`,
      `Follow it with: npm run client -- watch ${workflowId}`,
    );
  }
}
