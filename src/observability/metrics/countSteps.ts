import { endsRun, finishedBy, resultOf } from '../stepObserver/stepFacts.ts';
import type { StepAttempt, StepObserver } from '../stepObserver/stepAttempt.ts';
import { isFailureType } from '../../domain/failures.ts';
import { isRefusedForItsInput } from '../../domain/publication.ts';
import { agencyNamedIn } from '../../domain/agencyId.ts';
import type { PipelineMetrics, ReportOf } from './pipelineMetrics.ts';

export interface AgenciesCounted {
  /** Whether there is an agency of that id: anyone who starts a run could make up others, each with its series. */
  has(id: string): boolean;
  runEnded(id: string): void;
}

/** Counts the results of this worker's steps: the only input of the step metrics. */
export function countSteps(metrics: PipelineMetrics, agencies: AgenciesCounted): StepObserver {
  const begun = new Set<string>();
  return (attempt) => {
    const { step, end, seconds, subject } = attempt;
    metrics.timeStep(step, end.kind, seconds);
    if (end.kind === 'failed') metrics.countStepFailure(step, end.type);
    const agency = agencyNamedIn(attempt.input);
    if (agency !== undefined && !agencies.has(agency)) return;
    if (agency !== undefined && !begun.has(agency)) metrics.startAtZero(agency);
    if (agency !== undefined) begun.add(agency);
    if (subject === undefined) return;
    countFor({ agency, report: subject.report }, attempt, metrics);
    if (agency !== undefined && endsRun(attempt)) agencies.runEnded(agency);
  };
}

function countFor(of: ReportOf, attempt: StepAttempt, metrics: PipelineMetrics): void {
  const cleaned = resultOf('clean', attempt);
  if (cleaned !== undefined) metrics.countRead(of, cleaned.accounting);
  const load = resultOf('load', attempt);
  if (load !== undefined) metrics.countRun(of, load.kind);
  if (load?.kind === 'published') metrics.countLoaded(of, load.rows);
  const finished = finishedBy(attempt);
  if (finished === undefined || isRefusedForItsInput(finished, new Date())) return;
  metrics.countRun(of, finished.outcome);
  if (isFailureType(finished.failureType)) metrics.countRunFailure(of, finished.failureType);
}
