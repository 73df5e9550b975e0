import type { FinishedRun } from '../../domain/publication.ts';
import type { Activities, ActivityName } from '../../activities/index.ts';
import type { StepAttempt } from './stepAttempt.ts';

type ResultOf<Step extends ActivityName> = Awaited<ReturnType<Activities[Step]>>;

/** The result of a step; undefined if the attempt is of another step or did not succeed. */
export function resultOf<Step extends ActivityName>(
  step: Step,
  attempt: StepAttempt,
): ResultOf<Step> | undefined {
  return attempt.step === step && attempt.end.kind === 'done'
    ? (attempt.end.result as ResultOf<Step>)
    : undefined;
}

/** The steps that write the end of a run into the ledger. */
const lastSteps: ReadonlySet<string> = new Set<ActivityName>(['load', 'recordOutcome']);

/** Whether the attempt has written the end of a run into the ledger. */
export function endsRun({ step, end }: StepAttempt): boolean {
  return end.kind === 'done' && lastSteps.has(step);
}

/** How a run ended that did not change the tables; undefined unless the attempt is the first one to record it. */
export function finishedBy(attempt: StepAttempt): FinishedRun | undefined {
  return attempt.step === 'recordOutcome' && attempt.attempt === 1
    ? (attempt.input as FinishedRun)
    : undefined;
}

/** What is worth logging: counts and outcomes, never a cell, a file's path or an amount. */
export function factsOf(attempt: StepAttempt): Readonly<Record<string, unknown>> {
  const exported = resultOf('loginAndDownload', attempt) ?? resultOf('takeFile', attempt);
  if (exported !== undefined && 'loginInUse' in exported) return { loginInUse: exported.loginInUse };
  if (exported !== undefined) return { records: exported.file.rows, bytes: exported.file.bytes };
  const cleaned = resultOf('clean', attempt);
  if (cleaned !== undefined) {
    const { read, loaded: kept, excluded, rejected } = cleaned.accounting;
    return { read, kept, excluded, rejected };
  }
  const published = resultOf('load', attempt);
  if (published !== undefined) {
    return published.kind === 'published'
      ? { outcome: published.kind, rows: published.rows, replacedRows: published.replacedRows }
      : { outcome: published.kind };
  }
  const finished = finishedBy(attempt);
  if (finished === undefined) return {};
  const { outcome, failureType } = finished;
  return failureType === undefined ? { outcome } : { outcome, failureType };
}
