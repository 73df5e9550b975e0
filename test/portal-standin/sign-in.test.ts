import { setTimeout as sleep } from 'node:timers/promises';
import { TOTP, Secret } from 'otpauth';
import { describe, expect, test } from 'vitest';
import { mostOpenSessions } from '../../demo/portal/journal.ts';
import { logIn, rightPassword, withPortal } from './visitor.ts';

const incorrect = 'The user name or password is incorrect.';
const locked = 'Your account has been locked. Contact your administrator.';

describe('signing in', () => {
  test('the fourth wrong password in a row locks the account, even for the right one', async () => {
    await withPortal({}, async (portal) => {
      for (let wrong = 1; wrong <= 3; wrong++)
        expect((await logIn(portal, 'wrong')).text).toContain(incorrect);
      expect((await logIn(portal, 'wrong')).text).toContain(locked);
      expect((await logIn(portal)).text).toContain(locked);
      expect(portal.settings.locked).toEqual({ 'reports.bot': true });
      portal.settings.locked['reports.bot'] = false;
      expect((await logIn(portal)).location).toBe('/app');
    });
  });

  test('a right password starts the count of wrong ones again', async () => {
    await withPortal({}, async (portal) => {
      for (let round = 0; round < 3; round++) {
        for (let wrong = 1; wrong <= 3; wrong++) await logIn(portal, 'wrong');
        expect((await logIn(portal)).location).toBe('/app');
      }
    });
  });

  test('an unknown user is answered like a wrong password', async () => {
    await withPortal({ settings: { passwords: { other: 'x' } } }, async (portal) => {
      delete portal.settings.passwords['reports.bot'];
      expect((await logIn(portal)).text).toContain(incorrect);
    });
  });

  test('the journal reports each submission and never a password', async () => {
    await withPortal({}, async (portal) => {
      await logIn(portal, 'not-the-secret');
      await logIn(portal);
      const submissions = portal.journal.filter(({ kind }) => kind === 'login-submitted');
      expect(submissions).toMatchObject([{ ok: false }, { ok: true }]);
      const text = JSON.stringify(portal.journal);
      expect(text).not.toContain('not-the-secret');
      expect(text).not.toContain(rightPassword);
    });
  });

  test('an expired password leads to a page that asks for a new one, and to no session', async () => {
    await withPortal({ settings: { faults: { passwordExpired: true } } }, async (portal) => {
      const { cookie, text } = await logIn(portal);
      expect(cookie).toBe('');
      expect(text).toContain('Your password has expired.');
    });
  });

  test('a second factor is asked for and checked against the secret, and a used code is refused', async () => {
    await withPortal({ settings: { faults: { mfaAsked: true } } }, async (portal) => {
      const { cookie, location } = await logIn(portal);
      expect(location).toBe('/login/code');
      const app = () => fetch(`${portal.url}/app`, { headers: { cookie }, redirect: 'manual' });
      expect((await app()).headers.get('location')).toBe('/login/code');
      const submit = (token: string) =>
        fetch(`${portal.url}/login/code`, {
          method: 'POST',
          headers: { cookie },
          body: new URLSearchParams({ 'one-time-code': token }),
          redirect: 'manual',
        });
      expect(await (await submit('no-code')).text()).toContain('The verification code is incorrect.');
      const token = new TOTP({ secret: Secret.fromBase32(portal.settings.totpSecret) }).generate();
      expect((await submit(token)).headers.get('location')).toBe('/app');
      expect((await app()).status).toBe(200);
      expect(await (await submit(token)).text()).toContain('The verification code is incorrect.');
    });
  });
});

describe('a session', () => {
  test('that was idle for too long has expired, and the sign-in page says so', async () => {
    await withPortal({ settings: { sessionSeconds: 0.05 } }, async (portal) => {
      const { cookie } = await logIn(portal);
      await sleep(120);
      const app = await fetch(`${portal.url}/app`, { headers: { cookie } });
      expect(new URL(app.url).pathname).toBe('/login');
      expect(await app.text()).toContain('Your session has expired.');
    });
  });

  test('is counted while it is open', async () => {
    await withPortal({}, async (portal) => {
      const first = await logIn(portal);
      await logIn(portal);
      await fetch(`${portal.url}/logout`, { headers: { cookie: first.cookie } });
      await logIn(portal);
      expect(mostOpenSessions(portal.journal)).toBe(2);
    });
  });

  test('ends when the user signs in elsewhere, where the portal allows one only', async () => {
    await withPortal({ settings: { oneSessionPerUser: true } }, async (portal) => {
      const { cookie } = await logIn(portal);
      await logIn(portal);
      const app = await fetch(`${portal.url}/app`, { headers: { cookie } });
      expect(await app.text()).toContain('signed in elsewhere');
    });
  });

  test('ends at the step that a fault names, once', async () => {
    await withPortal({ settings: { faults: { logoutDuring: 'billing' } } }, async (portal) => {
      const { cookie } = await logIn(portal);
      const ask = (path: string) => fetch(portal.url + path, { headers: { cookie } });
      expect((await ask('/api/navigation')).status).toBe(200);
      expect((await ask('/api/billing')).status).toBe(401);
      expect(portal.settings.faults.logoutDuring).toBe(false);
      const again = await logIn(portal);
      const billing = await fetch(`${portal.url}/api/billing`, { headers: { cookie: again.cookie } });
      expect(billing.status).toBe(200);
    });
  });
});

test('closing the portal ends a request that is being delayed', async () => {
  await withPortal({ settings: { delays: { pageMs: 60_000 } } }, async (portal) => {
    const answered = fetch(`${portal.url}/login`).then(
      () => 'answered',
      () => 'broken off',
    );
    await sleep(50);
    await portal.close();
    expect(await answered).toBe('broken off');
  });
});
