import type { MadeOf, RecordedDecision } from './publication.ts';
import type { RunIdentity } from './runIdentity.ts';

/** One load of a period. */
export interface Load {
  readonly source: RunIdentity['source'];
  readonly decision: Pick<RecordedDecision, 'kind' | 'by' | 'reason'> | null;
  readonly madeOf: MadeOf;
}

/**
 * Why a period shows other figures than before, as text: a person's decision, else what differs from the load before.
 * @param before the load whose rows this one replaced: null if it was the first, undefined if the ledger has lost it
 */
export function loadCause(
  { source, decision, madeOf }: Load,
  before: Pick<Load, 'madeOf'> | null | undefined,
): string {
  if (before === null) return 'first load of the period';
  if (decision !== null) return `${decisionWords[decision.kind]} by ${decision.by}: ${decision.reason}`;
  if (before === undefined) return 'the run before it is no longer in the ledger';
  const differs = (part: keyof MadeOf) => madeOf[part] !== before.madeOf[part];
  const causes = [
    ...(differs('export') ? [otherRows[source]] : []),
    ...(differs('rules') ? ['rules or name key changed'] : []),
    ...(differs('code') ? ['the pipeline was updated'] : []),
  ];
  return causes.length === 0 ? 'loaded again from the same export' : causes.join('; ');
}

const otherRows: Readonly<Record<RunIdentity['source'], string>> = {
  portal: 'the portal exported other rows',
  file: 'another file was handed in',
  rollback: 'an earlier version was put back',
};

const decisionWords: Readonly<Record<RecordedDecision['kind'], string>> = {
  approve: 'approved',
  reject: 'rejected',
  rollback: 'earlier version put back',
};
