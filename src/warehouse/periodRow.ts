import { and, eq, isNotNull, sql } from 'drizzle-orm';
import { PipelineError } from '../domain/failures.ts';
import type { Period } from '../domain/periods.ts';
import type { Decision, PublishRequest, Versions } from '../domain/publication.ts';
import type { ReportName } from '../reports/index.ts';
import type { Warehouse } from './connect.ts';
import { instantText, now } from './instants.ts';
import { publishedPeriod } from './schema.ts';
import type { TransactionDb } from './transaction.ts';

/** What a period shows, from its row in `published_period`. `runId` is null until the first publication. */
export type CurrentPeriod = typeof publishedPeriod.$inferSelect;

/** A period of a report. */
export interface PeriodPlace {
  readonly report: ReportName;
  readonly period: Period;
}

function at({ report, period }: PeriodPlace) {
  return and(eq(publishedPeriod.report, report), eq(publishedPeriod.periodStart, period.from));
}

/**
 * Makes sure that the row to lock exists and is committed. Looks for it first, since an insert that meets a locked row
 * would wait for it.
 */
export async function ensurePeriodRow({ db }: Warehouse, place: PeriodPlace): Promise<void> {
  const found = await db.select({ report: publishedPeriod.report }).from(publishedPeriod).where(at(place));
  if (found.length > 0) return;
  await db
    .insert(publishedPeriod)
    .values({ report: place.report, periodStart: place.period.from, periodEnd: place.period.to })
    .onDuplicateKeyUpdate({ set: { report: sql`${publishedPeriod.report}` } });
}

/** Locks the period until the transaction ends. */
export async function lockPeriod(db: TransactionDb, place: PeriodPlace): Promise<CurrentPeriod> {
  const [row] = await db.select().from(publishedPeriod).where(at(place)).for('update');
  if (row !== undefined) return row;
  throw new PipelineError('WarehouseUnavailable', 'The row of the period vanished while it was locked.', {
    hint: 'Do not delete from published_period by hand; the run tries again by itself.',
  });
}

/** As in the transaction's snapshot, without a lock. */
export async function readPeriod(
  db: Pick<TransactionDb, 'select'>,
  place: PeriodPlace,
): Promise<CurrentPeriod | undefined> {
  const [row] = await db.select().from(publishedPeriod).where(at(place));
  return row;
}

/** Checksums of all cells of a period's rows and roll-ups; see checksum.ts. */
export interface Checksums {
  readonly rows: string;
  readonly rollups: string;
}

/** Makes the period show this run. A pin stays until a person removes it. */
export async function markPublished(
  db: TransactionDb,
  request: PublishRequest,
  { checksums, current }: { readonly checksums: Checksums; readonly current: CurrentPeriod },
): Promise<void> {
  const { run, versions, expected, preliminary, decision } = request;
  // The same export may have come again since: then the figures are as of that time.
  const confirmedLater =
    decision === undefined && hasSameExport(current, request) && isTakenBefore(request, current);
  await db
    .update(publishedPeriod)
    .set({
      periodEnd: run.period.to,
      runId: run.runId,
      versions: versionsText(versions),
      publishedAt: now,
      rowCount: expected.rows,
      sums: JSON.stringify(expected.sums),
      rowsChecksum: checksums.rows,
      rollupsChecksum: checksums.rollups,
      ...(confirmedLater ? {} : freshness(request)),
      preliminary,
      ...pinColumns(decision),
    })
    .where(at(run));
}

/** The figures stay; keys of people, and so the checksums and the rules, have changed. */
export async function markRekeyed(
  db: TransactionDb,
  place: PeriodPlace,
  {
    checksums,
    current,
    rulesNow,
  }: {
    readonly checksums: Checksums;
    readonly current: CurrentPeriod;
    readonly rulesNow: string | undefined;
  },
): Promise<void> {
  const { versions } = current;
  const made = versions === null ? undefined : (JSON.parse(versions) as Versions);
  await db
    .update(publishedPeriod)
    .set({
      rowsChecksum: checksums.rows,
      rollupsChecksum: checksums.rollups,
      ...(made === undefined || rulesNow === undefined
        ? {}
        : { versions: versionsText({ ...made, rulesSha256: rulesNow }) }),
    })
    .where(at(place));
}

/**
 * The figures stay, and this run has confirmed them: a slower run with an export from between the two must no longer
 * replace them.
 */
export async function markConfirmed(
  db: TransactionDb,
  request: PublishRequest,
  current: CurrentPeriod,
): Promise<void> {
  const changes = {
    ...(isTakenBefore(request, current) ? {} : freshness(request)),
    ...pinColumns(request.decision),
  };
  if (Object.keys(changes).length === 0) return;
  await db.update(publishedPeriod).set(changes).where(at(request.run));
}

/** When the figures were taken, and how long they count as fresh. */
function freshness({ exportedAt, staleAt }: PublishRequest) {
  return {
    exportedAt: instantText(exportedAt),
    staleAt: staleAt === null ? null : instantText(staleAt),
  };
}

/**
 * Keeps the shown figures from becoming stale if the held run has the period's last daily export: no later run replaces
 * or confirms them, and the person who decides judges whether they are right.
 */
export async function markLastOfPeriod(db: TransactionDb, { run, staleAt }: PublishRequest): Promise<void> {
  if (staleAt !== null) return;
  await db.update(publishedPeriod).set({ staleAt: null }).where(at(run));
}

function pinColumns(decision: Decision | undefined) {
  if (decision?.kind !== 'rollback') return {};
  return { pinnedAt: now, pinnedBy: decision.by, pinReason: decision.reason };
}

/** Returns whether the period was pinned. Waits for a load in progress. */
export async function clearPin(db: TransactionDb, place: PeriodPlace, by: string): Promise<boolean> {
  const [result] = await db
    .update(publishedPeriod)
    .set({ pinnedAt: null, pinnedBy: null, pinReason: null, unpinnedAt: now, unpinnedBy: by })
    .where(and(at(place), isNotNull(publishedPeriod.pinnedAt)));
  return result.affectedRows > 0;
}

/** Whether the period was made from exactly this export, these rules and this code. */
export function hasVersions(current: CurrentPeriod | undefined, versions: Versions): boolean {
  return current?.versions === versionsText(versions);
}

function versionsText({ exportSha256, rulesSha256, codeVersion }: Versions): string {
  return JSON.stringify({ exportSha256, rulesSha256, codeVersion });
}

/** The rules behind what is shown; undefined if they were never recorded. */
export function rulesOf({ versions }: Pick<CurrentPeriod, 'versions'>): string | undefined {
  return versions === null ? undefined : (JSON.parse(versions) as Versions).rulesSha256;
}

/** Whether what is shown was made from the request's export. */
export function hasSameExport({ versions: shown }: CurrentPeriod, { versions }: PublishRequest): boolean {
  return shown !== null && (JSON.parse(shown) as Versions).exportSha256 === versions.exportSha256;
}

/** Whether the request's export was taken before the shown one was taken, or confirmed by a later run. */
export function isTakenBefore({ exportedAt }: PublishRequest, current: CurrentPeriod): boolean {
  return current.exportedAt !== null && instantText(exportedAt) < current.exportedAt;
}

/** The totals that the period was published with, as decimal texts by column. */
export function publishedSums({ sums }: Pick<CurrentPeriod, 'sums'>): Record<string, string> {
  return sums === null ? {} : (JSON.parse(sums) as Record<string, string>);
}
