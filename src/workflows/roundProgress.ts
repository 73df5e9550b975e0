import { isCancellation, setCurrentDetails } from '@temporalio/workflow';
import { PipelineError, type FailureType } from '../domain/failures.ts';
import { details, messageInDetails } from './webUiDetails.ts';
import { knownFailure } from './runFailure.ts';

/** The state of a round, and the answer to its `progress` query. */
export interface SourcesRound {
  taken: number;
  /** Files that were loaded or need no load, by the outcome of their runs. */
  readonly done: Record<string, number>;
  refused: number;
  /** Files that stay in `taking` for the next round, because something other than the file went wrong. */
  again: number;
  /** Files whose name fits no pattern. */
  unmatched: number;
  /** Files for the next round, such as those that are still being written. */
  waiting: number;
  failed: number;
  readonly failures: { readonly what: string; readonly type: FailureType; readonly message: string }[];
}

export function newRound(): SourcesRound {
  return { taken: 0, done: {}, refused: 0, again: 0, unmatched: 0, waiting: 0, failed: 0, failures: [] };
}

/** Counts what went wrong with a source or file. @throws only where the round is cancelled */
export function noteFailure(round: SourcesRound, what: string, error: unknown): void {
  if (isCancellation(error)) throw error;
  const { type, message } = knownFailure(error);
  addFailure(round, { what, type, message });
}

/** Limit of the failures kept as text; all travel in one payload. */
const mostKept = 50;

export function addFailure(round: SourcesRound, failure: SourcesRound['failures'][number]): void {
  round.failed += 1;
  if (round.failures.length < mostKept) round.failures.push(failure);
}

/** Shows the counts as the round's current details in the Web UI. */
export function showDetails(round: SourcesRound): void {
  const { taken, done, refused, again, unmatched, waiting, failures } = round;
  const lines = [`**${String(taken)} files taken**`, ''];
  for (const [outcome, count] of Object.entries(done)) lines.push(`- ${outcome}: ${String(count)}`);
  const counts = {
    refused,
    'for the next round': again + waiting,
    'with a name that no pattern fits': unmatched,
  };
  for (const [what, count] of Object.entries(counts))
    if (count > 0) lines.push(`- ${what}: ${String(count)}`);
  for (const { what, type, message } of failures) {
    lines.push('', `**${what}** ${type}: ${messageInDetails(message)}`);
  }
  setCurrentDetails(details(lines));
}

/** Limit of the failures in the message, which is read in a list; the others are in the current details. */
const failuresInMessage = 5;

/**
 * Fails a round in which anything failed: a completed one would be taken for flawless.
 * @throws PipelineError of the first failure's type
 */
export function assertNothingFailed({ taken, done, refused, again, failed, failures }: SourcesRound): void {
  const [first] = failures;
  if (first === undefined) return;
  const named = failures
    .slice(0, failuresInMessage)
    .map(({ what, type, message }) => `${what} ${type}: ${message}`);
  const counts = `in a round of the sources ${String(failed)} failed, of ${String(taken)} files taken ${String(refused)} were refused`;
  throw new PipelineError(first.type, [counts, ...named].join(' — '), {
    hint: 'A refused file lies in the folder refused of its source beside the reason; everything else is tried again by the next round.',
    details: { failed, taken, refused, again, done, unreachable: unreachableIn(failures) },
  });
}

/** The sources that could not be reached, for an alert. `what` begins with the name of the source. */
function unreachableIn(failures: SourcesRound['failures']): string[] {
  const names = failures.flatMap(({ what, type }) =>
    type === 'SourceUnavailable' ? [what.split(' ', 1)[0]!] : [],
  );
  return [...new Set(names)];
}
