import {
  CancellationScope,
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  executeChild,
  isCancellation,
  ParentClosePolicy,
  patched,
  sleep,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { PlannedPeriod, RunEnd } from '../activities/contracts.ts';
import { PipelineError, type FailureType } from '../domain/failures.ts';
import { runReportId } from '../domain/temporalNames.ts';
import { agencyOfRun, priorityOfRun } from './agencyOfRun.ts';
import { blocksLogin, knownFailure } from './runFailure.ts';
import { runReport } from './runReport.ts';
import { recordEnd, type RunReportResult } from './runResult.ts';
import { quick } from './activityProxies.ts';

/** How one period of a daily run or a backfill ended. */
export type PeriodResult =
  | { readonly kind: 'done'; readonly id: string; readonly result: RunReportResult }
  | {
      readonly kind: 'failed';
      readonly id: string;
      readonly type: FailureType;
      readonly message: string;
      /** Whether the login can export no other period until a person acts. */
      readonly blocksLogin: boolean;
      /** Whether someone cancelled or terminated this run without its parent. */
      readonly endedByPerson: boolean;
    }
  | { readonly kind: 'not attempted'; readonly id: string };

/**
 * Runs periods as children, in order, `concurrency` at a time. A failed period does not stop the others, unless the
 * portal refuses the login: then the rest of that login is not attempted, since each attempt could lock the account.
 */
export async function runPeriods(
  periods: readonly PlannedPeriod[],
  { concurrency, runTimeoutHours }: { concurrency: number; runTimeoutHours: number },
  onResult: (result: PeriodResult) => void,
): Promise<void> {
  const queue = [...periods];
  const blocked = new Set<PlannedPeriod['login']>();
  const lane = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const id = runReportId(next.report, next.period, agencyOfRun());
      const result: PeriodResult = blocked.has(next.login)
        ? { kind: 'not attempted', id }
        : await runPeriod(next, id, runTimeoutHours);
      if (result.kind === 'failed' && result.blocksLogin) blocked.add(next.login);
      onResult(result);
    }
  };
  // A cancelled parent waits for all of its children, so that none is left to clean up unseen.
  const lanes = await Promise.allSettled(Array.from({ length: concurrency }, lane));
  const stopped = lanes.find(({ status }) => status === 'rejected');
  if (stopped?.status === 'rejected') throw stopped.reason;
}

async function runPeriod(planned: PlannedPeriod, id: string, runTimeoutHours: number): Promise<PeriodResult> {
  const { report, period, file } = planned;
  let startedAt = '';
  try {
    const result = await onceFree(id, () => {
      startedAt = new Date().toISOString();
      return executeChild(runReport, {
        workflowId: id,
        args: [{ report, from: period.from, to: period.to, file, agency: agencyOfRun() }],
        priority: priorityOfRun(),
        staticSummary: `${report} ${period.from} to ${period.to}`,
        // A run that hangs must not block its period forever.
        workflowExecutionTimeout: `${String(runTimeoutHours)} h` as `${number} h`,
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      });
    });
    return { kind: 'done', id, result };
  } catch (error) {
    if (!isCancellation(error)) {
      const failure = knownFailure(error);
      const { type, message } = failure;
      const child = error instanceof ChildWorkflowFailure ? error : undefined;
      const endedByPerson = child?.cause instanceof TerminatedFailure;
      if (child !== undefined && (endedByPerson || child.cause instanceof TimeoutFailure)) {
        const end = endedByPerson
          ? ({ outcome: 'cancelled' } as const)
          : ({ outcome: 'failed', failureType: type, failureMessage: message } as const);
        await recordServerEnd(child.execution, planned, { startedAt, end });
      }
      return { kind: 'failed', id, type, message, blocksLogin: blocksLogin(failure), endedByPerson };
    }
    if (CancellationScope.current().consideredCancelled) throw error;
    return { kind: 'failed', id, ...cancelledAlone };
  }
}

/**
 * Records the end of a run that the server ended, at its time limit or because a person terminated it: it could record
 * nothing itself.
 */
async function recordServerEnd(
  { workflowId, runId }: ChildWorkflowFailure['execution'],
  { report, period, file }: PlannedPeriod,
  { startedAt, end }: { startedAt: string; end: Pick<RunEnd, 'outcome' | 'failureType' | 'failureMessage'> },
): Promise<void> {
  if (!workflowId || !runId || !patched('record-server-end')) return;
  const source = file === undefined ? 'portal' : 'file';
  await recordEnd({ run: { runId, workflowId, report, period, source, startedAt }, files: {}, ...end });
}

/** The failure of a period that someone cancelled without its parent, which continues but must not end as a success. */
const cancelledAlone = {
  type: 'InvalidInput',
  message: 'the run was cancelled. What to do: if the period is still wanted, start it again',
  blocksLogin: false,
  endedByPerson: true,
} as const;

// Other parents may start the period again while we wait: no more than this want it at once.
const mostStarts = 20;

/** Starts a period's run; if another run of the period is open, waits until that has ended. */
async function onceFree<Result>(id: string, start: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      if (attempt === mostStarts) throw neverFree(id);
      await untilEnded(id);
    }
  }
}

/** A run takes 72 h at most (`runTimeoutHours`). */
const mostHours = 73;

/** Asks the more rarely the longer it takes, so that the history stays short, and holds no worker in between. */
async function untilEnded(workflowId: string): Promise<void> {
  const began = Date.now();
  while (await quick.awaitRun({ workflowId })) {
    const waited = Date.now() - began;
    if (waited > mostHours * 3_600_000) throw stillOpen(workflowId);
    await sleep(Math.min(Math.max(waited / 4, 2_000), 1_800_000));
  }
}

function stillOpen(id: string): PipelineError {
  return new PipelineError('InternalError', `${id} is still open after ${String(mostHours)} hours`, {
    hint: 'See in the Web UI why it does not end, terminate it, and run the period again.',
  });
}

function neverFree(id: string): PipelineError {
  return new PipelineError('InternalError', `${id} was taken by another run ${String(mostStarts)} times`, {
    hint: 'Look in the Web UI who keeps starting this period, and run it again afterwards',
  });
}
