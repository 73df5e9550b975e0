import { and, eq, inArray, isNotNull, ne, sql, type SQL } from 'drizzle-orm';
import type { TsvCell } from '../domain/rowCells.ts';
import type { IsoDate } from '../domain/dates.ts';
import { withdrawnBy } from '../domain/historyDays.ts';
import type { PublishRequest } from '../domain/publication.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import { reports, type ReportName } from '../reports/index.ts';
import type { ReportDefinition } from '../reports/report.ts';
import { inBatches } from './batches.ts';
import { refuseDifferences, totalDifferences, type PeriodTotals } from './reconcile.ts';
import { historyTables } from './reportTables.ts';
import { pipelineRun } from './schema.ts';
import type { Transaction, TransactionDb } from './transaction.ts';

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
  await clearDay(db, run.report, place);
  const { key, lastDay, figures } = report.history;
  const items = key.join(', ');
  // Nearly every row is an item of its own. A temporary table of all of them, the servers' own choice, takes MariaDB
  // three times as long as the sort that SQL_BIG_RESULT asks for.
  await db.execute(sql`
    INSERT INTO ${table} (period_start, load_day, run_id, row_count, ${named([...key, lastDay, ...figures])})
    SELECT SQL_BIG_RESULT ${place.from}, ${place.day}, ${shownBy}, COUNT(*), ${sql.raw(items)}, MAX(${sql.raw(lastDay)}),
      ${sql.raw(figures.map((column) => `SUM(${column})`).join(', '))}
    FROM ${sql.identifier(report.name)} WHERE period_start = ${place.from} GROUP BY ${sql.raw(items)}`);
  refuseDifferences(
    run,
    'The history does not equal the rows',
    totalDifferences(expected, await measureHistory(db, report, place), figures),
  );
}

/** The rows of a run's file in the order of `rowColumns`, and what they must add up to. */
export interface KeptRows extends PeriodTotals {
  readonly lines: () => AsyncIterable<readonly TsvCell[]>;
}

const rowsPerInsert = 1000;

/** Writes a day of the history from a kept row file instead of the table. @throws PipelineError ReconciliationFailed */
export async function writeDayFromFile(
  { db, connection }: Transaction,
  run: RunIdentity,
  { day, shownBy, rows }: { day: IsoDate; shownBy: string; rows: KeptRows },
): Promise<void> {
  const report = reports[run.report];
  const place = { from: run.period.from, day };
  const { table, key, lastDay, figures } = report.history!;
  await clearDay(db, run.report, place);
  const columns = [...key, lastDay, ...figures];
  const cells = columns.map((column) => report.rowColumns.indexOf(column));
  const statement = `INSERT INTO ${table} (period_start, load_day, run_id, row_count, ${columns.join(', ')}) VALUES ?
    ON DUPLICATE KEY UPDATE row_count = row_count + 1, ${lastDay} = GREATEST(${lastDay}, VALUES(${lastDay})),
    ${figures.map(addition).join(', ')}`;
  const origin: TsvCell[] = [place.from, place.day, shownBy, '1'];
  // Without `refuseWarnings`: MySQL warns of every VALUES() as deprecated, and MariaDB knows nothing else.
  for await (const lines of inBatches(rows.lines(), rowsPerInsert)) {
    const values = lines.map((line) => origin.concat(cells.map((cell) => line[cell] ?? null)));
    await connection.query(statement, [values]);
  }
  const found = await measureHistory(db, report, place);
  refuseDifferences(run, 'The history does not equal the kept file', totalDifferences(rows, found, figures));
}

/** A blank cell adds nothing; the sum of blanks is NULL. */
function addition(column: string): string {
  return `${column} = IF(${column} IS NULL, VALUES(${column}), ${column} + COALESCE(VALUES(${column}), 0))`;
}

async function clearDay(db: TransactionDb, report: ReportName, { from, day }: HistoryPlace): Promise<void> {
  const table = historyTables[report]!;
  await db.delete(table).where(and(eq(table.periodStart, from), eq(table.loadDay, day)));
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
): Promise<PeriodTotals> {
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
  const published = await db
    .select({ runId: pipelineRun.runId, restores: pipelineRun.restoredRunId })
    .from(pipelineRun)
    .where(
      and(
        eq(pipelineRun.report, run.report),
        eq(pipelineRun.periodStart, run.period.from),
        isNotNull(pipelineRun.publishedAt),
        ne(pipelineRun.runId, run.runId),
      ),
    )
    .orderBy(pipelineRun.publishedAt, pipelineRun.runId);
  const later = withdrawnBy(decision.restores, published);
  if (later.length === 0) return;
  await db.delete(table).where(and(eq(table.periodStart, run.period.from), inArray(table.runId, later)));
}
