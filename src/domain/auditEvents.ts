import { createHash } from 'node:crypto';
import type { ReportName } from '../reports/index.ts';
import type { Period } from './periods.ts';

/** What people decide or look at; the column `action` of audit_event holds these words. */
export const auditActions = [
  'approve',
  'reject',
  'rollback',
  'unpin',
  'accept-rules',
  'unblock-login',
  'show-names',
  'open-artifact',
  'cancel',
  'schedule',
  'deploy',
  'retention',
  'rekey',
  'take-over',
] as const;

export type AuditAction = (typeof auditActions)[number];

/** Who acted: the name is a claim of the program that acted, unless a certificate or a token proves it. */
export interface AuditActor {
  readonly name: string;
  readonly proof: 'claimed' | 'mTLS' | 'token';
}

/** An event to record. Its texts name no patient. */
export interface NewAuditEvent {
  readonly action: AuditAction;
  readonly actor: AuditActor;
  /** The person that the actor says to act for: `--by`. */
  readonly onBehalfOf?: string | undefined;
  /** An event of the same key is recorded once, so that a step may run again; without it each call is an event. */
  readonly key?: string | undefined;
  readonly report?: ReportName | undefined;
  readonly period?: Period | undefined;
  readonly runId?: string | undefined;
  readonly reason?: string | undefined;
  /** What else the event is about, e.g. `{ uri }`. */
  readonly details?: Readonly<Record<string, string | number | boolean | readonly string[]>> | undefined;
}

/** A recorded event, as audit_event holds it. */
export interface AuditEvent {
  /** 1 for the first event, without gaps. */
  readonly sequence: number;
  /** By the database's clock: UTC, `YYYY-MM-DD hh:mm:ss.mmm`. */
  readonly at: string;
  readonly action: string;
  readonly actor: string;
  readonly proof: string;
  readonly onBehalfOf: string | null;
  readonly eventKey: string;
  readonly report: string | null;
  readonly periodStart: string | null;
  readonly periodEnd: string | null;
  readonly runId: string | null;
  readonly reason: string | null;
  /** JSON. */
  readonly details: string | null;
  /** The hash of the event before. */
  readonly previousHash: string;
  readonly hash: string;
}

/** The last event of the chain. */
export type AuditHead = Pick<AuditEvent, 'sequence' | 'hash'>;

/** What the first event follows. */
export const emptyChain: AuditHead = { sequence: 0, hash: '0'.repeat(64) };

/** Keeps these hashes apart from those of any other text, and of a later form of the event. */
const hashDomain = 'ehr-pipeline audit event 1';

/** SHA-256 of all other columns, in this order, as a JSON array: one text for each event. */
export function auditHash(event: Omit<AuditEvent, 'hash'>): string {
  const columns = [
    hashDomain,
    event.sequence,
    event.at,
    event.action,
    event.actor,
    event.proof,
    event.onBehalfOf,
    event.eventKey,
    event.report,
    event.periodStart,
    event.periodEnd,
    event.runId,
    event.reason,
    event.details,
    event.previousHash,
  ];
  return createHash('sha256').update(JSON.stringify(columns)).digest('hex');
}

/** The person for whom an actor decided; undefined if that is the actor's own user. */
export function onBehalfOf(by: string, { name }: AuditActor): string | undefined {
  return by === name || name.startsWith(`${by}@`) ? undefined : by;
}

/** What is wrong with an event that should follow that head; undefined if nothing is. */
export function auditBreak(event: AuditEvent, before: AuditHead): string | undefined {
  const next = before.sequence + 1;
  if (event.sequence > next) return missingEvents(next, event.sequence - 1);
  if (event.sequence < next) return `event ${String(event.sequence)} was added`;
  if (event.hash !== auditHash(event)) return `event ${String(event.sequence)} was changed`;
  if (event.previousHash === before.hash) return undefined;
  return before.sequence === 0
    ? `event ${String(event.sequence)} is not the first one that was recorded`
    : `event ${String(event.sequence)} does not follow event ${String(before.sequence)}: one of them was replaced`;
}

/** Names the events of these numbers as missing. */
export function missingEvents(first: number, last: number): string {
  return first === last
    ? `event ${String(first)} is missing`
    : `events ${String(first)} to ${String(last)} are missing`;
}
