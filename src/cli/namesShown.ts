import type { NewAuditEvent } from '../domain/auditEvents.ts';
import { recordAuditEventAlone } from '../warehouse/recordAuditEvent.ts';
import type { Warehouse } from '../warehouse/connect.ts';
import { thisUser } from '../wiring/thisUser.ts';

/** Where names are about to be shown. */
type Place = Pick<NewAuditEvent, 'report' | 'period' | 'runId'> & {
  readonly command: string;
  readonly details?: NewAuditEvent['details'];
};

/** Records that this user sees names, if the options ask for them. Called first: no names without the record. */
export async function recordNamesShown(
  warehouse: Warehouse,
  { names }: { readonly names?: boolean },
  { command, report, period, runId, details }: Place,
): Promise<void> {
  if (names !== true) return;
  await recordAuditEventAlone(warehouse, {
    action: 'show-names',
    actor: thisUser(),
    report,
    period,
    runId,
    details: { command, ...details },
  });
}
