import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reportBytes, reportTable } from '../../../demo/portal/data.ts';
import { startPortal, type PortalOptions, type RunningPortal } from '../../../demo/portal/portal.ts';
import type { Period } from '../../../src/domain/periods.ts';
import { launchBrowser, openReports, pressRunReport, runReport, signIn } from './browser.ts';

const short = { pageMs: 0, lateMs: 60, queryMs: 150, exportMs: 300 };
const september = { from: '2026-09-01', to: '2026-09-30' } as Period;
const cycle = { from: '2026-09-16', to: '2026-09-30' } as Period;
const utilization = { reportTitle: 'Service Variance-Utilization', start: '09012026', end: '09302026' };
const notes = { reportTitle: 'Service Notes Signature', start: '09162026', end: '09302026' };

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

async function visit(
  settings: NonNullable<PortalOptions['settings']>,
  use: (page: Page, portal: RunningPortal) => Promise<void>,
): Promise<void> {
  const portal = await startPortal({ settings: { delays: short, ...settings } });
  const page = await browser.newPage();
  // Everything here takes less than a second: what has not come after ten will not come.
  page.setDefaultTimeout(10_000);
  try {
    await use(page, portal);
  } finally {
    await page.close();
    await portal.close();
  }
}

function alertText(page: Page): Promise<string | null> {
  return page.getByRole('alert').textContent();
}

async function exported(page: Page): Promise<{ name: string; bytes: Buffer }> {
  const arriving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).click();
  await page.getByText('Exporting report').waitFor();
  await page.getByText(/^\d+ %$/).waitFor();
  const download = await arriving;
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

describe('a person at the portal', () => {
  test('signs in, agrees, runs both reports and gets the files the data say', async () => {
    await visit({}, async (page, portal) => {
      await signIn(page, portal.url);
      await page.getByRole('button', { name: 'I agree' }).click();
      await openReports(page);

      await runReport(page, utilization);
      const rows = reportTable('demo', 'utilization', september).rows.length;
      expect(await page.getByText('records found').textContent()).toBe(`${rows} records found`);
      expect(await page.getByLabel('Start Date').filter({ visible: true }).inputValue()).toBe('09/01/2026');
      const first = await exported(page);
      expect(first.name).toBe('reportExport.csv');
      expect(first.bytes.equals(reportBytes('demo', 'utilization', september))).toBe(true);

      await runReport(page, notes);
      const second = await exported(page);
      expect(second.bytes.equals(reportBytes('demo', 'notes', cycle))).toBe(true);

      await page.getByRole('link', { name: 'Log out' }).click();
      await page.getByText('You have been logged out.').waitFor();
      expect(portal.journal.map(({ kind }) => kind)).toEqual([
        'login-submitted',
        'session-opened',
        'consented',
        'report-run',
        'export-started',
        'export-delivered',
        'report-run',
        'export-started',
        'export-delivered',
        'logout',
        'session-ended',
      ]);
    });
  });

  test('meets other ids at each load, and hidden twins of the date fields', async () => {
    await visit({ consentBanner: false }, async (page, portal) => {
      const startDateIds = async () => {
        await openReports(page);
        const fields = await page.getByLabel('Start Date').all();
        return Promise.all(fields.map((field) => field.getAttribute('id')));
      };
      await signIn(page, portal.url);
      const ids = await startDateIds();
      expect(ids.length).toBe(3);
      expect(ids[0]).toMatch(/^datefield-\d{4}-inputEl$/);
      expect(await page.getByLabel('Start Date').filter({ visible: true }).count()).toBe(1);
      await page.reload();
      expect(await startDateIds()).not.toEqual(ids);
    });
  });

  test('learns of a wrong password, and of the lock after the fourth', async () => {
    await visit({}, async (page, portal) => {
      for (let wrong = 1; wrong <= 3; wrong++) {
        await signIn(page, portal.url, 'wrong');
        expect(await alertText(page)).toBe('The user name or password is incorrect.');
      }
      for (const password of ['wrong', 'demo-Passw0rd!']) {
        await signIn(page, portal.url, password);
        expect(await alertText(page)).toBe('Your account has been locked. Contact your administrator.');
      }
    });
  });

  test('agrees once a session', async () => {
    await visit({}, async (page, portal) => {
      await signIn(page, portal.url);
      await page.getByRole('button', { name: 'I agree' }).click();
      await page.reload();
      await openReports(page);
      // Longer than the banner is late.
      await page.waitForTimeout(short.lateMs * 4);
      expect(await page.getByText('Notice to users').count()).toBe(0);
    });
  });

  test('cannot run a report with a date that does not exist', async () => {
    await visit({ consentBanner: false }, async (page, portal) => {
      await signIn(page, portal.url);
      await openReports(page);
      await page.getByRole('combobox', { name: 'Report' }).fill('service n');
      await page.getByRole('option', { name: 'Service Notes Signature' }).click();
      await page.getByLabel('Start Date').filter({ visible: true }).fill('02302026');
      await page.getByRole('button', { name: 'Run Report' }).click();
      await page.getByText('Enter a start date and an end date as MM/DD/YYYY.').waitFor();
      expect(portal.journal.some(({ kind }) => kind === 'report-run')).toBe(false);
    });
  });
});

describe('a fault', () => {
  test('that ends the session in mid-query leads to the sign-in page, which says so', async () => {
    await visit({ consentBanner: false, faults: { logoutDuring: 'query' } }, async (page, portal) => {
      await signIn(page, portal.url);
      await openReports(page);
      await pressRunReport(page, utilization);
      expect(await alertText(page)).toBe('Your session has expired.');
    });
  });

  test('that takes the permission leaves the report out of the picker', async () => {
    await visit({ consentBanner: false, faults: { permissionMissing: true } }, async (page, portal) => {
      await signIn(page, portal.url);
      await openReports(page);
      await page.getByRole('combobox', { name: 'Report' }).click();
      await page.getByRole('option', { name: 'Claims Aging Summary' }).waitFor();
      expect(await page.getByRole('option').count()).toBe(3);
    });
  });

  test('that takes the permission to export leaves the result without its button', async () => {
    await visit({ consentBanner: false, faults: { permissionMissing: 'export' } }, async (page, portal) => {
      await signIn(page, portal.url);
      await openReports(page);
      await runReport(page, notes);
      expect(await page.getByRole('button', { name: 'Export' }).count()).toBe(0);
    });
  });

  test('that renames the label leaves only the hidden twins under the old one', async () => {
    await visit({ consentBanner: false, faults: { renamedLabel: true } }, async (page, portal) => {
      await signIn(page, portal.url);
      await openReports(page);
      expect(await page.getByLabel('From Date').filter({ visible: true }).count()).toBe(1);
      expect(await page.getByLabel('Start Date').filter({ visible: true }).count()).toBe(0);
    });
  });

  test('that never finishes stands at 45 %, and no file comes', async () => {
    await visit({ consentBanner: false, faults: { neverFinishes: true } }, async (page, portal) => {
      await signIn(page, portal.url);
      await openReports(page);
      await runReport(page, notes);
      await page.getByRole('button', { name: 'Export' }).click();
      await page.getByText('45 %').waitFor();
      await page.waitForTimeout(short.exportMs * 2);
      expect(await page.getByText('45 %').count()).toBe(1);
      expect(portal.journal.some(({ kind }) => kind === 'export-delivered')).toBe(false);
    });
  });

  test('that breaks the connection makes the browser call the download failed', async () => {
    await visit({ consentBanner: false, faults: { cutAtByte: 2000 } }, async (page, portal) => {
      await signIn(page, portal.url);
      await openReports(page);
      await runReport(page, notes);
      const arriving = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Export' }).click();
      expect(await (await arriving).failure()).not.toBeNull();
    });
  });

  test('that puts a dialog in the way covers the form until it is closed', async () => {
    await visit({ consentBanner: false, faults: { dialogInTheWay: true } }, async (page, portal) => {
      await signIn(page, portal.url);
      await openReports(page);
      await page.getByRole('alertdialog', { name: "What's new" }).waitFor();
      const picker = page.getByRole('combobox', { name: 'Report' });
      await expect(picker.click({ timeout: 300 })).rejects.toThrow('intercepts pointer events');
      await page.getByRole('button', { name: 'Close' }).click();
      await runReport(page, notes);
    });
  });
});
