import { isFailureType, PipelineError } from '../domain/failures.ts';
import type { PeriodsProgress } from './periodsProgress.ts';

// A failure's message is read in a list; the others are in the current details.
const failuresInMessage = 5;

/**
 * Fails the parent if any period failed: a completed run would pass for one without gaps. `otherFailures` says what
 * else failed; `details` is what other programs read.
 * @throws PipelineError of the first failure's type, naming the failed periods and why.
 */
export function assertAllDone(
  progress: PeriodsProgress,
  otherFailures: readonly string[] = [],
  details: Readonly<Record<string, unknown>> = {},
): void {
  const [first] = progress.failures;
  if (first === undefined) return;
  const named = progress.failures
    .slice(0, failuresInMessage)
    .map(({ id, type, message }) => `${id} ${type}: ${message}`);
  const counts = `${String(progress.failed)} of ${String(progress.total)} periods failed, ${String(progress.notAttempted)} not attempted`;
  throw new PipelineError(
    isFailureType(first.type) ? first.type : 'InternalError',
    [counts, ...named, ...otherFailures].join(' — '),
    {
      hint: 'Fix the cause, then start the same again: periods already published stay as they are.',
      details: {
        failed: progress.failed,
        notAttempted: progress.notAttempted,
        done: progress.done,
        ...details,
      },
    },
  );
}

/**
 * The outcome of a parent without failures: `held` if a period waits for a person, so that a search for held runs finds
 * both parent and period.
 */
export function outcomeOf({ held }: PeriodsProgress): 'held' | 'published' {
  return held.length > 0 ? 'held' : 'published';
}
