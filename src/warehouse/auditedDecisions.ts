import { onBehalfOf, type AuditActor, type NewAuditEvent } from '../domain/auditEvents.ts';
import type { AttributedDecision, PublishResult } from '../domain/publication.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';

/** The actor of a decision that no client is known to have started. */
const unknownActor: AuditActor = { name: 'unknown', proof: 'claimed' };

/** The event of an approval or a rollback. A run is approved once, and a rollback is a run of its own. */
export function decisionEvent(
  { report, period, runId }: RunIdentity,
  { kind, by, reason, restores, actor = unknownActor }: AttributedDecision,
  outcome: PublishResult['kind'],
): NewAuditEvent {
  return {
    action: kind,
    actor,
    onBehalfOf: onBehalfOf(by, actor),
    key: `${kind}:${runId}`,
    report,
    period,
    runId,
    reason,
    details: { outcome, ...(restores === undefined ? {} : { restores }) },
  };
}
