import { and, desc, eq, isNotNull, lt, sql } from 'drizzle-orm';
import type { PoolConnection } from 'mysql2/promise';
import type { IsoDate } from '../domain/dates.ts';
import { gateReasons, type GatedRun } from '../domain/gateReasons.ts';
import { isOpen } from '../domain/preliminary.ts';
import type { Comparison, GateContext, PublishRequest } from '../domain/publication.ts';
import type { LoadDecision } from './ledgerWrites.ts';
import { hasSameExport, hasVersions, isTakenBefore, publishedSums, type CurrentPeriod } from './periodRow.ts';
import { readRun } from './ledgerReads.ts';
import type { Progress } from './progress.ts';
import { findRulesChange } from './findRulesChange.ts';
import { measureDifferences, measureRows, rollupDifferences } from './reconcile.ts';
import { publishedPeriod } from './schema.ts';
import { reports, type ReportName } from '../reports/index.ts';
import { shownRows } from './shownRows.ts';
import type { Transaction, TransactionDb } from './transaction.ts';

/** The state of a load before its gates are checked. */
export type DueState =
  | { readonly kind: 'due' }
  | { readonly kind: 'unchanged'; readonly publishedRunId: string }
  | { readonly kind: 'superseded'; readonly by: string };

/** The gates have been checked and the shown rows read; the comparison is still running. */
export interface PendingLoadDecision extends Omit<LoadDecision, 'comparison'> {
  readonly comparing: Promise<Comparison>;
}

export async function dueState(
  db: TransactionDb,
  request: PublishRequest,
  current: CurrentPeriod | undefined,
): Promise<DueState> {
  if (current === undefined || current.runId === null) return { kind: 'due' };
  const { runId } = current;
  if (mayBeUnchanged(request, runId) && (await showsTheSame(db, request, current))) {
    return { kind: 'unchanged', publishedRunId: runId };
  }
  return isOlder(request, current) && request.decision === undefined
    ? { kind: 'superseded', by: runId }
    : { kind: 'due' };
}

/**
 * Whether the export was taken before the shown one was taken or confirmed. The shown export itself is not older: a
 * later run may have brought the same bytes, and the first export is then as new.
 */
function isOlder(request: PublishRequest, current: CurrentPeriod): boolean {
  if (!isTakenBefore(request, current)) return false;
  return !hasSameExport(current, request) || current.preliminary !== request.preliminary;
}

/**
 * A person who decides on a version wants the period to show that run, even if another one has the same figures; a
 * forced load is always made again.
 */
function mayBeUnchanged({ decision, force }: PublishRequest, shownRunId: string): boolean {
  if (force === true) return false;
  return decision === undefined || decision.restores === shownRunId;
}

/** Made from the same versions, equally final, and the tables still are as published: no one has changed them since. */
async function showsTheSame(
  db: TransactionDb,
  { run, versions, expected, preliminary }: PublishRequest,
  current: CurrentPeriod,
): Promise<boolean> {
  if (!hasVersions(current, versions) || current.preliminary !== preliminary) return false;
  const found = await measureRows(db, run);
  // Without a checksum, from a load before checksums existed, the period is loaded again.
  const { rowCount, rowsChecksum, rollupsChecksum } = current;
  const published = { rows: rowCount ?? -1, sums: publishedSums(current), checksum: rowsChecksum };
  return (
    measureDifferences(published, found, run.report).length === 0 &&
    measureDifferences(expected, found, run.report).length === 0 &&
    (await rollupDifferences(db, run, { total: found.total, checksum: rollupsChecksum })).length === 0
  );
}

/**
 * Reads the shown rows for the comparison, and checks the gates. Changes nothing. The comparison continues without the
 * connection, and must be awaited in any case.
 */
export async function decideLoad(
  transaction: Transaction,
  request: PublishRequest,
  current: CurrentPeriod | undefined,
  progress: Progress,
): Promise<PendingLoadDecision> {
  const { db, connection } = transaction;
  const rulesChange = await findRulesChange(transaction, request, current, progress);
  progress.at('comparing the rows with those that are shown');
  const { comparing } = await startComparing(connection, request, current, progress);
  // The shown figures passed the gates before: only their preliminary mark goes, or damage is repaired.
  if (hasVersions(current, request.versions)) return { reasons: [], comparing };
  try {
    const context = { ...(await gateContext(db, request, current)), rulesChange };
    return { reasons: gateReasons(request.gates, gateFigures(request), context), comparing };
  } catch (error) {
    await comparing.catch(() => undefined);
    throw error;
  }
}

/** Resolves once the shown rows have been read. */
async function startComparing(
  connection: PoolConnection,
  request: PublishRequest,
  current: CurrentPeriod | undefined,
  progress: Progress,
): Promise<Pick<PendingLoadDecision, 'comparing'>> {
  const shown = shownRows(connection, request.run, current, progress.rows);
  let markAllRead!: () => void;
  const allRead = new Promise<void>((resolve) => (markAllRead = resolve));
  const comparing = request.compare(
    shown === null ? null : { ...shown, pages: signallingEnd(shown.pages, markAllRead) },
  );
  // Mark as handled now; the caller still sees the rejection when it awaits.
  comparing.catch(() => undefined);
  if (shown !== null) await Promise.race([allRead, comparing]);
  return { comparing };
}

async function* signallingEnd<Page>(pages: AsyncIterable<Page>, callback: () => void): AsyncGenerator<Page> {
  yield* pages;
  callback();
}

function gateFigures({ run: { report }, counts, expected, open }: PublishRequest): GatedRun {
  const { read, excluded, rejected, loaded } = counts.accounting;
  const { gateOn } = reports[report];
  return {
    read,
    excluded,
    rejected,
    loaded,
    rejects: counts.rejects,
    dollars: gatedSum(report, expected.sums),
    ...(gateOn === null ? {} : { dollarsOf: gateOn.replaceAll('_', ' ') }),
    open,
  };
}

/** The total that the gates check; null in reports without money. */
function gatedSum(report: ReportName, sums: Readonly<Record<string, string>>): string | null {
  const { gateOn } = reports[report];
  return gateOn === null ? null : (sums[gateOn] ?? null);
}

async function gateContext(
  db: TransactionDb,
  request: PublishRequest,
  current: CurrentPeriod | undefined,
): Promise<Omit<GateContext, 'rulesChange'>> {
  const { run, gates, rejectsOf } = request;
  return {
    previous:
      current === undefined || current.runId === null
        ? null
        : {
            ...figuresOf(run.report, current),
            sameExport: hasSameExport(current, request),
            rejects: rejectsOf(await readRun(db, current.runId)),
          },
    others: await earlierPeriods(db, run, gates.median.periods),
    pinned: pinOf(current),
  };
}

/** The figures of the report's earlier periods that had ended when they were exported, newest first. */
async function earlierPeriods(
  db: TransactionDb,
  { report, period }: PublishRequest['run'],
  most: number,
): Promise<GateContext['others']> {
  const rows = await db
    .select()
    .from(publishedPeriod)
    .where(
      and(
        eq(publishedPeriod.report, report),
        lt(publishedPeriod.periodStart, period.from),
        isNotNull(publishedPeriod.runId),
        sql`(${publishedPeriod.exportedAt} IS NULL OR DATE(${publishedPeriod.exportedAt}) > ${publishedPeriod.periodEnd})`,
      ),
    )
    .orderBy(desc(publishedPeriod.periodStart))
    .limit(most);
  return rows.map((shown) => figuresOf(report, shown));
}

function figuresOf(report: ReportName, shown: CurrentPeriod) {
  return {
    rows: shown.rowCount ?? 0,
    dollars: gatedSum(report, publishedSums(shown)),
    open: wasOpen(shown.periodEnd, shown.exportedAt),
  };
}

/**
 * Whether the period had not ended when the export was taken, by the UTC calendar: the tables know no time zone. West
 * of Greenwich an export of the last evening counts as one of the next day, which only makes the gates stricter.
 */
function wasOpen(periodEnd: string, exportedAt: string | null): boolean {
  if (exportedAt === null) return false;
  const to = periodEnd as IsoDate;
  return isOpen({ from: to, to }, exportedAt.slice(0, 10) as IsoDate);
}

function pinOf(current: CurrentPeriod | undefined): GateContext['pinned'] {
  if (current === undefined || current.pinnedAt === null) return null;
  return { by: current.pinnedBy ?? '', reason: current.pinReason ?? '' };
}
