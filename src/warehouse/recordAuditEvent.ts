import { randomUUID } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { PipelineError } from '../domain/failures.ts';
import { auditHash, type AuditEvent, type AuditHead, type NewAuditEvent } from '../domain/auditEvents.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';
import { now } from './instants.ts';
import { auditEvent, auditHead } from './schema.ts';
import { inTransaction, type TransactionDb } from './transaction.ts';

/**
 * Appends an event to the chain, in the transaction of what it records, as its last statement: from here to the commit
 * no other event can be recorded. The lock is that of the row in `audit_head`, not a named one: it ends with the
 * transaction, whichever way that ends. The transaction must be at READ COMMITTED, as those of `inTransaction` are.
 * Returns the chain's new head; an event whose key is recorded already changes nothing and returns its own place.
 */
export async function recordAuditEvent(db: TransactionDb, event: NewAuditEvent): Promise<AuditHead> {
  const [head] = await db.select().from(auditHead).for('update');
  if (head === undefined) throw headGone();
  const eventKey = event.key ?? randomUUID();
  const [recorded] = await db
    .select({ sequence: auditEvent.sequence, hash: auditEvent.hash })
    .from(auditEvent)
    .where(eq(auditEvent.eventKey, eventKey));
  if (recorded !== undefined) return recorded;

  const sequence = head.sequence + 1;
  const place = { sequence, at: await clockUnderLock(db), eventKey, previousHash: head.hash };
  const columns = { ...eventColumns(event), ...place };
  const next = { sequence, hash: auditHash(columns) };
  await db.insert(auditEvent).values({ ...columns, ...next });
  await db.update(auditHead).set(next);
  return next;
}

/** Records an audit event in a transaction of its own, for what is not decided in the database. */
export async function recordAuditEventAlone(warehouse: Warehouse, event: NewAuditEvent): Promise<AuditHead> {
  try {
    return await inTransaction(warehouse, undefined, ({ db }) => recordAuditEvent(db, event));
  } catch (error) {
    throw asWarehouseFailure(error, 'Recording an audit event');
  }
}

/** A query of its own: a statement's time is when it began, which may be before it waited for the lock. */
async function clockUnderLock(db: TransactionDb): Promise<string> {
  const [row] = await db.select({ at: sql<string>`${now}` }).from(auditHead);
  return row!.at;
}

/** The columns' widths. */
const personCharacters = 320;
const reasonCharacters = 500;

type EventColumns = Omit<AuditEvent, 'sequence' | 'at' | 'eventKey' | 'previousHash' | 'hash'>;

function eventColumns(event: NewAuditEvent): EventColumns {
  const { action, actor, onBehalfOf, report, period, runId, reason, details } = event;
  return {
    action,
    actor: asStored(actor.name, personCharacters),
    proof: actor.proof,
    onBehalfOf: onBehalfOf === undefined ? null : asStored(onBehalfOf, personCharacters),
    report: report ?? null,
    periodStart: period?.from ?? null,
    periodEnd: period?.to ?? null,
    runId: runId ?? null,
    reason: reason === undefined ? null : asStored(reason, reasonCharacters),
    details: details === undefined ? null : asStored(JSON.stringify(details)),
  };
}

/** The hash must be of what is read back: half a surrogate pair is stored as another character. */
function asStored(text: string, mostCharacters?: number): string {
  return Buffer.from(text.slice(0, mostCharacters)).toString();
}

function headGone(): PipelineError {
  return new PipelineError(
    'WarehouseUnavailable',
    'The table audit_head is empty: no event can be recorded.',
    {
      hint: 'Someone deleted its row. Find out who, and restore the table from a backup.',
      retry: false,
    },
  );
}
