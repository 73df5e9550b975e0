import { eq, getTableName } from 'drizzle-orm';
import type { PublishRequest } from '../domain/publication.ts';
import { inBatches, insertBatch, rowsPerInsert } from './batches.ts';
import { refuseDifferences } from './reconcile.ts';
import { rejectedRow } from './schema.ts';
import type { Transaction } from './transaction.ts';

const into = {
  table: getTableName(rejectedRow),
  columns: ['run_id', 'source_line', 'report', 'period_start', 'period_end', 'column_name', 'rule', 'reason'],
};

/**
 * Inserts the run's rejects, as many as its accounting counts. A run that was held has inserted them already and keeps
 * them once. Those of earlier runs stay, as their record.
 */
export async function bringInRejected(
  { db, connection }: Transaction,
  { run, counts, rejected }: PublishRequest,
): Promise<void> {
  await db.delete(rejectedRow).where(eq(rejectedRow.runId, run.runId));
  let inserted = 0;
  for await (const rejects of inBatches(rejected(), rowsPerInsert)) {
    const { report, period, runId } = run;
    const values = rejects.map(({ sourceLine, column, rule, reason }) => [
      runId,
      sourceLine,
      report,
      period.from,
      period.to,
      column,
      rule,
      reason,
    ]);
    await insertBatch(connection, into, values);
    inserted += values.length;
  }
  const expected = counts.accounting.rejected;
  if (inserted === expected) return;
  refuseDifferences(run, 'The rejected rows do not equal their count', [
    { figure: 'rejected rows', expected: String(expected), found: String(inserted) },
  ]);
}
