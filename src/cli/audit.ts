import type { AuditAction, AuditEvent } from '../domain/auditEvents.ts';
import { reportNames, type ReportName } from '../reports/index.ts';
import {
  listAuditEvents,
  verifyAuditTrail,
  type AuditFilter,
  type AuditVerdict,
} from '../warehouse/auditTrail.ts';
import { refused } from './commandErrors.ts';
import { dayOption } from './dayOption.ts';
import { exitCodes } from './exitCodes.ts';
import { print, type OutputOptions } from './output.ts';
import { table } from './table.ts';
import { periodArgument } from './periodArgument.ts';
import { withWarehouse } from './connections.ts';

export interface AuditListOptions extends OutputOptions {
  readonly action?: AuditAction;
  readonly report?: ReportName;
  readonly period?: string;
  readonly since?: string;
  readonly limit: number;
}

/** The newest audit events that the options ask for. */
export async function showAudit(options: AuditListOptions): Promise<void> {
  const filter = filterOf(options);
  const events = await withWarehouse((warehouse) => listAuditEvents(warehouse, filter));
  print(options, events.map(eventFacts), () => listWords(events, options.limit));
}

function filterOf({ action, report, period, since, limit }: AuditListOptions): AuditFilter {
  if (period !== undefined && report === undefined) {
    throw refused('--period needs --report.', `Add --report ${reportNames.join(' or ')}.`);
  }
  return {
    action,
    report,
    period: period === undefined ? undefined : periodArgument(report!, period).period,
    since: since === undefined ? undefined : `${dayOption('--since', since)} 00:00:00.000`,
    limit,
  };
}

function eventFacts({ details, ...event }: AuditEvent) {
  return { ...event, details: details === null ? null : detailsOf(details) };
}

/** As text if it is no JSON: somebody may have changed it, and this command shows what is there. */
function detailsOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const headings = ['event', 'at (UTC)', 'action', 'by', 'proof', 'on behalf of', 'about', 'why'];

function listWords(events: readonly AuditEvent[], limit: number): string {
  if (events.length === 0) return 'no such event is recorded';
  const shown = table(
    headings,
    events.map((event) => [
      String(event.sequence),
      event.at.slice(0, 19),
      event.action,
      event.actor,
      event.proof,
      event.onBehalfOf ?? '',
      aboutWords(event),
      event.reason ?? '',
    ]),
  );
  return events.length < limit ? shown : `${shown}\nthere may be older ones: --limit`;
}

function aboutWords({ report, periodStart, periodEnd, runId, details }: AuditEvent): string {
  const period = periodStart === null ? [] : [`${periodStart}..${periodEnd ?? ''}`];
  return [report, ...period, runId, details].filter((part) => part !== null).join(' ');
}

/** Checks the whole chain, and that a kept hash is in it. */
export async function verifyAudit(options: OutputOptions & { head?: string }): Promise<void> {
  const kept = options.head === undefined ? undefined : hashOption(options.head);
  const verdict = await withWarehouse((warehouse) => verifyAuditTrail(warehouse, kept));
  print(options, verdict, () => verdictWords(verdict));
  if (verdict.broken !== null) process.exitCode = exitCodes.unfit;
}

function hashOption(text: string): string {
  const hash = text.trim().toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hash)) return hash;
  throw refused(
    '--head: must be the hash of an event, 64 hex digits',
    'The worker logs it as auditHead.hash.',
  );
}

function verdictWords({ head, broken }: AuditVerdict): string {
  const last = `the last event is ${String(head.sequence)}, hash ${head.hash}`;
  return broken === null
    ? `the chain of audit events is whole; ${last}`
    : `the chain of audit events is BROKEN: ${broken}; ${last}`;
}
