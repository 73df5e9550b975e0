import { expect, test } from 'vitest';
import { shownIn } from '../../../src/portal/locate.ts';
import { launchBrowser } from '../portal-standin/browser.ts';

test('a field is read at once, or not at all where it is gone, not the only one, or its page hangs', async () => {
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  await page.setContent('<input value="08/01/2026"><p>12 records</p><b>one</b><b>two</b>');
  expect(await shownIn(page.locator('input'))).toBe('08/01/2026');
  expect(await shownIn(page.locator('p'))).toBe('12 records');
  expect(await shownIn(page.locator('b'))).toBeUndefined();
  expect(await shownIn(page.locator('i'))).toBeUndefined();
  // Lasts until the browser closes.
  page.evaluate('for (;;) {}').catch(() => {});
  expect(await shownIn(page.locator('input'))).toBeUndefined();
});
