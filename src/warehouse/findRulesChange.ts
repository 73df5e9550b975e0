import type { PoolConnection } from 'mysql2/promise';
import type { PublishRequest } from '../domain/publication.ts';
import { splitRows } from '../rows/rowLines.ts';
import { compareReread, dollarChanges, type RowBlocks, type RulesChange } from '../domain/rulesChange.ts';
import { reports } from '../reports/index.ts';
import { acceptedRules } from './acceptedRules.ts';
import type { Warehouse } from './connect.ts';
import { readRun } from './ledgerReads.ts';
import { publishedSums, readPeriod, rulesOf, type CurrentPeriod } from './periodRow.ts';
import type { Progress } from './progress.ts';
import { shownRows } from './shownRows.ts';
import type { Transaction, TransactionDb } from './transaction.ts';

type Reader = Pick<TransactionDb, 'select'>;

/**
 * Reads the shown run's export again, if needed, before waiting for the period's lock. The load checks again under the
 * lock and reads again only if the period shows another run by then.
 */
export async function rereadAhead({ db }: Pick<Warehouse, 'db'>, request: PublishRequest): Promise<void> {
  const shown = await shownUnderOtherRules(db, request, await readPeriod(db, request.run));
  if (shown !== undefined) await request.reread(await readRun(db, shown.runId!));
}

/**
 * What the request's rules change in what the period shows; null if it shows nothing, was made under the same rules, or
 * a person has accepted them.
 */
export async function findRulesChange(
  { db, connection }: Transaction,
  request: PublishRequest,
  current: CurrentPeriod | undefined,
  progress: Progress,
): Promise<RulesChange | null> {
  const shown = await shownUnderOtherRules(db, request, current);
  if (shown === undefined) return null;
  progress.at('finding out what the change of rules changes');
  const reread = await request.reread(await readRun(db, shown.runId!));
  if (reread.kind === 'unknown') return reread;
  const counts = await compareReread(request.run.report, {
    shown: shownBlocks(connection, request, shown, progress),
    reread: await reread.rows(),
  });
  return { kind: 'compared', ...counts, dollars: dollarChanges(publishedSums(shown), reread.dollars) };
}

/**
 * A person's decision loads what was made under the rules of its day. Rules accepted before the period was published
 * under others are not accepted for it: the way back to them is a change too.
 */
async function shownUnderOtherRules(
  db: Reader,
  { versions, decision }: PublishRequest,
  current: CurrentPeriod | undefined,
): Promise<CurrentPeriod | undefined> {
  if (decision !== undefined || current === undefined || current.runId === null) return undefined;
  if (rulesOf(current) === versions.rulesSha256) return undefined;
  const accepted = await acceptedRules(db);
  const isAccepted =
    accepted?.rulesSha256 === versions.rulesSha256 &&
    (current.publishedAt === null || accepted.acceptedAt >= current.publishedAt);
  return isAccepted ? undefined : current;
}

async function* shownBlocks(
  connection: PoolConnection,
  { run }: PublishRequest,
  current: CurrentPeriod,
  progress: Progress,
): RowBlocks {
  const width = reports[run.report].rowColumns.length;
  for await (const page of shownRows(connection, run, current, progress.rows)?.pages ?? []) {
    yield splitRows(page, width);
  }
}
