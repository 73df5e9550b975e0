import { and, asc, eq, inArray, isNotNull, isNull } from 'drizzle-orm';
import type { IsoDate } from '../domain/dates.ts';
import { historyDays, type HistoryRun } from '../domain/historyDays.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import { reportNames, type ReportName } from '../reports/index.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';
import { writeDayFromFile, type KeptRows } from './writeHistory.ts';
import { isoInstant } from './instants.ts';
import { identityOf } from './ledgerReads.ts';
import { lockPeriod } from './periodRow.ts';
import { keepsHistory } from './reportTables.ts';
import { pipelineRun } from './schema.ts';
import { inTransaction, type TransactionDb } from './transaction.ts';

/** A run from before the history: its figures are in its files alone. */
export interface UnfilledRun {
  readonly run: RunIdentity;
  /** What the run kept, see `PublishRequest.files`. */
  readonly files: object;
}

const withHistory = reportNames.filter(keepsHistory);

/** Published and unchanged runs that wrote no history yet, oldest first. */
export async function unfilledRuns({ db }: Warehouse): Promise<UnfilledRun[]> {
  if (withHistory.length === 0) return [];
  try {
    const entries = await db
      .select()
      .from(pipelineRun)
      .where(and(inArray(pipelineRun.report, withHistory), isDue))
      .orderBy(asc(pipelineRun.finishedAt), pipelineRun.runId);
    return entries.map((entry) => ({
      run: identityOf(entry),
      files: JSON.parse(entry.files ?? '{}') as object,
    }));
  } catch (error) {
    throw asWarehouseFailure(error, 'Looking for runs without a history');
  }
}

const outcomes: readonly HistoryRun['outcome'][] = ['published', 'unchanged'];
/** A run of the first release may have no time of its export; its day is unknown for good. */
const isDue = and(
  inArray(pipelineRun.outcome, outcomes),
  isNull(pipelineRun.historyDay),
  isNotNull(pipelineRun.exportedAt),
);

/**
 * Writes the day of a run's export from its row file, unless another run owns the day, and notes that the run is done.
 * One transaction under the period's lock: killed anywhere, the run is still due or wholly done. Returns whether rows
 * were written.
 */
export async function fillHistory(
  warehouse: Warehouse,
  { run }: UnfilledRun,
  { dayOf, rows }: { dayOf: (instant: string) => IsoDate; rows: KeptRows },
): Promise<boolean> {
  try {
    return await inTransaction(warehouse, undefined, async (transaction) => {
      const { db } = transaction;
      await lockPeriod(db, run);
      const runs = await runsOfPeriod(db, run, dayOf);
      const day = runs.find(({ runId }) => runId === run.runId)?.day ?? null;
      const owner = day === null ? undefined : historyDays(runs).get(day);
      const isOwner = day !== null && owner?.file === run.runId;
      if (isOwner) await writeDayFromFile(transaction, run, { day, shownBy: owner.shownBy, rows });
      await db
        .update(pipelineRun)
        .set({ historyDay: day })
        .where(and(eq(pipelineRun.runId, run.runId), isDue));
      return isOwner;
    });
  } catch (error) {
    throw asWarehouseFailure(error, 'Filling the history');
  }
}

/** In the order in which they were loaded. */
async function runsOfPeriod(
  db: TransactionDb,
  { report, period }: { report: ReportName; period: RunIdentity['period'] },
  dayOf: (instant: string) => IsoDate,
): Promise<HistoryRun[]> {
  const entries = await db
    .select({
      runId: pipelineRun.runId,
      outcome: pipelineRun.outcome,
      exportedAt: pipelineRun.exportedAt,
      historyDay: pipelineRun.historyDay,
      restores: pipelineRun.restoredRunId,
    })
    .from(pipelineRun)
    .where(
      and(
        eq(pipelineRun.report, report),
        eq(pipelineRun.periodStart, period.from),
        inArray(pipelineRun.outcome, outcomes),
      ),
    )
    .orderBy(asc(pipelineRun.finishedAt), pipelineRun.runId);
  return entries.map(({ runId, outcome, exportedAt, historyDay, restores }) => ({
    runId,
    outcome: outcome as HistoryRun['outcome'],
    day: (historyDay as IsoDate | null) ?? (exportedAt === null ? null : dayOf(isoInstant(exportedAt))),
    restores,
  }));
}
