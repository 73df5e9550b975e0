import { PipelineError } from '../domain/failures.ts';
import type { Outcome } from '../domain/publication.ts';
import type { Entry } from './ledgerWrites.ts';

/** Why a run can no longer, or never could, be approved or rejected. */
export function notHeld(runId: string, entry: Entry | undefined): PipelineError {
  const why = entry === undefined ? 'the ledger knows no such run' : whyNot(entry);
  return new PipelineError('InvalidInput', `Run ${runId} is not held: ${why}.`, {
    hint: 'Nothing was changed. See which runs wait for a decision: npm run client -- status',
    details: { runId, outcome: entry?.outcome ?? null },
  });
}

function whyNot(entry: Entry): string {
  return reasons[entry.outcome as Outcome](entry);
}

const endedAs = ({ outcome }: Entry) => `it ended as ${outcome}`;

const reasons: Readonly<Record<Outcome, (entry: Entry) => string>> = {
  published: ({ decidedBy }) =>
    decidedBy === null ? 'it is published already' : `it is published already, approved by ${decidedBy}`,
  rejected: ({ decidedBy }) => `it was rejected by ${decidedBy ?? 'someone'}`,
  superseded: ({ supersededBy }) => `it was superseded by run ${supersededBy ?? 'unknown'}`,
  held: endedAs,
  unchanged: endedAs,
  cancelled: endedAs,
  failed: endedAs,
};
