import { eq } from 'drizzle-orm';
import type { Period } from '../domain/periods.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import type { ReportName } from '../reports/index.ts';
import type { Warehouse } from './connect.ts';
import { markRejected, type Entry } from './entries.ts';
import { asWarehouseFailure } from './failure.ts';
import { identityOf } from './ledger.ts';
import { notHeld } from './notHeld.ts';
import { clearPin } from './periodRow.ts';
import { pipelineRun } from './schema.ts';

/** Who decided and why, in words that name no patient. */
interface Word {
  readonly by: string;
  readonly reason: string;
}

/**
 * Closes a held run: it will not be loaded, and the period stays as it is. A repeated decision counts once. Throws
 * `InvalidInput` if the run is unknown or no longer held; waits for an approval in progress.
 */
export async function rejectHeld(warehouse: Warehouse, runId: string, word: Word): Promise<RunIdentity> {
  try {
    const rejected = await markRejected(warehouse.db, runId, word);
    const [entry] = await warehouse.db.select().from(pipelineRun).where(eq(pipelineRun.runId, runId));
    if (entry === undefined || !(rejected || isRejectedBy(entry, word))) throw notHeld(runId, entry);
    return identityOf(entry);
  } catch (error) {
    throw asWarehouseFailure(error, 'Rejecting a held run');
  }
}

function isRejectedBy(entry: Entry, { by, reason }: Word): boolean {
  return entry.outcome === 'rejected' && entry.decidedBy === by && entry.decisionReason === reason;
}

/** Lets later runs of the period load again; returns whether it was pinned. */
export async function unpin(
  warehouse: Warehouse,
  report: ReportName,
  period: Period,
  { by }: { readonly by: string },
): Promise<boolean> {
  try {
    return await clearPin(warehouse, { report, period }, by);
  } catch (error) {
    throw asWarehouseFailure(error, 'Unpinning a period');
  }
}
