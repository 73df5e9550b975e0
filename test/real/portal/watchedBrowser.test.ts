import { expect, test } from 'vitest';
import { launchBrowser } from '../../../src/portal/browser.ts';
import { PortalTrouble } from '../../../src/portal/trouble.ts';
import { watchBrowser } from '../../../src/portal/watchedBrowser.ts';
import { testBrowser } from './fixtures/sessions.ts';

test('a browser that is killed before its first page is there is out of order, not a defect', async () => {
  const started = await launchBrowser(testBrowser());
  process.kill(started.processId!, 'SIGKILL');
  const failure = await watchBrowser(started).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(PortalTrouble);
  expect(failure).toMatchObject({ type: 'PortalUnavailable' });
  expect(started.browser.isConnected()).toBe(false);
});
