import { eq, sql } from 'drizzle-orm';
import type {
  FinishedRun,
  Outcome,
  PublishRequest,
  RunCounts,
  RunIdentity,
  UnknownService,
  Versions,
} from '../domain/publication.ts';
import type { ReportName } from '../domain/reports.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';
import { pipelineRun } from './schema.ts';
import type { TransactionDb } from './transaction.ts';

/** The column's width. */
const maxMessageCharacters = 2000;

/**
 * Notes how a run ended. Safe to call twice: the first entry of a run stays, so that a run which published
 * says so whatever became of its workflow afterwards.
 */
export async function recordOutcome(warehouse: Warehouse, finished: FinishedRun): Promise<void> {
  const { run, outcome, counts, versions } = finished;
  try {
    await warehouse.db
      .insert(pipelineRun)
      .values({
        ...identityColumns(run),
        ...countColumns(counts),
        ...versionColumns(versions),
        outcome,
        failureType: finished.failureType ?? null,
        failureMessage: finished.failureMessage?.slice(0, maxMessageCharacters) ?? null,
      })
      .onDuplicateKeyUpdate({ set: { runId: sql`${pipelineRun.runId}` } });
  } catch (error) {
    throw asWarehouseFailure(error, 'Noting the outcome of a run');
  }
}

/** How a load ended, for the ledger. */
export type LoadOutcome =
  | { readonly kind: 'published'; readonly replacedRows: number }
  | { readonly kind: 'unchanged' };

/**
 * Part of the load's transaction. Takes the place of an entry that the run may have got while its load was
 * still under way, e.g. `cancelled`: what is committed here is what happened.
 */
export async function writeLoadOutcome(
  db: TransactionDb,
  request: PublishRequest,
  outcome: LoadOutcome,
): Promise<void> {
  await db.delete(pipelineRun).where(eq(pipelineRun.runId, request.run.runId));
  await db.insert(pipelineRun).values({
    ...identityColumns(request.run),
    ...countColumns(request.counts),
    ...versionColumns(request.versions),
    unknownServices: jsonOf(request.unknownServices satisfies readonly UnknownService[]),
    outcome: outcome.kind,
    rowsReplaced: outcome.kind === 'published' ? outcome.replacedRows : null,
  });
}

/** What the ledger says of a load that this very run has already committed. */
export async function earlierLoad(
  db: TransactionDb,
  runId: string,
): Promise<{ outcome: string; rowsLoaded: number | null; rowsReplaced: number | null } | undefined> {
  const [row] = await db
    .select({
      outcome: pipelineRun.outcome,
      rowsLoaded: pipelineRun.rowsLoaded,
      rowsReplaced: pipelineRun.rowsReplaced,
    })
    .from(pipelineRun)
    .where(eq(pipelineRun.runId, runId));
  return row;
}

function identityColumns(run: RunIdentity) {
  return {
    runId: run.runId,
    workflowId: run.workflowId,
    report: run.report,
    periodStart: run.period.from,
    periodEnd: run.period.to,
    source: run.source,
    startedAt: new Date(run.startedAt).toISOString().replace('T', ' ').replace('Z', ''),
    finishedAt: sql`UTC_TIMESTAMP(3)`,
  };
}

function countColumns(counts: RunCounts | undefined) {
  if (counts === undefined) return {};
  const { accounting } = counts;
  return {
    rowsRead: accounting.read,
    rowsLoaded: accounting.loaded,
    rowsExcluded: accounting.excluded,
    rowsRejected: accounting.rejected,
    movedToLincs: counts.movedToLincs,
    dollars: jsonOf(accounting.dollars),
    warnings: jsonOf(counts.warnings),
  };
}

function versionColumns(versions: Partial<Versions> | undefined) {
  return {
    exportSha256: versions?.exportSha256 ?? null,
    rulesSha256: versions?.rulesSha256 ?? null,
    codeVersion: versions?.codeVersion ?? null,
  };
}

function jsonOf(value: object): string {
  return JSON.stringify(value);
}

/** Where one period of one report stands. */
export interface PeriodStatus {
  readonly report: ReportName;
  readonly from: string;
  readonly to: string;
  /** What the tables show, or null while nothing has been published. Times are UTC, `YYYY-MM-DD hh:mm:ss.mmm`. */
  readonly published: { readonly runId: string; readonly rows: number; readonly at: string } | null;
  readonly lastRun: {
    readonly runId: string;
    readonly workflowId: string;
    readonly outcome: Outcome;
    readonly finishedAt: string;
    readonly rowsRejected: number | null;
    readonly failureType: string | null;
  };
}

/** Every period that a run has ended for, by report, newest first. */
export async function readStatus(warehouse: Warehouse): Promise<PeriodStatus[]> {
  try {
    const [rows] = await warehouse.db.execute(sql`
      SELECT r.*, p.run_id AS published_run_id, p.row_count, p.published_at
      FROM (
        SELECT run_id, workflow_id, report, period_start, period_end, outcome, finished_at, rows_rejected,
          failure_type,
          ROW_NUMBER() OVER (PARTITION BY report, period_start ORDER BY finished_at DESC, run_id) AS nth
        FROM pipeline_run
      ) AS r
      LEFT JOIN published_period AS p ON p.report = r.report AND p.period_start = r.period_start
      WHERE r.nth = 1
      ORDER BY r.report DESC, r.period_start DESC`);
    return (rows as unknown as StatusRow[]).map(periodStatus);
  } catch (error) {
    throw asWarehouseFailure(error, 'Reading the ledger');
  }
}

interface StatusRow {
  readonly run_id: string;
  readonly workflow_id: string;
  readonly report: ReportName;
  readonly period_start: string;
  readonly period_end: string;
  readonly outcome: Outcome;
  readonly finished_at: string;
  readonly rows_rejected: number | null;
  readonly failure_type: string | null;
  readonly published_run_id: string | null;
  readonly row_count: number | null;
  readonly published_at: string | null;
}

function periodStatus(row: StatusRow): PeriodStatus {
  const { published_run_id: runId, row_count: rows, published_at: at } = row;
  return {
    report: row.report,
    from: row.period_start,
    to: row.period_end,
    published: runId === null || rows === null || at === null ? null : { runId, rows, at },
    lastRun: {
      runId: row.run_id,
      workflowId: row.workflow_id,
      outcome: row.outcome,
      finishedAt: row.finished_at,
      rowsRejected: row.rows_rejected,
      failureType: row.failure_type,
    },
  };
}
