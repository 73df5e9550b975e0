import { and, desc, eq, gt, gte, lte, type SQL } from 'drizzle-orm';
import {
  auditBreak,
  emptyChain,
  missingEvents,
  type AuditAction,
  type AuditEvent,
  type AuditHead,
} from '../domain/auditEvents.ts';
import type { Period } from '../domain/periods.ts';
import type { ReportName } from '../reports/index.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';
import { auditEvent, auditHead } from './schema.ts';
import { inTransaction, type TransactionDb } from './transaction.ts';

export interface AuditFilter {
  readonly action?: AuditAction | undefined;
  readonly report?: ReportName | undefined;
  /** Events about periods that share a day with this one. */
  readonly period?: Period | undefined;
  /** UTC, in the tables' format. */
  readonly since?: string | undefined;
  readonly limit: number;
}

/** The newest events that the filter lets through, newest first. */
export async function listAuditEvents(warehouse: Warehouse, filter: AuditFilter): Promise<AuditEvent[]> {
  try {
    return await warehouse.db
      .select()
      .from(auditEvent)
      .where(and(...conditionsOf(filter)))
      .orderBy(desc(auditEvent.sequence))
      .limit(filter.limit);
  } catch (error) {
    throw asWarehouseFailure(error, 'Reading the audit events');
  }
}

function conditionsOf({ action, report, period, since }: AuditFilter): SQL[] {
  return [
    ...(action === undefined ? [] : [eq(auditEvent.action, action)]),
    ...(report === undefined ? [] : [eq(auditEvent.report, report)]),
    ...(period === undefined
      ? []
      : [lte(auditEvent.periodStart, period.to), gte(auditEvent.periodEnd, period.from)]),
    ...(since === undefined ? [] : [gte(auditEvent.at, since)]),
  ];
}

/** What a check of the whole chain found. */
export interface AuditVerdict {
  /** The last event of the table; its hash is worth keeping elsewhere. */
  readonly head: AuditHead;
  /** The first place where the chain is broken; null if it is whole. */
  readonly broken: string | null;
}

/** Events are read so many at a time. */
const pageRows = 1000;

/**
 * Checks every event and its place in one snapshot, and that the chain ends where `audit_head` says.
 *
 * @param keptHash the hash of an event, as a log or a person kept it: without that event, the chain is broken
 */
export async function verifyAuditTrail(warehouse: Warehouse, keptHash?: string): Promise<AuditVerdict> {
  try {
    return await inTransaction(warehouse, undefined, ({ db }) => verified(db, keptHash), 'snapshot');
  } catch (error) {
    throw asWarehouseFailure(error, 'Checking the audit events');
  }
}

async function verified(db: TransactionDb, keptHash: string | undefined): Promise<AuditVerdict> {
  let head = emptyChain;
  let broken: string | undefined;
  let keptFound = keptHash === undefined || keptHash === emptyChain.hash;
  for await (const event of allEvents(db)) {
    broken ??= auditBreak(event, head);
    keptFound ||= event.hash === keptHash;
    head = { sequence: event.sequence, hash: event.hash };
  }
  broken ??= endBreak(head, await recordedHead(db));
  if (!keptFound)
    broken ??= `the event with the hash ${keptHash!} is not there: the chain was cut off or replaced`;
  return { head, broken: broken ?? null };
}

async function* allEvents(db: TransactionDb): AsyncGenerator<AuditEvent> {
  let last = -1;
  for (;;) {
    const page = await db
      .select()
      .from(auditEvent)
      .where(gt(auditEvent.sequence, last))
      .orderBy(auditEvent.sequence)
      .limit(pageRows);
    yield* page;
    if (page.length < pageRows) return;
    last = page.at(-1)!.sequence;
  }
}

/** The chain's head by the table that gives each event its place; undefined if its row is gone. */
export async function readAuditHead({ db }: Pick<Warehouse, 'db'>): Promise<AuditHead | undefined> {
  try {
    return await recordedHead(db);
  } catch (error) {
    throw asWarehouseFailure(error, 'Reading the head of the audit events');
  }
}

async function recordedHead(db: Pick<TransactionDb, 'select'>): Promise<AuditHead | undefined> {
  const [row] = await db.select({ sequence: auditHead.sequence, hash: auditHead.hash }).from(auditHead);
  return row;
}

function endBreak(last: AuditHead, recorded: AuditHead | undefined): string | undefined {
  if (recorded === undefined) return 'the table audit_head is empty, so the last event may be missing';
  if (recorded.sequence > last.sequence) return missingEvents(last.sequence + 1, recorded.sequence);
  if (recorded.sequence < last.sequence) {
    return `event ${String(last.sequence)} is beyond the last one that audit_head names, ${String(recorded.sequence)}`;
  }
  return recorded.hash === last.hash ? undefined : `event ${String(last.sequence)} was replaced`;
}
