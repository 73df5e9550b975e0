import { Secret, TOTP } from 'otpauth';
import { record } from './journal.ts';
import { codePage, loggedOutPage, otherFactorPage, passwordExpiredPage, signInPage } from './pages.ts';
import { pageReply, redirectReply, type Reply } from './reply.ts';
import { endSession, openSession } from './sessions.ts';
import { delay, type PortalState } from './state.ts';
import { strikes } from './strike.ts';
import { textOf, type SessionVisit, type Visit } from './visit.ts';

export const sessionCookie = 'EHRSESSION';

const wrongPassword = 'The user name or password is incorrect.';
const accountLocked = 'Your account has been locked. Contact your administrator.';

const endings: Readonly<Record<string, string>> = {
  expired: 'Your session has expired.',
  'taken-over': 'Your session has ended because this user signed in elsewhere.',
};

export function showSignIn({ state, url }: Visit): Reply {
  return pageReply(
    signInPage(state.settings.look, { message: endings[url.searchParams.get('ended') ?? ''] }),
  );
}

export async function submitSignIn({ state, fields }: Visit): Promise<Reply> {
  await delay(state, strikes(state, 'slowLogin', 'login') ?? 0);
  const user = textOf(fields, 'username');
  const verdict = judge(state, user, textOf(fields, 'current-password'));
  record(state.journal, { kind: 'login-submitted', ok: verdict === 'right' });
  if (verdict !== 'right') {
    return pageReply(
      signInPage(state.settings.look, { message: verdict === 'locked' ? accountLocked : wrongPassword }),
    );
  }
  if (strikes(state, 'passwordExpired', 'login') !== undefined) return pageReply(passwordExpiredPage());
  return admit(state, user);
}

type Verdict = 'right' | 'wrong' | 'locked';

/** A locked account says so even to the right password; an unknown user looks like a wrong password. */
function judge(state: PortalState, user: string, password: string): Verdict {
  const { settings, wrongPasswords, journal } = state;
  const locked = strikes(state, 'accountLocked', 'login') !== undefined || settings.locked[user] === true;
  if (locked) return 'locked';
  if (!Object.hasOwn(settings.passwords, user)) return 'wrong';
  const refused = strikes(state, 'passwordRefused', 'login') !== undefined;
  if (settings.passwords[user] === password && !refused) {
    wrongPasswords.delete(user);
    return 'right';
  }
  const wrong = (wrongPasswords.get(user) ?? 0) + 1;
  wrongPasswords.set(user, wrong);
  if (wrong < settings.lockAfter) return 'wrong';
  settings.locked[user] = true;
  wrongPasswords.delete(user);
  record(journal, { kind: 'account-locked' });
  return 'locked';
}

function admit(state: PortalState, user: string): Reply {
  const { sessions, journal, settings } = state;
  if (settings.oneSessionPerUser) {
    const older = [...sessions.open.values()].filter((session) => session.user === user);
    for (const { id } of older) endSession(sessions, journal, id, 'taken-over');
  }
  const factors = ['mfaAsked', 'otherFactorAsked'] as const;
  const asked = factors.filter((factor) => strikes(state, factor, 'login') !== undefined);
  const stage = asked.length > 0 ? 'code' : 'open';
  const session = openSession(sessions, journal, { user, stage, now: Date.now() });
  const cookie = `${sessionCookie}=${session.id}; Path=/; HttpOnly; SameSite=Lax`;
  return redirectReply(stage === 'code' ? '/login/code' : '/app', { 'set-cookie': cookie });
}

export function showCode({ state }: SessionVisit): Reply {
  const { otherFactorAsked: factor } = state.settings.faults;
  if (factor === false) return pageReply(codePage());
  return pageReply(otherFactorPage(factor === true ? 'email' : factor));
}

export function submitCode({ state, session, fields }: SessionVisit): Reply {
  const totp = new TOTP({ secret: Secret.fromBase32(state.settings.totpSecret) });
  // One step of 30 seconds either way, as portals allow for clocks that differ.
  const code = textOf(fields, 'one-time-code').trim();
  // As RFC 6238 demands, a code opens one session only.
  const right = totp.validate({ token: code, window: 1 }) !== null && code !== state.lastCode;
  // An app's code answers no other question.
  const ok = right && state.settings.faults.otherFactorAsked === false;
  if (ok) state.lastCode = code;
  record(state.journal, { kind: 'code-submitted', ok });
  if (!ok) return pageReply(codePage({ message: 'The verification code is incorrect.' }));
  session.stage = 'open';
  return redirectReply('/app');
}

/** The stand-in takes no new password: whoever gets here has to be stopped. */
export function submitNewPassword(): Reply {
  return pageReply(passwordExpiredPage());
}

export function logOut({ state, sessionId }: Visit): Reply {
  if (sessionId !== undefined && state.sessions.open.has(sessionId)) {
    record(state.journal, { kind: 'logout' });
    endSession(state.sessions, state.journal, sessionId, 'logout');
  }
  return redirectReply('/logged-out', { 'set-cookie': `${sessionCookie}=; Path=/; Max-Age=0` });
}

export function showLoggedOut(): Reply {
  return pageReply(loggedOutPage());
}
