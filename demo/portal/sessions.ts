import { randomBytes } from 'node:crypto';
import { record, type JournalEntry, type SessionEnd } from './journal.ts';

export interface Session {
  readonly id: string;
  readonly user: string;
  /** Epoch milliseconds of its last request. */
  lastSeen: number;
  consented: boolean;
  /** `code` until the second factor has been given. */
  stage: 'code' | 'open';
}

export interface Sessions {
  readonly open: Map<string, Session>;
  /** Why sessions that a browser may still ask for have ended. */
  readonly ended: Map<string, SessionEnd>;
}

/** Remembered endings; older ones are simply unknown sessions. */
const endedLimit = 1_000;

export function newSessions(): Sessions {
  return { open: new Map(), ended: new Map() };
}

export function openSession(
  sessions: Sessions,
  journal: JournalEntry[],
  session: Pick<Session, 'user' | 'stage'> & { now: number },
): Session {
  const { user, stage, now } = session;
  const opened: Session = {
    id: randomBytes(16).toString('hex'),
    user,
    stage,
    lastSeen: now,
    consented: false,
  };
  sessions.open.set(opened.id, opened);
  record(journal, { kind: 'session-opened', openSessions: sessions.open.size });
  return opened;
}

export function endSession(
  sessions: Sessions,
  journal: JournalEntry[],
  id: string,
  reason: SessionEnd,
): void {
  if (!sessions.open.delete(id)) return;
  if (sessions.ended.size >= endedLimit) sessions.ended.delete(sessions.ended.keys().next().value!);
  sessions.ended.set(id, reason);
  record(journal, { kind: 'session-ended', reason, openSessions: sessions.open.size });
}

/** Ends the sessions that have been idle for too long. */
export function expireSessions(
  sessions: Sessions,
  journal: JournalEntry[],
  { now, idleSeconds }: { now: number; idleSeconds: number },
): void {
  for (const { id, lastSeen } of sessions.open.values()) {
    if (now - lastSeen > idleSeconds * 1000) endSession(sessions, journal, id, 'expired');
  }
}
