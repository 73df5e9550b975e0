import { expect, test } from 'vitest';
import { ConfigError, type PortalSettings } from '../../src/config.ts';
import type { QueuedSession } from '../../src/portal/loginQueue.ts';
import { RenewedLogin, type LoginAccess } from '../../src/wiring/renewedLogin.ts';

const settingsWith = (password: string): PortalSettings => ({
  url: 'https://portal.example/login',
  user: 'reports',
  password,
});

/** A login whose guard and sessions only say which password they have. */
function renewedLogin(currentSettings: () => PortalSettings) {
  const guarded = new Map<LoginAccess, string>();
  const accessOf = ({ password }: PortalSettings) => {
    const access = {} as LoginAccess;
    guarded.set(access, password);
    return access;
  };
  const login = new RenewedLogin({ settings: settingsWith('old'), currentSettings, accessOf });
  const sent: string[] = [];
  return {
    login,
    guardKnows: () => guarded.get(login.access),
    sent,
    open: (close: () => Promise<void> = () => Promise.resolve()) =>
      login.open(({ password }) => {
        sent.push(password);
        return { close } as QueuedSession;
      }),
  };
}

test('a new password is taken between two sessions, by session and guard alike', async () => {
  const { login, guardKnows, sent, open } = renewedLogin(() => settingsWith('new'));
  const session = open();
  login.renew();
  expect(guardKnows()).toBe('old');
  await session.close();
  login.renew();
  expect(guardKnows()).toBe('new');
  open();
  expect(sent).toEqual(['old', 'new']);
});

test('a session that could not be closed is over all the same', async () => {
  const { login, guardKnows, open } = renewedLogin(() => settingsWith('new'));
  const session = open(() => Promise.reject(new Error('the browser is gone')));
  await expect(session.close()).rejects.toThrow('the browser is gone');
  login.renew();
  expect(guardKnows()).toBe('new');
});

test('a file that cannot be read leaves the password of before', () => {
  const { login, guardKnows } = renewedLogin(() => {
    throw new ConfigError(['EHR_PORTAL_PASSWORD_FILE: got an empty file']);
  });
  login.renew();
  expect(guardKnows()).toBe('old');
});
