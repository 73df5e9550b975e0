import type { Step } from './faults.ts';
import { record, type SessionEnd } from './journal.ts';
import { errorPage, maintenancePage, sessionEndedPage, withCookieBar } from './pages.ts';
import { brokenConnection, dataReply, pageReply, redirectReply, type Reply } from './reply.ts';
import type { Route } from './routes.ts';
import { endSession, expireSessions, type Session } from './sessions.ts';
import { delay, type PortalState } from './state.ts';
import { strikes, strikesAt } from './strike.ts';
import type { Visit } from './visit.ts';

export async function answer(route: Route, visit: Visit): Promise<Reply> {
  const reply = await answerBare(route, visit);
  const isPage = reply.headers['content-type']?.startsWith('text/html') === true;
  if (!isPage || strikes(visit.state, 'cookieBanner', route.step) === undefined) return reply;
  return { ...reply, body: withCookieBar(reply.body.toString()) };
}

/** Answers a request: first what the faults want, then whether the session allows it, then the route itself. */
async function answerBare(route: Route, visit: Visit): Promise<Reply> {
  const { state } = visit;
  await delay(state, strikes(state, 'slow', route.step) ?? 0);
  if (route.answers === 'page') await delay(state, state.settings.delays.pageMs);
  const failure = serverFailure(state, route);
  if (failure !== undefined) return failure;
  endSessionByFault(visit, route.step);
  if (endsOnAPage(visit, route.step)) return pageReply(sessionEndedPage());
  if (route.access === 'anyone') return route.handle(visit);
  const session = openSessionOf(visit);
  if (session === undefined) return sessionEnded(visit, route);
  if (session.stage === 'code' && route.access !== 'code') return redirectReply('/login/code');
  if (route.step === 'app' && strikes(state, 'redirectLoop', 'app') !== undefined)
    return redirectReply('/app');
  return route.handle({ ...visit, session });
}

function serverFailure(state: PortalState, { step, answers }: Route): Reply | undefined {
  if (strikesAt(state, 'connectionReset', step)) return brokenConnection;
  if (strikes(state, 'maintenancePage', step) !== undefined) {
    return answers === 'page' ? pageReply(maintenancePage(), 503) : dataReply({}, 503);
  }
  if (!strikesAt(state, 'http500Once', step) && !strikesAt(state, 'http500Always', step)) return undefined;
  return answers === 'page'
    ? pageReply(errorPage('The server could not process your request.'), 500)
    : dataReply({}, 500);
}

function endSessionByFault({ state, sessionId }: Visit, step: Step): void {
  if (sessionId === undefined || !state.sessions.open.has(sessionId)) return;
  const reasons = { logoutDuring: 'expired', sessionTakenOver: 'taken-over' } as const;
  for (const fault of ['logoutDuring', 'sessionTakenOver'] as const) {
    if (!strikesAt(state, fault, step)) continue;
    endSession(state.sessions, state.journal, sessionId, reasons[fault]);
  }
}

function endsOnAPage({ state, sessionId }: Visit, step: Step): boolean {
  if (sessionId === undefined || !state.sessions.open.has(sessionId)) return false;
  if (!strikesAt(state, 'expiredPage', step)) return false;
  endSession(state.sessions, state.journal, sessionId, 'expired');
  return true;
}

/** The visit's session, kept alive by it. */
function openSessionOf({ state, sessionId }: Visit): Session | undefined {
  const now = Date.now();
  expireSessions(state.sessions, state.journal, { now, idleSeconds: state.settings.sessionSeconds });
  const session = state.sessions.open.get(sessionId ?? '');
  if (session !== undefined) session.lastSeen = now;
  return session;
}

function sessionEnded({ state, sessionId, from }: Visit, { answers, step }: Route): Reply {
  const ended: SessionEnd | undefined = state.sessions.ended.get(sessionId ?? '');
  if (ended === 'taken-over') record(state.journal, { kind: 'used-after-take-over', step, from });
  const query = ended === undefined || ended === 'logout' ? '' : `?ended=${ended}`;
  return answers === 'page'
    ? redirectReply(`/login${query}`)
    : dataReply({ signInAt: `/login${query}` }, 401);
}
