import type { ReportName } from '../../src/reports/index.ts';
import type { FaultName, Step } from './faults.ts';

/** What happened at the portal, as its own audit trail would tell. Never a password, a code or a person. */
export type JournalEvent =
  | { kind: 'login-submitted'; ok: boolean }
  | { kind: 'code-submitted'; ok: boolean }
  | { kind: 'account-locked' }
  | { kind: 'session-opened'; openSessions: number }
  | { kind: 'session-ended'; reason: SessionEnd; openSessions: number }
  | { kind: 'logout' }
  /** A browser went on with a session after another login had ended it: two used the login at one time. */
  | { kind: 'used-after-take-over'; step: Step; from: string }
  | { kind: 'consented' }
  | { kind: 'report-run'; report: ReportName; from: string; to: string; rows: number }
  | { kind: 'export-started'; report: ReportName; from: string; to: string }
  | { kind: 'export-delivered'; report: ReportName; from: string; to: string; bytes: number }
  | { kind: 'fault-struck'; fault: FaultName; step: Step };

export type SessionEnd = 'logout' | 'expired' | 'taken-over';

/** `at` is an ISO instant. */
export type JournalEntry = JournalEvent & { at: string };

/** The oldest entries go first once there are this many: weeks of demo runs, a few megabytes. */
const journalLimit = 20_000;

export function record(journal: JournalEntry[], event: JournalEvent): void {
  if (journal.length >= journalLimit) journal.shift();
  journal.push({ ...event, at: new Date().toISOString() });
}

/** The most sessions that were ever open at one time. */
export function mostOpenSessions(journal: readonly JournalEntry[]): number {
  return journal.reduce(
    (most, entry) => (entry.kind === 'session-opened' ? Math.max(most, entry.openSessions) : most),
    0,
  );
}
