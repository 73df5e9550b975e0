import { eq } from 'drizzle-orm';
import type { PublishRequest } from '../domain/publication.ts';
import { inBatches, rowsPerInsert } from './batches.ts';
import { refuseDifferences } from './reconcile.ts';
import { rejectedRow } from './schema.ts';
import { refuseSilentChange } from './silentChange.ts';
import type { TransactionDb } from './transaction.ts';

/**
 * Inserts the run's rejects, as many as its accounting counts. A run that was held has inserted them already and keeps
 * them once. Those of earlier runs stay, as their record.
 */
export async function bringInRejected(
  db: TransactionDb,
  { run, counts, rejected }: PublishRequest,
): Promise<void> {
  await db.delete(rejectedRow).where(eq(rejectedRow.runId, run.runId));
  let inserted = 0;
  for await (const rejects of inBatches(rejected(), rowsPerInsert)) {
    const values = rejects.map(({ sourceLine, column, rule, reason }) => ({
      runId: run.runId,
      sourceLine,
      report: run.report,
      periodStart: run.period.from,
      periodEnd: run.period.to,
      columnName: column,
      rule,
      reason,
    }));
    const [result] = await db.insert(rejectedRow).values(values);
    refuseSilentChange(result, values.length, 'rejected');
    inserted += values.length;
  }
  const expected = counts.accounting.rejected;
  if (inserted === expected) return;
  refuseDifferences(run, 'The rejected rows do not equal their count', [
    { figure: 'rejected rows', expected: String(expected), found: String(inserted) },
  ]);
}
