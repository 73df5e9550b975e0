import { eq } from 'drizzle-orm';
import { periodText } from '../domain/periods.ts';
import type { PublishRequest, PublishResult } from '../domain/publication.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import { recordAuditEvent } from './recordAuditEvent.ts';
import { decisionEvent } from './auditedDecisions.ts';
import { replayedResult, assertStillHeld } from './idempotentReplay.ts';
import { bringInRows } from './bulkRows.ts';
import type { Warehouse } from './connect.ts';
import { lockEntry, supersedeHeld, writeLoadOutcome, type Entry, type LoadDecision } from './ledgerWrites.ts';
import { asWarehouseFailure } from './failure.ts';
import { decideLoad, dueState, type DueState } from './decideLoad.ts';
import { recordInHistory, withdrawLaterVersions } from './writeHistory.ts';
import { reasonsOf } from './ledgerReads.ts';
import {
  ensurePeriodRow,
  lockPeriod,
  markConfirmed,
  markLastOfPeriod,
  markPublished,
  type Checksums,
  type CurrentPeriod,
} from './periodRow.ts';
import { reportProgress, type Progress } from './progress.ts';
import {
  checkAccounting,
  measureDifferences,
  measureRows,
  refuseDifferences,
  rollupDifferences,
} from './reconcile.ts';
import { refuseRemoved } from './fileRemovals.ts';
import { rollupTables, rowTables } from './reportTables.ts';
import { bringInRejected } from './rejectedRows.ts';
import { rereadAhead } from './findRulesChange.ts';
import { bringInRollups } from './rollupRows.ts';
import { inTransaction, type Transaction, type TransactionDb } from './transaction.ts';

/**
 * Replaces one period of one report as a whole, in one transaction: readers see the earlier rows or the new ones. If a
 * gate objects and no person has decided, or if the period shows the same or something newer, the rows stay and the
 * ledger says why. Before the commit, the database's own counts and sums must equal the file's. Throws
 * `ReconciliationFailed` if they do not, `InvalidInput` if an approved run is not held (any more),
 * `WarehouseUnavailable` if the database cannot be used, or the signal's reason; each leaves the tables as they were.
 * If the answer to a commit was lost, the run gets it when it asks again.
 */
export async function publishPeriod(warehouse: Warehouse, request: PublishRequest): Promise<PublishResult> {
  const progress = reportProgress(request.onProgress);
  try {
    checkAccounting(request);
    await ensurePeriodRow(warehouse, request.run);
    await rereadAhead(warehouse, request);
    return await inTransaction(warehouse, request.signal, (transaction) =>
      load(warehouse, transaction, request, progress),
    );
  } catch (error) {
    const { report, period } = request.run;
    throw asWarehouseFailure(error, `Loading ${report} ${periodText(period)}, ${progress.step}`);
  } finally {
    progress.stop();
  }
}

async function load(
  warehouse: Warehouse,
  transaction: Transaction,
  request: PublishRequest,
  progress: Progress,
): Promise<PublishResult> {
  const { db } = transaction;
  progress.at("waiting for the period's lock");
  const current = await lockPeriod(db, request.run);
  const entry = await lockEntry(db, request.run.runId);

  const answered = replayedResult(request, entry, current);
  if (answered !== undefined) return answered;
  if (request.decision?.kind === 'approve') assertStillHeld(request, entry);
  await refuseRemoved({ db }, request.files);

  const result = await concludeOrReplace(warehouse, transaction, request, { current, entry, progress });
  if (request.decision !== undefined) {
    await recordAuditEvent(db, decisionEvent(request.run, request.decision, result.kind));
  }
  return result;
}

interface Locked {
  readonly current: CurrentPeriod;
  readonly entry: Entry | undefined;
  readonly progress: Progress;
}

async function concludeOrReplace(
  warehouse: Warehouse,
  transaction: Transaction,
  request: PublishRequest,
  { current, entry, progress }: Locked,
): Promise<PublishResult> {
  const { db } = transaction;
  progress.at('comparing with what is published');
  const due = await dueState(db, request, current);
  if (due.kind !== 'due') return concludeWithoutLoad(db, request, current, due);

  const { reasons, comparing } = await decideLoad(transaction, request, current, progress);
  if (reasons.length > 0 && request.decision === undefined) {
    return hold(transaction, request, { reasons, comparison: await comparing }, progress);
  }
  // In parallel: the server works on the rows, and this process has little else to do.
  const [{ replacedRows, checksums }, comparison] = await bothDone(
    replaceRows(warehouse, transaction, request, progress),
    comparing,
  );
  const result = { kind: 'published', rows: request.expected.rows, replacedRows } as const;
  await writeLoadOutcome(db, request, result, asHeld({ reasons, comparison }, entry));
  await supersedeHeld(db, request);
  await markPublished(db, request, { checksums, current });
  progress.at('writing the history', request.expected.rows);
  await withdrawLaterVersions(db, request);
  await recordInHistory(db, request, request.run.runId);
  return result;
}

/** Both results, or the first one's failure, else the second one's; settles only after both have ended. */
async function bothDone<One, Other>(one: Promise<One>, other: Promise<Other>): Promise<[One, Other]> {
  await Promise.allSettled([one, other]);
  return [await one, await other];
}

/** The reason why an approved run was held stays on record, whatever the gates would say now. */
function asHeld(loadDecision: LoadDecision, entry: Entry | undefined): LoadDecision {
  return entry?.outcome === 'held' ? { ...loadDecision, reasons: reasonsOf(entry) } : loadDecision;
}

/** An unchanged period is the newest, so nothing older waits any more; a superseded run changes nothing. */
async function concludeWithoutLoad(
  db: TransactionDb,
  request: PublishRequest,
  current: CurrentPeriod,
  result: Exclude<DueState, { kind: 'due' }>,
): Promise<PublishResult> {
  await writeLoadOutcome(db, request, result);
  if (result.kind === 'unchanged') {
    await supersedeHeld(db, request);
    await markConfirmed(db, request, current);
    await recordInHistory(db, request, result.publishedRunId);
  }
  return result;
}

/** The period stays as it is; the run's findings are kept for the person who decides. */
async function hold(
  transaction: Transaction,
  request: PublishRequest,
  loadDecision: LoadDecision,
  progress: Progress,
): Promise<PublishResult> {
  const { db } = transaction;
  progress.at('noting why the run is held', request.expected.rows);
  const result = { kind: 'held', reasons: loadDecision.reasons } as const;
  await bringInRejected(transaction, request);
  await writeLoadOutcome(db, request, result, loadDecision);
  await supersedeHeld(db, request);
  await markLastOfPeriod(db, request);
  return result;
}

interface Replaced {
  /** The number of rows that the period had. */
  readonly replacedRows: number;
  readonly checksums: Checksums;
}

async function replaceRows(
  warehouse: Warehouse,
  transaction: Transaction,
  request: PublishRequest,
  progress: Progress,
): Promise<Replaced> {
  const { db, connection } = transaction;
  const { run, expected } = request;
  progress.at('clearing the period');
  const replacedRows = await clearPeriod(db, run);

  progress.at('bringing in the rows');
  const rows = await bringInRows(warehouse, connection, request, progress.rows);
  progress.at('checking the rows', expected.rows);
  const found = await measureRows(db, run);
  refuseDifferences(
    run,
    'The table does not equal the file',
    measureDifferences({ ...expected, checksum: rows }, found, run.report),
  );

  progress.at('bringing in the roll-ups', expected.rows);
  const rollups = await bringInRollups(connection, request);
  refuseDifferences(
    run,
    'The roll-ups do not equal the rows',
    await rollupDifferences(db, run, { total: found.total, checksum: rollups }),
  );

  progress.at('bringing in the rejected rows', expected.rows);
  await bringInRejected(transaction, request);
  progress.at('committing', expected.rows);
  return { replacedRows, checksums: { rows, rollups } };
}

/** Returns the number of rows that the period had. */
async function clearPeriod(db: TransactionDb, run: RunIdentity): Promise<number> {
  const rows = rowTables[run.report];
  const rollups = rollupTables[run.report];
  await db.delete(rollups).where(eq(rollups.periodStart, run.period.from));
  const [result] = await db.delete(rows).where(eq(rows.periodStart, run.period.from));
  return result.affectedRows;
}
