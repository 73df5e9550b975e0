import { eq } from 'drizzle-orm';
import { onBehalfOf, type AuditActor, type NewAuditEvent } from '../domain/auditEvents.ts';
import type { Period } from '../domain/periods.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import type { ReportName } from '../reports/index.ts';
import { recordAuditEvent } from './recordAuditEvent.ts';
import type { Warehouse } from './connect.ts';
import { markRejected, type Entry } from './ledgerWrites.ts';
import { asWarehouseFailure } from './failure.ts';
import { identityOf } from './ledgerReads.ts';
import { notHeld } from './notHeld.ts';
import { clearPin } from './periodRow.ts';
import { pipelineRun } from './schema.ts';
import { inTransaction } from './transaction.ts';

/** Who decided, for whom and why, in words that name no patient. */
interface Word {
  readonly actor: AuditActor;
  readonly by: string;
  readonly reason: string;
}

/**
 * Closes a held run: it will not be loaded, and the period stays as it is. A repeated decision counts once. Throws
 * `InvalidInput` if the run is unknown or no longer held; waits for an approval in progress.
 */
export async function rejectHeld(warehouse: Warehouse, runId: string, word: Word): Promise<RunIdentity> {
  try {
    return await inTransaction(warehouse, undefined, async ({ db }) => {
      const rejected = await markRejected(db, runId, word);
      const [entry] = await db.select().from(pipelineRun).where(eq(pipelineRun.runId, runId));
      if (entry === undefined || !(rejected || isRejectedBy(entry, word))) throw notHeld(runId, entry);
      const run = identityOf(entry);
      if (rejected) await recordAuditEvent(db, rejection(run, word));
      return run;
    });
  } catch (error) {
    throw asWarehouseFailure(error, 'Rejecting a held run');
  }
}

function rejection({ report, period, runId }: RunIdentity, { actor, by, reason }: Word): NewAuditEvent {
  return { action: 'reject', actor, onBehalfOf: onBehalfOf(by, actor), report, period, runId, reason };
}

function isRejectedBy(entry: Entry, { by, reason }: Word): boolean {
  return entry.outcome === 'rejected' && entry.decidedBy === by && entry.decisionReason === reason;
}

/** Lets later runs of the period load again; returns whether it was pinned. */
export async function unpin(
  warehouse: Warehouse,
  report: ReportName,
  period: Period,
  { actor, by }: Omit<Word, 'reason'>,
): Promise<boolean> {
  try {
    return await inTransaction(warehouse, undefined, async ({ db }) => {
      const unpinned = await clearPin(db, { report, period }, by);
      if (unpinned) {
        const event = { action: 'unpin', actor, onBehalfOf: onBehalfOf(by, actor), report, period } as const;
        await recordAuditEvent(db, event);
      }
      return unpinned;
    });
  } catch (error) {
    throw asWarehouseFailure(error, 'Unpinning a period');
  }
}
