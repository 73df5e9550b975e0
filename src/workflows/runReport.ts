import {
  CancellationScope,
  defineQuery,
  isCancellation,
  log,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { RunPlan } from '../activities/steps.ts';
import { parseRunReportInput, type RunReportInput } from '../domain/inputs.ts';
import type { Outcome, RunIdentity } from '../domain/publication.ts';
import { knownFailure, lostStep, workflowFailure } from './failures.ts';
import { labelFailure } from './labels.ts';
import { searchAttributes } from './searchAttributes.ts';
import { describeRun, type MadeSoFar, type RunProgress } from './runProgress.ts';
import {
  aggregate,
  categorize,
  clean,
  load,
  loginAndDownload,
  planRun,
  recordOutcome,
  takeFile,
} from './steps.ts';

export interface RunReportResult {
  readonly outcome: Outcome;
  readonly rowsRead: number;
  readonly rowsLoaded: number;
  readonly rowsExcluded: number;
  readonly rowsRejected: number;
}

export const runProgressQuery = defineQuery<RunProgress>('progress');

/** One report for one period: from the portal (or a file saved by hand) to the tables. */
export async function runReport(input?: unknown): Promise<RunReportResult> {
  try {
    const request = parseRunReportInput(input);
    return await run(request, identify(request));
  } catch (error) {
    labelFailure(error, input);
    throw workflowFailure(error);
  }
}

async function run(request: RunReportInput, identity: RunIdentity): Promise<RunReportResult> {
  const progress: RunProgress = { step: 'planRun', made: {} };
  setHandler(runProgressQuery, () => progress);
  upsertSearchAttributes([
    { key: searchAttributes.report, value: identity.report },
    { key: searchAttributes.periodStart, value: identity.period.from },
  ]);
  try {
    const plan = await planRun(identity);
    const outcome = await withLostFilesMadeAgain(progress.made, () =>
      runSteps(request, identity, plan, progress),
    );
    return conclude(outcome, progress);
  } catch (error) {
    await CancellationScope.nonCancellable(() => recordFailure(identity, progress, error));
    throw error;
  }
}

/** The procedure. What an earlier attempt made is kept; see `withLostFilesMadeAgain`. */
async function runSteps(
  request: RunReportInput,
  identity: RunIdentity,
  plan: RunPlan,
  progress: RunProgress,
): Promise<Outcome> {
  const { made } = progress;
  const at = (step: string) => {
    progress.step = step;
    setCurrentDetails(describeRun(progress, { kind: 'under way' }));
  };
  at(request.file === undefined ? 'loginAndDownload' : 'takeFile');
  made.export ??= (
    request.file === undefined
      ? await loginAndDownload(identity, plan)
      : await takeFile(identity, request.file)
  ).export;
  at('clean');
  made.clean ??= await clean(identity, { export: made.export });
  at('categorize');
  made.categorize ??= await categorize(identity, { clean: made.clean });
  at('aggregate');
  made.aggregate ??= await aggregate(identity, { categorize: made.categorize });
  at('load');
  const { export: file, clean: cleaned, categorize: categorized, aggregate: aggregated } = made;
  const result = await load(identity, {
    export: file,
    clean: cleaned,
    categorize: categorized,
    aggregate: aggregated,
  });
  at('done');
  return result.kind;
}

/** A step that does not find an earlier step's file says which; that step and those after it run again, once. */
async function withLostFilesMadeAgain(made: MadeSoFar, steps: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await steps();
  } catch (error) {
    const lost = lostStep(error);
    if (lost === undefined) throw error;
    log.warn('a file was lost; the step that made it runs again', { step: lost });
    forgetFrom(lost, made);
    return steps();
  }
}

const stepOrder = ['export', 'clean', 'categorize', 'aggregate'] as const;

function forgetFrom(step: string, made: MadeSoFar): void {
  const from = stepOrder.findIndex((name) => name === step);
  // loginAndDownload and takeFile both make the export.
  for (const name of stepOrder.slice(Math.max(from, 0))) delete made[name];
}

function conclude(outcome: Outcome, progress: RunProgress): RunReportResult {
  upsertSearchAttributes([{ key: searchAttributes.outcome, value: outcome }]);
  setCurrentDetails(describeRun(progress, { kind: 'ended', outcome }));
  const { made } = progress;
  const { read = 0, loaded = 0, excluded = 0, rejected = 0 } = made.clean?.accounting ?? {};
  return { outcome, rowsRead: read, rowsLoaded: loaded, rowsExcluded: excluded, rowsRejected: rejected };
}

async function recordFailure(identity: RunIdentity, progress: RunProgress, error: unknown): Promise<void> {
  const outcome = isCancellation(error) ? 'cancelled' : 'failed';
  const failure = isCancellation(error) ? undefined : knownFailure(error);
  setCurrentDetails(
    describeRun(progress, failure === undefined ? { kind: 'ended', outcome } : { kind: 'failed', failure }),
  );
  const { made } = progress;
  try {
    await recordOutcome({
      run: identity,
      outcome,
      ...(failure === undefined ? {} : { failureType: failure.type, failureMessage: failure.message }),
      ...(made.clean === undefined
        ? {}
        : {
            counts: {
              accounting: made.clean.accounting,
              movedToLincs: made.clean.movedToLincs,
              warnings: {},
            },
          }),
      ...(made.export === undefined ? {} : { versions: { exportSha256: made.export.sha256 } }),
    });
  } catch (ledgerError) {
    // The run's own failure is what matters; Temporal keeps it even where the ledger cannot.
    log.warn('the ledger could not be written', { type: knownFailure(ledgerError).type });
  }
}

function identify(request: RunReportInput): RunIdentity {
  const { runId, workflowId, startTime } = workflowInfo();
  return {
    runId,
    workflowId,
    report: request.report,
    period: request.period,
    source: request.file === undefined ? 'portal' : 'file',
    startedAt: startTime.toISOString(),
  };
}
