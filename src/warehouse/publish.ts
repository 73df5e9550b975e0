import { and, eq, sql } from 'drizzle-orm';
import { PipelineError } from '../domain/failures.ts';
import { periodText } from '../domain/periods.ts';
import type { PublishRequest, PublishResult, RunIdentity } from '../domain/publication.ts';
import { bringInRows } from './bulkRows.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';
import { earlierLoad, writeLoadOutcome } from './ledger.ts';
import { reportProgress, type Progress } from './progress.ts';
import {
  checkAccounting,
  measureDifferences,
  measureRows,
  refuseDifferences,
  rollupDifferences,
} from './reconcile.ts';
import { rollupTables, rowTables } from './reportTables.ts';
import { bringInRejected } from './rejectedRows.ts';
import { bringInRollups } from './rollupRows.ts';
import { publishedPeriod } from './schema.ts';
import { inTransaction, type Transaction, type TransactionDb } from './transaction.ts';

/**
 * Replaces one period of one report, whole, in one transaction: readers see the earlier rows or the new ones.
 * Before the commit the database's own counts and sums must equal the file's. Throws `ReconciliationFailed`
 * where they do not, `WarehouseUnavailable` where the database cannot be used, or the signal's reason; each
 * leaves the tables as they were. A run whose commit was not answered is answered when it asks again.
 */
export async function publishPeriod(warehouse: Warehouse, request: PublishRequest): Promise<PublishResult> {
  const progress = reportProgress(request.onProgress);
  try {
    checkAccounting(request);
    await ensurePeriodRow(warehouse, request.run);
    return await inTransaction(warehouse, request.signal, (transaction) =>
      replacePeriod(warehouse, transaction, request, progress),
    );
  } catch (error) {
    const { report, period } = request.run;
    throw asWarehouseFailure(error, `Loading ${report} ${periodText(period)}, ${progress.step}`);
  } finally {
    progress.stop();
  }
}

async function replacePeriod(
  warehouse: Warehouse,
  { db, connection }: Transaction,
  request: PublishRequest,
  progress: Progress,
): Promise<PublishResult> {
  const { run, expected } = request;
  progress.at("waiting for the period's lock");
  const current = await lockPeriod(db, run);

  const answered = await answerGivenBefore(db, run, current);
  if (answered !== undefined) return answered;

  progress.at('comparing with what is published');
  if (current.runId !== null && (await isUnchanged(db, request, current))) {
    await writeLoadOutcome(db, request, { kind: 'unchanged' });
    return { kind: 'unchanged', publishedRunId: current.runId };
  }

  progress.at('clearing the period');
  const replacedRows = await clearPeriod(db, run);

  progress.at('bringing in the rows');
  await bringInRows(warehouse, connection, request, progress.rows);
  progress.at('checking the rows', expected.rows);
  const found = await measureRows(db, run);
  refuseDifferences(
    run,
    'The table does not equal the file',
    measureDifferences(expected, found, run.report),
  );

  progress.at('bringing in the roll-ups', expected.rows);
  await bringInRollups(db, request);
  refuseDifferences(run, 'The roll-ups do not equal the rows', await rollupDifferences(db, run));

  progress.at('bringing in the rejected rows', expected.rows);
  await bringInRejected(db, request);

  progress.at('committing', expected.rows);
  await writeLoadOutcome(db, request, { kind: 'published', replacedRows });
  await markPublished(db, request);
  return { kind: 'published', rows: expected.rows, replacedRows };
}

type CurrentPeriod = typeof publishedPeriod.$inferSelect;

function periodRow(run: RunIdentity) {
  return and(eq(publishedPeriod.report, run.report), eq(publishedPeriod.periodStart, run.period.from));
}

/**
 * The row to lock must be there, and committed, before anyone locks it. Looked for first, since an insert
 * that meets a locked row would wait for it.
 */
async function ensurePeriodRow({ db }: Warehouse, run: RunIdentity): Promise<void> {
  const found = await db
    .select({ report: publishedPeriod.report })
    .from(publishedPeriod)
    .where(periodRow(run));
  if (found.length > 0) return;
  await db
    .insert(publishedPeriod)
    .values({ report: run.report, periodStart: run.period.from, periodEnd: run.period.to })
    .onDuplicateKeyUpdate({ set: { report: sql`${publishedPeriod.report}` } });
}

async function lockPeriod(db: TransactionDb, run: RunIdentity): Promise<CurrentPeriod> {
  const [row] = await db.select().from(publishedPeriod).where(periodRow(run)).for('update');
  if (row !== undefined) return row;
  throw new PipelineError('WarehouseUnavailable', 'The row of the period vanished while it was locked.', {
    hint: 'Let nobody delete from published_period by hand; the run tries again by itself.',
  });
}

/** The same run asks again after a commit whose answer was lost: nothing is loaded twice. */
async function answerGivenBefore(
  db: TransactionDb,
  run: RunIdentity,
  current: CurrentPeriod,
): Promise<PublishResult | undefined> {
  const earlier = await earlierLoad(db, run.runId);
  if (earlier?.outcome === 'published') {
    return { kind: 'published', rows: earlier.rowsLoaded ?? 0, replacedRows: earlier.rowsReplaced ?? 0 };
  }
  if (earlier?.outcome === 'unchanged' && current.runId !== null) {
    return { kind: 'unchanged', publishedRunId: current.runId };
  }
  return undefined;
}

/** Made from the same, and the tables still are what was published: nobody has touched them since. */
async function isUnchanged(
  db: TransactionDb,
  { run, versions, expected }: PublishRequest,
  current: CurrentPeriod,
): Promise<boolean> {
  if (current.versions !== versionsText(versions)) return false;
  const found = await measureRows(db, run);
  const published = { rows: current.rowCount ?? -1, sums: parseSums(current.sums) };
  return (
    measureDifferences(published, found, run.report).length === 0 &&
    measureDifferences(expected, found, run.report).length === 0 &&
    (await rollupDifferences(db, run)).length === 0
  );
}

function versionsText({ exportSha256, rulesSha256, codeVersion }: PublishRequest['versions']): string {
  return JSON.stringify({ exportSha256, rulesSha256, codeVersion });
}

function parseSums(text: string | null): Record<string, string> {
  return text === null ? {} : (JSON.parse(text) as Record<string, string>);
}

/** Returns how many rows the period had. */
async function clearPeriod(db: TransactionDb, run: RunIdentity): Promise<number> {
  const rows = rowTables[run.report];
  const rollups = rollupTables[run.report];
  await db.delete(rollups).where(eq(rollups.periodStart, run.period.from));
  const [result] = await db.delete(rows).where(eq(rows.periodStart, run.period.from));
  return result.affectedRows;
}

async function markPublished(db: TransactionDb, { run, versions, expected }: PublishRequest): Promise<void> {
  await db
    .update(publishedPeriod)
    .set({
      periodEnd: run.period.to,
      runId: run.runId,
      versions: versionsText(versions),
      publishedAt: sql`UTC_TIMESTAMP(3)`,
      rowCount: expected.rows,
      sums: JSON.stringify(expected.sums),
    })
    .where(periodRow(run));
}
