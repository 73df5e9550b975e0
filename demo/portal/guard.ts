import { strikes, type FaultName, type Step } from './faults.ts';
import { record, type SessionEnd } from './journal.ts';
import { errorPage, maintenancePage } from './pages.ts';
import { dataReply, pageReply, redirectReply, type Reply } from './reply.ts';
import type { Route } from './routes.ts';
import { endSession, expireSessions, type Session } from './sessions.ts';
import { delay, type PortalState } from './state.ts';
import type { Visit } from './visit.ts';

/** Answers a request: first what the faults want, then whether the session allows it, then the route itself. */
export async function answer(route: Route, visit: Visit): Promise<Reply> {
  const { state } = visit;
  await delay(state, state.settings.faults.slow ?? 0);
  if (route.answers === 'page') await delay(state, state.settings.delays.pageMs);
  const failure = serverFailure(state, route);
  if (failure !== undefined) return failure;
  endSessionByFault(visit, route.step);
  if (route.access === 'anyone') return route.handle(visit);
  const session = openSessionOf(visit);
  if (session === undefined) return sessionEnded(visit, route);
  if (session.stage === 'code' && route.access !== 'code') return redirectReply('/login/code');
  return route.handle({ ...visit, session });
}

function serverFailure(state: PortalState, { step, answers }: Route): Reply | undefined {
  const { faults } = state.settings;
  if (faults.maintenancePage) {
    return answers === 'page' ? pageReply(maintenancePage(), 503) : dataReply({}, 503);
  }
  const fault = (['http500Once', 'http500Always'] as const).find((name) => strikes(faults, name, step));
  if (fault === undefined) return undefined;
  recordFault(state, fault, step);
  return answers === 'page'
    ? pageReply(errorPage('The server could not process your request.'), 500)
    : dataReply({}, 500);
}

function endSessionByFault({ state, sessionId }: Visit, step: Step): void {
  if (sessionId === undefined || !state.sessions.open.has(sessionId)) return;
  const reasons = { logoutDuring: 'expired', sessionTakenOver: 'taken-over' } as const;
  for (const fault of ['logoutDuring', 'sessionTakenOver'] as const) {
    if (!strikes(state.settings.faults, fault, step)) continue;
    recordFault(state, fault, step);
    endSession(state.sessions, state.journal, sessionId, reasons[fault]);
  }
}

function recordFault(state: PortalState, fault: FaultName, step: Step): void {
  record(state.journal, { kind: 'fault-struck', fault, step });
}

/** The visit's session, kept alive by it. */
function openSessionOf({ state, sessionId }: Visit): Session | undefined {
  const now = Date.now();
  expireSessions(state.sessions, state.journal, { now, idleSeconds: state.settings.sessionSeconds });
  const session = state.sessions.open.get(sessionId ?? '');
  if (session !== undefined) session.lastSeen = now;
  return session;
}

function sessionEnded({ state, sessionId }: Visit, { answers }: Route): Reply {
  const ended: SessionEnd | undefined = state.sessions.ended.get(sessionId ?? '');
  const query = ended === undefined || ended === 'logout' ? '' : `?ended=${ended}`;
  return answers === 'page'
    ? redirectReply(`/login${query}`)
    : dataReply({ signInAt: `/login${query}` }, 401);
}
