import { and, desc, eq, gt, inArray, isNull, sql } from 'drizzle-orm';
import type { ArtifactRef } from '../domain/artifacts.ts';
import { PipelineError } from '../domain/failures.ts';
import type { Outcome } from '../domain/publication.ts';
import {
  filesOfRun,
  removableFiles,
  type RunWithFiles,
  type Removal,
  type Retention,
} from '../domain/fileRetention.ts';
import type { Period } from '../domain/periods.ts';
import type { ReportName } from '../reports/index.ts';
import type { Warehouse } from './connect.ts';
import { instantText, now } from './instants.ts';
import { identityOf } from './ledgerReads.ts';
import { ensurePeriodRow, lockPeriod, readPeriod, type PeriodPlace } from './periodRow.ts';
import { keepsHistory } from './reportTables.ts';
import { pipelineRun, rejectedRow, removedFile } from './schema.ts';
import { inTransaction, type TransactionDb } from './transaction.ts';

/** Files noted and removed at a time: a stop leaves at most so many noted and still there. */
export const filesPerBatch = 200;
/** A period that is loaded three times a day for a year has 1,100; older runs of one with more stay. */
const mostRuns = 5000;

/** What decides what goes, at one moment. */
export interface RetentionTerms {
  readonly retention: Retention;
  readonly daysAgo: (days: number) => string;
}

/** @param clock ISO 8601 */
export function retentionTerms(retention: Retention, clock: string): RetentionTerms {
  const daysAgo = (days: number) =>
    instantText(new Date(Date.parse(clock) - days * 86_400_000).toISOString());
  return { retention, daysAgo };
}

/** Every period with a run in the ledger. */
export async function periodsInLedger({ db }: Warehouse): Promise<PeriodPlace[]> {
  const rows = await db
    .selectDistinct({
      report: pipelineRun.report,
      from: pipelineRun.periodStart,
      to: pipelineRun.periodEnd,
    })
    .from(pipelineRun)
    .orderBy(pipelineRun.report, pipelineRun.periodStart);
  return rows.map(({ report, from, to }) => ({
    report: report as ReportName,
    period: { from, to } as Period,
  }));
}

/** The files of a period that would go now. */
export async function plannedRemovals(
  db: Pick<TransactionDb, 'select'>,
  place: PeriodPlace,
  terms: RetentionTerms,
): Promise<Removal[]> {
  const ofPeriod = and(eq(pipelineRun.report, place.report), eq(pipelineRun.periodStart, place.period.from));
  const shown = (await readPeriod(db, place))?.runId ?? null;
  // Those whose files stay come first: the others may share them.
  const stays = sql`(${pipelineRun.runId} = ${shown ?? ''} OR ${pipelineRun.outcome} = 'held')`;
  const entries = await db
    .select()
    .from(pipelineRun)
    .where(ofPeriod)
    .orderBy(desc(stays), desc(pipelineRun.finishedAt), pipelineRun.runId)
    .limit(mostRuns);
  const gone = await db
    .select({ uri: removedFile.uri })
    .from(removedFile)
    .where(and(eq(removedFile.report, place.report), eq(removedFile.periodStart, place.period.from)));
  const noted = new Set(gone.map(({ uri }) => uri));
  return removableFiles(entries.map(endedRun), { ...terms, shown }).filter(({ uri }) => !noted.has(uri));
}

function endedRun(entry: typeof pipelineRun.$inferSelect): RunWithFiles {
  const { runId, outcome, finishedAt, publishedAt } = entry;
  return {
    runId,
    outcome: outcome as Outcome,
    finishedAt,
    publishedAt,
    historyDue:
      keepsHistory(identityOf(entry).report) &&
      (outcome === 'published' || outcome === 'unchanged') &&
      entry.historyDay === null &&
      entry.exportedAt !== null,
    files: filesOfEntry(entry),
  };
}

function filesOfEntry({ files, changes }: Pick<typeof pipelineRun.$inferSelect, 'files' | 'changes'>) {
  const details = changes === null ? undefined : (JSON.parse(changes) as { details?: ArtifactRef }).details;
  return filesOfRun(files === null ? null : (JSON.parse(files) as object), details);
}

/**
 * Notes the next files of a period that go, and removes the rejected rows of their runs, in one transaction under the
 * period's lock. From its commit on no load uses them (`refuseRemoved`), so they can be removed afterwards at any time:
 * in the other order a rollback could publish a run whose files vanish under it.
 */
export async function noteRemovals(
  warehouse: Warehouse,
  place: PeriodPlace,
  terms: RetentionTerms,
): Promise<Removal[]> {
  if ((await plannedRemovals(warehouse.db, place, terms)).length === 0) return [];
  await ensurePeriodRow(warehouse, place);
  return inTransaction(warehouse, undefined, async ({ db }) => {
    await lockPeriod(db, place);
    const planned = (await plannedRemovals(db, place, terms)).slice(0, filesPerBatch);
    const rejects = planned.filter((removal) => removal.class === 'rejects').map(({ runId }) => runId);
    if (rejects.length > 0) await db.delete(rejectedRow).where(inArray(rejectedRow.runId, rejects));
    await noteInLedger(db, place, planned);
    return planned;
  });
}

async function noteInLedger(
  db: Pick<TransactionDb, 'insert'>,
  { report, period }: PeriodPlace,
  removals: readonly Removal[],
): Promise<void> {
  if (removals.length === 0) return;
  const about = { report, periodStart: period.from, notedAt: now };
  await db.insert(removedFile).values(removals.map((removal) => ({ ...removal, ...about })));
}

/**
 * The next files that were noted and are perhaps still there: the process was stopped in between, or they could not be
 * removed.
 * @param after the last one of the call before
 */
export async function pendingRemovals({ db }: Warehouse, after = ''): Promise<string[]> {
  const rows = await db
    .select({ uri: removedFile.uri })
    .from(removedFile)
    .where(and(isNull(removedFile.removedAt), gt(removedFile.uri, after)))
    .orderBy(removedFile.uri)
    .limit(filesPerBatch);
  return rows.map(({ uri }) => uri);
}

export async function markRemoved({ db }: Warehouse, uris: readonly string[]): Promise<void> {
  if (uris.length === 0) return;
  await db
    .update(removedFile)
    .set({ removedAt: now })
    .where(inArray(removedFile.uri, [...uris]));
}

/** The files among these that no ledger entry names, and that are not noted. */
export async function straysAmong<File extends { readonly uri: string; readonly runId: string }>(
  { db }: Warehouse,
  files: readonly File[],
): Promise<File[]> {
  if (files.length === 0) return [];
  const runIds = [...new Set(files.map(({ runId }) => runId))];
  const entries = await db
    .select({ files: pipelineRun.files, changes: pipelineRun.changes })
    .from(pipelineRun)
    .where(inArray(pipelineRun.runId, runIds));
  const known = new Set(
    entries.flatMap((entry) =>
      Object.values(filesOfEntry(entry)).flatMap((refs) => refs.map(({ uri }) => uri)),
    ),
  );
  const noted = await removedFiles(
    db,
    files.map(({ uri }) => uri),
  );
  return files.filter(({ uri }) => !known.has(uri) && !noted.has(uri));
}

/** Notes stray files of one page. */
export async function noteStrays(
  { db }: Warehouse,
  strays: readonly (Removal & { readonly place: PeriodPlace })[],
): Promise<void> {
  for (const { place, ...stray } of strays) await noteInLedger(db, place, [stray]);
}

/** Those of these files that retention has removed, or is about to. */
export async function notedForRemoval({ db }: Warehouse, uris: readonly string[]): Promise<string[]> {
  return [...(await removedFiles(db, uris)).keys()];
}

/** When retention removed these files, by uri; UTC in the tables' format. */
async function removedFiles(
  db: Pick<TransactionDb, 'select'>,
  uris: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (uris.length === 0) return new Map();
  const rows = await db
    .select({ uri: removedFile.uri, at: removedFile.notedAt })
    .from(removedFile)
    .where(inArray(removedFile.uri, [...uris]));
  return new Map(rows.map(({ uri, at }) => [uri, at]));
}

/** The first of the days (UTC) on which one of these files was removed; undefined if none was. */
export async function removalDay(
  { db }: { readonly db: Pick<TransactionDb, 'select'> },
  files: readonly Pick<ArtifactRef, 'uri'>[],
): Promise<string | undefined> {
  const found = await removedFiles(
    db,
    files.map(({ uri }) => uri),
  );
  return [...found.values()].sort()[0]?.slice(0, 10);
}

/**
 * @param files see `PublishRequest.files`
 * @throws PipelineError InvalidInput if retention has removed one of them. In the load's transaction this holds until
 *   its end, since the period is locked.
 */
export async function refuseRemoved(
  { db }: { readonly db: Pick<TransactionDb, 'select'> },
  files: object,
): Promise<void> {
  const day = await removalDay({ db }, Object.values(filesOfRun(files)).flat());
  if (day !== undefined) throw removedByRetention('the files of this run', day);
}

export function removedByRetention(what: string, day: string): PipelineError {
  return new PipelineError('InvalidInput', `${what} were removed on ${day} by retention`, {
    hint: 'Run the period again from the portal or from a saved file. The section retention of pipeline.yaml says how long files are kept.',
    details: { removedOn: day },
  });
}
