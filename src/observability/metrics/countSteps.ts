import { finishedBy, resultOf } from '../watch/stepFacts.ts';
import type { StepAttempt, StepObserver } from '../watch/stepAttempt.ts';
import { isFailureType } from '../../domain/failures.ts';
import type { ReportName } from '../../reports/index.ts';
import type { PipelineMetrics } from './pipelineMetrics.ts';

/** Counts the results of this worker's steps: the only input of the step metrics. */
export function countSteps(metrics: PipelineMetrics): StepObserver {
  return (attempt) => {
    const { step, end, seconds, subject } = attempt;
    metrics.timeStep(step, end.kind, seconds);
    if (end.kind === 'failed') metrics.countStepFailure(step, end.type);
    if (subject !== undefined) countFor(subject.report, attempt, metrics);
  };
}

function countFor(report: ReportName, attempt: StepAttempt, metrics: PipelineMetrics): void {
  const cleaned = resultOf('clean', attempt);
  if (cleaned !== undefined) metrics.countRead(report, cleaned.accounting);
  const load = resultOf('load', attempt);
  if (load !== undefined) metrics.countRun(report, load.kind);
  if (load?.kind === 'published') metrics.countLoaded(report, load.rows);
  const finished = finishedBy(attempt);
  if (finished === undefined) return;
  metrics.countRun(report, finished.outcome);
  if (isFailureType(finished.failureType)) metrics.countRunFailure(report, finished.failureType);
}
