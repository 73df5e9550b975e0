import { CancellationScope, isCancellation, log, setCurrentDetails } from '@temporalio/workflow';
import type { GateReason, Outcome, PublishResult } from '../domain/publication.ts';
import type { RunEnd } from '../activities/contracts.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import { warningsOf } from '../domain/warnings.ts';
import { agencyOfRun } from './agencyOfRun.ts';
import { bookkeeping } from './activityProxies.ts';
import { labelOutcome } from './runLabels.ts';
import { knownFailure, type KnownFailure } from './runFailure.ts';
import { describeRun, type MadeSoFar, type RunProgress } from './runProgress.ts';

export interface RunReportResult {
  readonly outcome: Outcome;
  /** The run as the ledger knows it: what `client approve` and `client rejects` take. */
  readonly run: string;
  readonly rowsRead: number;
  /** Rows that the load put into the tables; 0 for a held run. */
  readonly rowsLoaded: number;
  /** Rows that an approval would load; only for a held run. */
  readonly rowsHeld?: number;
  readonly rowsExcluded: number;
  readonly rowsRejected: number;
  /**
   * Number of warnings by kind, e.g. rows of services that no group names; docs/client.md explains each. Left out if
   * there are none.
   */
  readonly warnings?: Readonly<Record<string, number>>;
  /** Rows that the supervisor rule moved to another QP, and their authorized dollars; absent where there are none. */
  readonly rowsMoved?: number;
  readonly dollarsMoved?: string;
  /** Why a held run was not loaded. */
  readonly heldBecause?: readonly GateReason[];
}

/** Reports how a load ended to the Web UI, to searches and to callers that wait for the run. */
export function conclude(
  identity: RunIdentity,
  published: PublishResult,
  progress: RunProgress,
): RunReportResult {
  const outcome = published.kind;
  progress.step = 'done';
  labelOutcome(outcome);
  setCurrentDetails(
    describeRun(progress, { kind: 'loaded', run: identity, published, agency: agencyOfRun() }),
  );
  const warnings = warningsOf(progress.made);
  const { read = 0, loaded = 0, excluded = 0, rejected = 0 } = progress.made.clean?.accounting ?? {};
  return {
    outcome,
    run: identity.runId,
    rowsRead: read,
    ...(outcome === 'held' ? { rowsLoaded: 0, rowsHeld: loaded } : { rowsLoaded: loaded }),
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

/** Records in the ledger and the Web UI how a run ended that could not load, even a cancelled one. */
export async function recordFailure(run: RunIdentity, progress: RunProgress, error: unknown): Promise<void> {
  const failure = isCancellation(error) ? undefined : knownFailure(error);
  const state =
    failure === undefined ? ({ kind: 'cancelled' } as const) : ({ kind: 'failed', failure } as const);
  setCurrentDetails(describeRun(progress, state));
  await recordEnd(finishedRun(run, progress.made, failure));
}

/** Records the end of a run in the ledger, unless it is there already. An unavailable ledger does not fail the run. */
export async function recordEnd(finished: RunEnd): Promise<void> {
  try {
    await CancellationScope.nonCancellable(() => bookkeeping.recordOutcome(finished));
  } catch (ledgerError) {
    // The run's own failure is what matters; Temporal keeps it even where the ledger cannot.
    log.warn('the ledger could not be written', { type: knownFailure(ledgerError).type });
  }
}

function finishedRun(run: RunIdentity, made: MadeSoFar, failure: KnownFailure | undefined): RunEnd {
  return {
    run,
    outcome: failure === undefined ? 'cancelled' : 'failed',
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
  };
}
