import { CancellationScope, setHandler, workflowInfo } from '@temporalio/workflow';
import { parseDecisionInput } from '../domain/inputs.ts';
import type { Decision } from '../domain/publication.ts';
import { workflowFailure } from './runFailure.ts';
import { labelFailure, labelPeriod } from './labels.ts';
import { at } from './prepare.ts';
import type { RunProgress } from './runProgress.ts';
import { conclude, recordFailure, runProgressQuery, type RunReportResult } from './runReport.ts';
import { load, takeDecision } from './activityProxies.ts';

/** Loads exactly what a held run would have loaded, on a person's word. */
export function publishHeld(input?: unknown): Promise<RunReportResult> {
  return carryOut('approve', input);
}

/** Puts an earlier version of a period back and pins it, on a person's word. */
export function rollback(input?: unknown): Promise<RunReportResult> {
  return carryOut('rollback', input);
}

async function carryOut(kind: Decision['kind'], input: unknown): Promise<RunReportResult> {
  const progress: RunProgress = { step: 'takeDecision', made: {} };
  setHandler(runProgressQuery, () => progress);
  try {
    const request = parseDecisionInput(input);
    const { workflowId, runId, startTime } = workflowInfo();
    const workflow = { workflowId, runId, startedAt: startTime.toISOString() };
    const wanted = await takeDecision({ kind, ...request, workflow });
    labelPeriod(wanted.run);
    Object.assign(progress.made, wanted.made);
    at(progress, 'load');
    try {
      return conclude(wanted.run, await load(wanted), progress);
    } catch (error) {
      // A held run stays held; a rollback is a run of its own, with an entry of its own.
      if (kind === 'rollback') {
        await CancellationScope.nonCancellable(() => recordFailure(wanted.run, progress, error));
      }
      throw error;
    }
  } catch (error) {
    labelFailure(error, input);
    throw workflowFailure(error);
  }
}
