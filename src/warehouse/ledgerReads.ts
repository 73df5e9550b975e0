import { and, desc, eq, sql } from 'drizzle-orm';
import type { IsoDate } from '../domain/dates.ts';
import { periodState, type PeriodState } from '../domain/periodState.ts';
import type { Period } from '../domain/periods.ts';
import type {
  Changes,
  GateReason,
  LedgerRun,
  Outcome,
  RecordedDecision,
  RejectedRow,
} from '../domain/publication.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import type { ReportName } from '../reports/index.ts';
import type { Warehouse } from './connect.ts';
import type { Entry } from './ledgerWrites.ts';
import { asWarehouseFailure } from './failure.ts';
import { isoInstant } from './instants.ts';
import { pipelineRun, rejectedRow } from './schema.ts';
import type { TransactionDb } from './transaction.ts';

/** The run as the ledger knows it; undefined if no such run has ended. */
export async function findRun(warehouse: Warehouse, runId: string): Promise<LedgerRun | undefined> {
  return reading(() => readRun(warehouse.db, runId));
}

/** Reads a run as `findRun` does, on the caller's connection. */
export async function readRun(
  db: Pick<TransactionDb, 'select'>,
  runId: string,
): Promise<LedgerRun | undefined> {
  const [entry] = await db.select().from(pipelineRun).where(eq(pipelineRun.runId, runId));
  return entry === undefined ? undefined : ledgerRun(entry);
}

/** A period that is loaded three times a day for a year has about as many; beyond that the oldest are left out. */
export const mostVersions = 1000;

/** The versions that the period has shown, newest publication first. */
export async function listVersions(
  warehouse: Warehouse,
  report: ReportName,
  period: Period,
): Promise<LedgerRun[]> {
  return reading(async () => {
    const entries = await warehouse.db
      .select()
      .from(pipelineRun)
      .where(
        and(
          eq(pipelineRun.report, report),
          eq(pipelineRun.periodStart, period.from),
          eq(pipelineRun.outcome, 'published'),
        ),
      )
      .orderBy(desc(pipelineRun.publishedAt), pipelineRun.runId)
      .limit(mostVersions);
    return entries.map(ledgerRun);
  });
}

/** The period's run that ended last, however it ended; undefined if there is none. */
export async function findLastRun(
  warehouse: Warehouse,
  report: ReportName,
  period: Period,
): Promise<LedgerRun | undefined> {
  return reading(async () => {
    const [entry] = await warehouse.db
      .select()
      .from(pipelineRun)
      .where(and(eq(pipelineRun.report, report), eq(pipelineRun.periodStart, period.from)))
      .orderBy(desc(pipelineRun.finishedAt), pipelineRun.runId)
      .limit(1);
    return entry === undefined ? undefined : ledgerRun(entry);
  });
}

/** By line of the export; all of them, so at most as many as the export has records. */
export async function listRejects(warehouse: Warehouse, runId: string): Promise<RejectedRow[]> {
  return reading(async () =>
    warehouse.db
      .select({
        sourceLine: rejectedRow.sourceLine,
        column: rejectedRow.columnName,
        rule: rejectedRow.rule,
        reason: rejectedRow.reason,
      })
      .from(rejectedRow)
      .where(eq(rejectedRow.runId, runId))
      .orderBy(rejectedRow.sourceLine),
  );
}

async function reading<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asWarehouseFailure(error, 'Reading the ledger');
  }
}

function ledgerRun(entry: Entry): LedgerRun {
  return {
    run: identityOf(entry),
    outcome: entry.outcome as Outcome,
    finishedAt: entry.finishedAt,
    publishedAt: entry.publishedAt,
    exportedAt: entry.exportedAt,
    preliminary: entry.preliminary,
    rowsLoaded: entry.rowsLoaded,
    rowsRejected: entry.rowsRejected,
    failureType: entry.failureType,
    failureMessage: entry.failureMessage,
    heldBecause: reasonsOf(entry),
    decision: decisionOf(entry),
    changes: fromJson(entry.changes) as Changes | null,
    files: fromJson(entry.files) as object | null,
    madeOf: { export: entry.exportSha256, rules: entry.rulesSha256, code: entry.codeVersion },
  };
}

/** The identity of the entry's run. */
export function identityOf(entry: Entry): RunIdentity {
  return {
    runId: entry.runId,
    workflowId: entry.workflowId,
    report: entry.report as ReportName,
    period: { from: entry.periodStart as IsoDate, to: entry.periodEnd as IsoDate },
    source: entry.source as RunIdentity['source'],
    startedAt: isoInstant(entry.startedAt),
  };
}

export function reasonsOf(entry: Entry): readonly GateReason[] {
  return (fromJson(entry.heldBecause) ?? []) as readonly GateReason[];
}

function decisionOf(entry: Entry): RecordedDecision | null {
  const { decisionKind: kind, decidedAt, decidedBy, decidedIdentity, decisionReason, restoredRunId } = entry;
  if (kind === null || decidedAt === null) return null;
  return {
    kind: kind as RecordedDecision['kind'],
    by: decidedBy ?? '',
    identity: decidedIdentity,
    reason: decisionReason ?? '',
    at: decidedAt,
    ...(restoredRunId === null ? {} : { restores: restoredRunId }),
  };
}

/** Only this code writes it, so the caller knows its type. */
function fromJson(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}

/** The state of one period of one report. Times are UTC, `YYYY-MM-DD hh:mm:ss.mmm`. */
export interface PeriodStatus {
  readonly report: ReportName;
  readonly from: string;
  readonly to: string;
  /** What the tables show, or null before the first publication. */
  readonly published: {
    readonly runId: string;
    readonly rows: number;
    readonly at: string;
    /** When the export behind these figures was taken; null if that was never recorded. */
    readonly exportedAt: string | null;
    /** Whether the passing of days alone can still change the figures; null if that was never recorded. */
    readonly preliminary: boolean | null;
    /** When they become stale, or null. */
    readonly staleAt: string | null;
    /** What the supervisor rule moved to another QP: rows, and their authorized dollars if recorded. */
    readonly moved: { readonly rows: number; readonly dollars: string | null };
  } | null;
  /** Who put an earlier version back, so that later runs are held, or null. */
  readonly pinned: { readonly at: string; readonly by: string; readonly reason: string } | null;
  /** Runs that wait for approval or rejection, newest first. */
  readonly held: readonly string[];
  /** The newest run that was not cancelled; null if all were. */
  readonly newest: {
    readonly runId: string;
    readonly workflowId: string;
    readonly outcome: Outcome;
    readonly finishedAt: string;
    readonly failureType: string | null;
  } | null;
  readonly lastRun: {
    readonly runId: string;
    readonly workflowId: string;
    readonly outcome: Outcome;
    readonly finishedAt: string;
    readonly rowsRejected: number | null;
    readonly failureType: string | null;
    /** What happened and what to do, as in the run's failure. */
    readonly failureMessage: string | null;
  };
}

/** The warehouse, or a transaction in it. */
export interface StatusReader {
  readonly db: Pick<Warehouse['db'], 'execute' | 'select'>;
}

/**
 * A run that was refused for what its caller gave it says nothing of the period: a file that cannot be taken, or a
 * period of the future. The view `v_data_status` has the same condition. A recipe that cannot be used is an
 * `InvalidInput` too, and a failure.
 */
export const refusedForItsInput =
  "(outcome = 'failed' AND failure_type <=> 'InvalidInput' AND export_sha256 IS NULL AND (source = 'file' OR period_start >= DATE(finished_at)))";

/** Every period with a run that ended and was not refused for its input, by report, newest first. */
export async function readStatus({ db }: StatusReader): Promise<PeriodStatus[]> {
  return reading(async () => {
    const [rows] = await db.execute(sql`
      SELECT r.*, p.run_id AS published_run_id, p.row_count, p.published_at, p.exported_at,
        p.preliminary, p.stale_at, p.pinned_at, p.pinned_by, p.pin_reason, shown.moved_to_lincs, shown.moved_dollars
      FROM (
        SELECT run_id, workflow_id, report, period_start, period_end, outcome, finished_at, rows_rejected,
          failure_type, failure_message,
          ROW_NUMBER() OVER (PARTITION BY report, period_start ORDER BY finished_at DESC, run_id) AS nth,
          FIRST_VALUE(run_id) OVER newest AS newest_run_id,
          FIRST_VALUE(workflow_id) OVER newest AS newest_workflow_id,
          FIRST_VALUE(outcome) OVER newest AS newest_outcome,
          FIRST_VALUE(finished_at) OVER newest AS newest_finished_at,
          FIRST_VALUE(failure_type) OVER newest AS newest_failure_type
        FROM pipeline_run
        WHERE NOT ${sql.raw(refusedForItsInput)}
        WINDOW newest AS (PARTITION BY report, period_start
          ORDER BY outcome = 'cancelled', finished_at DESC, run_id)
      ) AS r
      LEFT JOIN published_period AS p ON p.report = r.report AND p.period_start = r.period_start
      LEFT JOIN pipeline_run AS shown ON shown.run_id = p.run_id
      WHERE r.nth = 1
      ORDER BY r.report DESC, r.period_start DESC`);
    const held = await heldRuns({ db });
    return (rows as unknown as StatusRow[]).map((row) => periodStatus(row, held));
  });
}

/** Run ids by report and first day. */
type HeldRuns = ReadonlyMap<string, readonly string[]>;

async function heldRuns({ db }: StatusReader): Promise<HeldRuns> {
  const rows = await db
    .select({ runId: pipelineRun.runId, report: pipelineRun.report, from: pipelineRun.periodStart })
    .from(pipelineRun)
    .where(eq(pipelineRun.outcome, 'held'))
    .orderBy(desc(pipelineRun.finishedAt), pipelineRun.runId);
  const held = new Map<string, string[]>();
  for (const { runId, report, from } of rows) {
    const key = periodKey(report, from);
    held.set(key, [...(held.get(key) ?? []), runId]);
  }
  return held;
}

function periodKey(report: string, from: string): string {
  return `${report} ${from}`;
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
  readonly failure_message: string | null;
  readonly newest_run_id: string;
  readonly newest_workflow_id: string;
  readonly newest_outcome: Outcome;
  readonly newest_finished_at: string;
  readonly newest_failure_type: string | null;
  readonly published_run_id: string | null;
  readonly row_count: number | null;
  readonly published_at: string | null;
  readonly exported_at: string | null;
  readonly preliminary: number | null;
  readonly stale_at: string | null;
  readonly moved_to_lincs: number | null;
  readonly moved_dollars: string | null;
  readonly pinned_at: string | null;
  readonly pinned_by: string | null;
  readonly pin_reason: string | null;
}

function periodStatus(row: StatusRow, held: HeldRuns): PeriodStatus {
  return {
    report: row.report,
    from: row.period_start,
    to: row.period_end,
    published: publishedOf(row),
    pinned:
      row.pinned_at === null
        ? null
        : { at: row.pinned_at, by: row.pinned_by ?? '', reason: row.pin_reason ?? '' },
    held: held.get(periodKey(row.report, row.period_start)) ?? [],
    newest: newestOf(row),
    lastRun: {
      runId: row.run_id,
      workflowId: row.workflow_id,
      outcome: row.outcome,
      finishedAt: row.finished_at,
      rowsRejected: row.rows_rejected,
      failureType: row.failure_type,
      failureMessage: row.failure_message,
    },
  };
}

function newestOf(row: StatusRow): PeriodStatus['newest'] {
  if (row.newest_outcome === 'cancelled') return null;
  return {
    runId: row.newest_run_id,
    workflowId: row.newest_workflow_id,
    outcome: row.newest_outcome,
    finishedAt: row.newest_finished_at,
    failureType: row.newest_failure_type,
  };
}

function publishedOf(row: StatusRow): PeriodStatus['published'] {
  const { published_run_id: runId, row_count: rows, published_at: at, exported_at: exportedAt } = row;
  if (runId === null || rows === null || at === null) return null;
  return {
    runId,
    rows,
    at,
    exportedAt,
    preliminary: row.preliminary === null ? null : row.preliminary === 1,
    staleAt: row.stale_at,
    moved: { rows: row.moved_to_lincs ?? 0, dollars: row.moved_dollars },
  };
}

/** The period's state at that time. */
export function stateOf({ published, newest, held }: StateFacts, now: Date): PeriodState {
  return periodState({
    loaded: published !== null,
    preliminary: published?.preliminary === true,
    newestOutcome: newest?.outcome ?? null,
    waiting: held.length > 0,
    stale: isStale(published?.staleAt ?? null, now),
  });
}

type StateFacts = Pick<PeriodStatus, 'published' | 'newest' | 'held'>;

/** The period of a report that is not in use: nothing newer is due, so it never becomes stale. */
export function withoutDue<Status extends Pick<PeriodStatus, 'published'>>(period: Status): Status {
  const { published } = period;
  return published === null ? period : { ...period, published: { ...published, staleAt: null } };
}

/** @param staleAt in the tables' format */
export function isStale(staleAt: string | null, now: Date): boolean {
  return staleAt !== null && Date.parse(isoInstant(staleAt)) <= now.getTime();
}
