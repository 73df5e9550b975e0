import { and, eq, gt, inArray, sql, type SQL } from 'drizzle-orm';
import type { IsoDate } from '../domain/dates.ts';
import type { PublishRequest } from '../domain/publication.ts';
import { reports } from '../reports/index.ts';
import type { ReportDefinition } from '../reports/report.ts';
import { refuseDifferences, totalDifferences, type Measure } from './reconcile.ts';
import { historyTables } from './reportTables.ts';
import { pipelineRun } from './schema.ts';
import type { TransactionDb } from './transaction.ts';

/**
 * What the period shows becomes its figures of the day on which the request's export was taken, in place of those that
 * the day had: a later load of a day replaces an earlier one, and an old export that somebody loads now gets its own
 * day. Part of the load's transaction.
 * @param shownBy the published run whose figures they are
 */
export async function recordInHistory(
  db: TransactionDb,
  { run, exportedOn, expected }: PublishRequest,
  shownBy: string,
): Promise<void> {
  const report = reports[run.report];
  const table = historyTables[run.report];
  if (report.history === undefined || table === undefined) return;
  const place = { from: run.period.from, day: exportedOn };
  await db.delete(table).where(and(eq(table.periodStart, place.from), eq(table.loadDay, place.day)));
  const { key, lastDay, figures } = report.history;
  const items = key.join(', ');
  await db.execute(sql`
    INSERT INTO ${table} (period_start, load_day, run_id, row_count, ${named([...key, lastDay, ...figures])})
    SELECT ${place.from}, ${place.day}, ${shownBy}, COUNT(*), ${sql.raw(items)}, MAX(${sql.raw(lastDay)}),
      ${sql.raw(figures.map((column) => `SUM(${column})`).join(', '))}
    FROM ${sql.identifier(report.name)} WHERE period_start = ${place.from} GROUP BY ${sql.raw(items)}`);
  refuseDifferences(
    run,
    'The history does not equal the rows',
    totalDifferences(expected, await measureHistory(db, report, place), figures),
  );
}

function named(columns: readonly string[]): SQL {
  return sql.raw(columns.join(', '));
}

/** A day of a period in the history. */
interface HistoryPlace {
  readonly from: IsoDate;
  readonly day: IsoDate;
}

/** The history's totals of that day. */
async function measureHistory(
  db: TransactionDb,
  { history }: ReportDefinition,
  { from, day }: HistoryPlace,
): Promise<Measure> {
  const { table, figures } = history!;
  const sums = ['row_count', ...figures].map((column) => `COALESCE(SUM(${column}), 0) AS ${column}`);
  const [rows] = await db.execute(sql`
    SELECT ${named(sums)} FROM ${sql.identifier(table)} WHERE period_start = ${from} AND load_day = ${day}`);
  const { row_count: count, ...found } = (rows as unknown as Readonly<Record<string, string>>[])[0]!;
  return { rows: Number(count), sums: found };
}

/**
 * Putting an earlier version back withdraws the versions that were published after it: their days leave the history,
 * for nobody may count on them. A day on which a run confirmed the restored figures stays.
 */
export async function withdrawLaterVersions(
  db: TransactionDb,
  { run, decision }: PublishRequest,
): Promise<void> {
  const table = historyTables[run.report];
  if (table === undefined || decision?.restores === undefined) return;
  const ofPeriod = and(eq(pipelineRun.report, run.report), eq(pipelineRun.periodStart, run.period.from));
  const restoredAt = db
    .select({ at: pipelineRun.publishedAt })
    .from(pipelineRun)
    .where(eq(pipelineRun.runId, decision.restores));
  const later = db
    .select({ runId: pipelineRun.runId })
    .from(pipelineRun)
    .where(and(ofPeriod, gt(pipelineRun.publishedAt, restoredAt)));
  await db.delete(table).where(and(eq(table.periodStart, run.period.from), inArray(table.runId, later)));
}
