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
import { parseRunReportInput, type RunReportInput } from '../domain/inputs.ts';
import type { GateReason, Outcome, PublishResult } from '../domain/publication.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import { warningsOf } from '../domain/warnings.ts';
import { knownFailure, workflowFailure } from './runFailure.ts';
import { labelFailure, labelPeriod } from './labels.ts';
import { at, prepare, withLostFilesMadeAgain } from './prepare.ts';
import { searchAttributes } from './searchAttributes.ts';
import { describeRun, type RunProgress } from './runProgress.ts';
import { load, planRun, recordOutcome } from './activityProxies.ts';

export interface RunReportResult {
  readonly outcome: Outcome;
  /** The run as the ledger knows it: what `client approve` and `client rejects` take. */
  readonly run: string;
  readonly rowsRead: number;
  readonly rowsLoaded: number;
  readonly rowsExcluded: number;
  readonly rowsRejected: number;
  /** Per kind, e.g. rows of services that no group names; docs/client.md says what each means. Left out where there are none. */
  readonly warnings?: Readonly<Record<string, number>>;
  /** Rows that the supervisor rule moved to another QP, and their authorized dollars; absent where there are none. */
  readonly rowsMoved?: number;
  readonly dollarsMoved?: string;
  /** Why a held run was not loaded. */
  readonly heldBecause?: readonly GateReason[];
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
  labelPeriod(identity);
  try {
    const plan = await planRun(identity);
    const published = await withLostFilesMadeAgain(progress.made, async () => {
      const made = await prepare(request, identity, plan, progress);
      at(progress, 'load');
      return load({ run: identity, made, ...(request.force === true ? { force: true } : {}) });
    });
    at(progress, 'done');
    return conclude(identity, published, progress);
  } catch (error) {
    await CancellationScope.nonCancellable(() => recordFailure(identity, progress, error));
    throw error;
  }
}

/** How a load ended, for the Web UI, for searches and for whoever waits for the run. */
export function conclude(
  identity: RunIdentity,
  published: PublishResult,
  progress: RunProgress,
): RunReportResult {
  const outcome = published.kind;
  upsertSearchAttributes([{ key: searchAttributes.outcome, value: outcome }]);
  setCurrentDetails(describeRun(progress, { kind: 'loaded', run: identity, published }));
  const warnings = warningsOf(progress.made);
  const { read = 0, loaded = 0, excluded = 0, rejected = 0 } = progress.made.clean?.accounting ?? {};
  return {
    outcome,
    run: identity.runId,
    rowsRead: read,
    rowsLoaded: loaded,
    rowsExcluded: excluded,
    rowsRejected: rejected,
    ...(Object.keys(warnings).length === 0 ? {} : { warnings }),
    ...moved(progress),
    ...(published.kind === 'held' ? { heldBecause: published.reasons } : {}),
  };
}

function moved({ made: { clean } }: RunProgress): Pick<RunReportResult, 'rowsMoved' | 'dollarsMoved'> {
  if (clean === undefined || clean.movedToLincs === 0) return {};
  const { movedToLincs: rowsMoved, movedDollars: dollarsMoved } = clean;
  return { rowsMoved, ...(dollarsMoved === undefined ? {} : { dollarsMoved }) };
}

/** Leaves in the ledger what became of a run that could not load. */
export async function recordFailure(
  identity: RunIdentity,
  progress: RunProgress,
  error: unknown,
): Promise<void> {
  const outcome = isCancellation(error) ? 'cancelled' : 'failed';
  const failure = isCancellation(error) ? undefined : knownFailure(error);
  setCurrentDetails(
    describeRun(progress, failure === undefined ? { kind: 'cancelled' } : { kind: 'failed', failure }),
  );
  const { made } = progress;
  try {
    await recordOutcome({
      run: identity,
      outcome,
      files: made,
      ...(failure === undefined ? {} : { failureType: failure.type, failureMessage: failure.message }),
      ...(made.clean === undefined
        ? {}
        : {
            counts: {
              accounting: made.clean.accounting,
              movedToLincs: made.clean.movedToLincs,
              ...(made.clean.movedDollars === undefined ? {} : { movedDollars: made.clean.movedDollars }),
              warnings: warningsOf(made),
            },
          }),
      ...(made.export === undefined
        ? {}
        : { versions: { exportSha256: made.export.file.sha256 }, exportedAt: made.export.exportedAt }),
    });
  } catch (ledgerError) {
    // The run's own failure is what matters; Temporal keeps it even where the ledger cannot.
    log.warn('the ledger could not be written', { type: knownFailure(ledgerError).type });
  }
}

/** The run that this workflow is. */
export function identify(request: RunReportInput): RunIdentity {
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
