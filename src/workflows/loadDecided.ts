import { workflowInfo } from '@temporalio/workflow';
import { parseDecisionInput } from '../domain/inputs.ts';
import type { Decision } from '../domain/publication.ts';
import { quick, warehouse } from './activityProxies.ts';
import { labelPeriod } from './runLabels.ts';
import { withRunHandling } from './runHandling.ts';
import { newRunProgress, stepsOf } from './runProgress.ts';
import { conclude, recordFailure, type RunReportResult } from './runResult.ts';

/** Loads exactly what a held run would have loaded, because a person approved it. */
export function publishHeld(input?: unknown): Promise<RunReportResult> {
  return carryOut('approve', input);
}

/** Puts an earlier version of a period back and pins it, because a person decided so. */
export function rollback(input?: unknown): Promise<RunReportResult> {
  return carryOut('rollback', input);
}

function carryOut(kind: Decision['kind'], input: unknown): Promise<RunReportResult> {
  const progress = newRunProgress('takeDecision');
  return withRunHandling({ input, progress: () => progress }, async () => {
    const request = parseDecisionInput(input);
    const { workflowId, runId, startTime } = workflowInfo();
    const workflow = { workflowId, runId, startedAt: startTime.toISOString() };
    const wanted = await quick.takeDecision({ kind, ...request, workflow });
    progress.report = wanted.run.report;
    labelPeriod(wanted.run);
    Object.assign(progress.made, wanted.made);
    const step = stepsOf(progress);
    try {
      return conclude(wanted.run, await step(warehouse.load, wanted), progress);
    } catch (error) {
      // A held run stays held; a rollback is a run of its own, with an entry of its own.
      if (kind === 'rollback') await recordFailure(wanted.run, progress, error);
      throw error;
    }
  });
}
