import { expect, test } from 'vitest';
import { whyBlocked } from '../../src/cli/status.ts';

test.each([
  [{ state: 'open', failureType: null }, ''],
  [{ state: 'blocked', failureType: null }, 'no answer seen'],
  [{ state: 'blocked', failureType: 'PortalLayoutChanged' }, 'an unknown page followed the login'],
  [{ state: 'blocked', failureType: 'PortalOriginRefused' }, 'the portal led to another origin'],
  [{ state: 'blocked', failureType: 'PortalLocked' }, 'PortalLocked'],
] as const)('portal status: %j is told as "%s"', (login, why) => {
  expect(whyBlocked(login)).toBe(why);
});
