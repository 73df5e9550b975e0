import { and, eq, isNull, lte, ne, or, sql, type SQL } from 'drizzle-orm';
import type {
  AttributedDecision,
  Comparison,
  FinishedRun,
  GateReason,
  PublishRequest,
  PublishResult,
  RecordedDecision,
  RunCounts,
  UnknownService,
  Versions,
} from '../domain/publication.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import { withDuplicates } from '../domain/warnings.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';
import { instantText, now } from './instants.ts';
import { keepsHistory } from './reportTables.ts';
import { pipelineRun } from './schema.ts';
import type { TransactionDb } from './transaction.ts';

/** How the rows differ from the shown ones, and why a person should review them first. */
export interface LoadDecision {
  readonly reasons: readonly GateReason[];
  readonly comparison: Comparison;
}

/** A run's row in the ledger. */
export type Entry = typeof pipelineRun.$inferSelect;
type NewEntry = { [Column in keyof typeof pipelineRun.$inferInsert]: Entry[Column] | SQL };

/** The columns' widths. */
const mostMessageCharacters = 2000;
const identityCharacters = 320;

/** Locks the run's decision until the transaction ends. */
export async function lockEntry(db: TransactionDb, runId: string): Promise<Entry | undefined> {
  const [entry] = await db.select().from(pipelineRun).where(eq(pipelineRun.runId, runId)).for('update');
  return entry;
}

/**
 * Records how a run ended. Idempotent: the first entry of a run stays, so a run that published says so whatever
 * happened to its workflow afterwards.
 */
export async function recordOutcome(warehouse: Warehouse, finished: FinishedRun): Promise<void> {
  try {
    await warehouse.db
      .insert(pipelineRun)
      .values(finishedEntry(finished))
      .onDuplicateKeyUpdate({ set: { runId: sql`${pipelineRun.runId}` } });
  } catch (error) {
    throw asWarehouseFailure(error, 'Noting the outcome of a run');
  }
}

/** The entry of a run that ended without a load. */
function finishedEntry(finished: FinishedRun) {
  const { run, outcome, counts, versions, files } = finished;
  return {
    ...identityColumns(run),
    ...countColumns(counts),
    ...versionColumns(versions),
    outcome,
    exportedAt: finished.exportedAt === undefined ? null : instantText(finished.exportedAt),
    files: files === undefined ? null : JSON.stringify(files),
    failureType: finished.failureType ?? null,
    failureMessage: finished.failureMessage?.slice(0, mostMessageCharacters) ?? null,
  };
}

/**
 * Part of the load's transaction. Replaces an earlier entry of the run: held until now, or recorded as ended, e.g.
 * `cancelled`, while its load was still in progress. What is committed here is what happened.
 */
export async function writeLoadOutcome(
  db: TransactionDb,
  request: PublishRequest,
  result: PublishResult,
  loadDecision?: LoadDecision,
): Promise<void> {
  const { run, versions, files, exportedAt, exportedOn, preliminary, unknownServices, decision } = request;
  const inHistory = keepsHistory(run.report) && (result.kind === 'published' || result.kind === 'unchanged');
  await db.delete(pipelineRun).where(eq(pipelineRun.runId, run.runId));
  await db.insert(pipelineRun).values({
    ...identityColumns(run),
    ...countColumns(withDuplicatesCounted(request.counts, loadDecision)),
    ...versionColumns(versions),
    unknownServices: JSON.stringify(unknownServices satisfies readonly UnknownService[]),
    outcome: result.kind,
    exportedAt: instantText(exportedAt),
    historyDay: inHistory ? exportedOn : null,
    preliminary,
    heldBecause: loadDecision === undefined ? null : jsonUnlessEmpty(loadDecision.reasons),
    changes: loadDecision === undefined ? null : JSON.stringify(loadDecision.comparison.changes),
    files: JSON.stringify(files),
    ...decisionColumns(decision),
    ...resultColumns[result.kind](result as never),
  });
}

/** The columns that only some outcomes have. */
const resultColumns: {
  readonly [Kind in PublishResult['kind']]: (
    result: Extract<PublishResult, { kind: Kind }>,
  ) => Partial<NewEntry>;
} = {
  published: ({ replacedRows }) => ({ rowsReplaced: replacedRows, publishedAt: now }),
  unchanged: () => ({}),
  held: () => ({}),
  superseded: ({ by }) => ({ supersededBy: by }),
};

function jsonUnlessEmpty(list: readonly unknown[]): string | null {
  return list.length === 0 ? null : JSON.stringify(list);
}

function decisionColumns(decision: AttributedDecision | undefined) {
  if (decision === undefined) return {};
  return {
    ...decidedColumns(decision.kind, decision),
    decidedIdentity: decision.actor?.name.slice(0, identityCharacters) ?? null,
    restoredRunId: decision.restores ?? null,
  };
}

function decidedColumns(kind: RecordedDecision['kind'], { by, reason }: { by: string; reason: string }) {
  return { decisionKind: kind, decidedAt: now, decidedBy: by, decisionReason: reason };
}

/**
 * Supersedes the period's held runs by this run, unless they have a newer export. Putting an earlier version back
 * supersedes all of them.
 */
export async function supersedeHeld(db: TransactionDb, request: PublishRequest): Promise<void> {
  const { run, exportedAt, decision } = request;
  const noNewer = or(isNull(pipelineRun.exportedAt), lte(pipelineRun.exportedAt, instantText(exportedAt)));
  await db
    .update(pipelineRun)
    .set({ outcome: 'superseded', supersededBy: run.runId })
    .where(
      and(
        eq(pipelineRun.report, run.report),
        eq(pipelineRun.periodStart, run.period.from),
        eq(pipelineRun.outcome, 'held'),
        ne(pipelineRun.runId, run.runId),
        ...(decision?.kind === 'rollback' ? [] : [noNewer]),
      ),
    );
}

/** Closes a held run; false if the run is not held, or no longer. */
export async function markRejected(
  db: Pick<TransactionDb, 'update'>,
  runId: string,
  decision: { readonly by: string; readonly reason: string },
): Promise<boolean> {
  const [result] = await db
    .update(pipelineRun)
    .set({ outcome: 'rejected', ...decidedColumns('reject', decision) })
    .where(and(eq(pipelineRun.runId, runId), eq(pipelineRun.outcome, 'held')));
  return result.affectedRows > 0;
}

function identityColumns(run: RunIdentity) {
  return {
    runId: run.runId,
    workflowId: run.workflowId,
    report: run.report,
    periodStart: run.period.from,
    periodEnd: run.period.to,
    source: run.source,
    startedAt: instantText(run.startedAt),
    finishedAt: now,
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
    movedDollars: counts.movedDollars ?? null,
    dollars: JSON.stringify(accounting.dollars),
    warnings: JSON.stringify(counts.warnings),
  };
}

function withDuplicatesCounted(counts: RunCounts, loadDecision: LoadDecision | undefined): RunCounts {
  const duplicates = loadDecision?.comparison.duplicates ?? 0;
  return { ...counts, warnings: withDuplicates(counts.warnings, duplicates) };
}

function versionColumns(versions: Partial<Versions> | undefined) {
  return {
    exportSha256: versions?.exportSha256 ?? null,
    rulesSha256: versions?.rulesSha256 ?? null,
    codeVersion: versions?.codeVersion ?? null,
  };
}
