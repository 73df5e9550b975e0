import { readFile } from 'node:fs/promises';
import type { Browser, Download, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reportBytes, reportTable } from '../../../demo/portal/data.ts';
import type { LookName } from '../../../demo/portal/looks.ts';
import { startPortal } from '../../../demo/portal/portal.ts';
import type { Period } from '../../../src/domain/periods.ts';
import { launchBrowser } from './browser.ts';

const delays = { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 300 };
const cycle = { from: '2026-09-16', to: '2026-09-30' } as Period;
const file = reportBytes('demo', 'notes', cycle);
const rows = reportTable('demo', 'notes', cycle).rows.length;

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** The bytes of the file to which a walk through the portal leads. */
async function fileBy(look: LookName, use: (page: Page) => Promise<Download>): Promise<Buffer> {
  const portal = await startPortal({ settings: { look, delays } });
  const page = await browser.newPage();
  // Against hangs only.
  page.setDefaultTimeout(300_000);
  try {
    await page.goto(`${portal.url}/login`);
    const download = await use(page);
    return await readFile(await download.path());
  } finally {
    await page.close();
    await portal.close();
  }
}

/** Steps month by month from wherever the calendar opens. */
async function pickDay(page: Page, label: string, day: string): Promise<void> {
  await page.getByRole('button', { name: label }).click();
  const heading = page.getByRole('heading', { level: 3 });
  const wanted = new Date('2026-09-01');
  for (let step = 0; step < 240; step += 1) {
    const shown = new Date(`${(await heading.textContent())!} 1 UTC`);
    if (shown.getTime() === wanted.getTime()) break;
    await page.getByRole('button', { name: shown > wanted ? 'Previous month' : 'Next month' }).click();
  }
  expect(await heading.textContent()).toBe('September 2026');
  await page.getByRole('gridcell', { name: day, exact: true }).click();
}

test('tree: a person opens folders, picks days in a calendar and gets the file', async () => {
  const bytes = await fileBy('tree', async (page) => {
    await page.getByLabel('Staff ID').fill('reports.bot');
    await page.getByLabel('Passphrase').fill('demo-Passw0rd!');
    await page.getByRole('button', { name: 'Enter' }).click();
    await page.getByRole('treeitem', { name: 'Finance' }).click();
    await page.getByRole('treeitem', { name: 'Report center' }).click();
    await page.getByRole('gridcell', { name: 'Service Notes Signature' }).click();
    await pickDay(page, 'First day', '16');
    await pickDay(page, 'Last day', '30');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByText(`${String(rows)} entries from 9/16/2026 to 9/30/2026`).waitFor();
    const arriving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download CSV' }).click();
    return arriving;
  });
  expect(bytes.equals(file)).toBe(true);
});

test('inbox: a person requests the report, refreshes the inbox and takes the file', async () => {
  const bytes = await fileBy('inbox', async (page) => {
    await page.getByLabel('E-mail or login').fill('reports.bot');
    await page.getByLabel('Passcode').fill('demo-Passw0rd!');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('menuitem', { name: 'New request' }).click();
    await page.getByLabel('Report type').selectOption('Service Notes Signature');
    await page.getByLabel('From').fill(cycle.from);
    await page.getByLabel('Through').fill(cycle.to);
    await page.getByRole('button', { name: 'Send request' }).click();
    await page.getByText('Your request was received').waitFor();
    await page.getByRole('menuitem', { name: 'Inbox' }).click();
    const link = page.getByRole('link', { name: 'Download' });
    await expect
      .poll(
        async () => {
          await page.getByRole('button', { name: 'Refresh' }).click();
          await page.getByRole('list', { name: 'Files' }).waitFor();
          return link.count();
        },
        { timeout: 300_000 },
      )
      .toBe(1);
    await page.getByText(`: ${String(rows)} rows`).waitFor();
    const arriving = page.waitForEvent('download');
    await link.click();
    return arriving;
  });
  expect(bytes.equals(file)).toBe(true);
});
