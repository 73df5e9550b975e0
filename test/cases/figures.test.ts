import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, Locator, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PageData } from '../../src/dashboard/pageData.ts';
import { dataOfPage } from '../dashboard/readPage.ts';
import { System } from '../e2e/system.ts';
import { launchBrowser } from '../real/portal-standin/browser.ts';

/** Small exports that pages and views once showed two ways, upside down or as settled. */
const cases = fileURLToPath(new URL('.', import.meta.url));

let system: System;
let browser: Browser;

beforeAll(async () => {
  system = await System.start({ sharedClient: true });
  await system.startWorker();
  browser = await launchBrowser();
}, 600_000);
afterAll(async () => {
  await browser.close();
  await system.stop();
});

/** The dashboards as of now, open on that view. */
async function openDashboard(view: string, ...args: string[]): Promise<{ page: Page; data: PageData }> {
  const folder = path.join(system.folder, `dashboards-${view.replaceAll(/\W/g, '-')}`);
  await system.run('dashboard', '--out', folder, ...args);
  const file = path.join(folder, 'dashboard.html');
  const html = await readFile(file, 'utf8');
  const page = await browser.newPage({ viewport: { width: 1366, height: 900 } });
  await page.goto(`${pathToFileURL(file).href}#${view}`);
  await page.locator(`#page[data-drawn="#${view}"]`).waitFor({ timeout: 600_000 });
  return { page, data: dataOfPage(html) };
}

function card(page: Page, label: string): Promise<string> {
  const shown = page.locator('.card').filter({ has: page.getByText(label, { exact: true }) });
  return shown.locator('.card-value').innerText();
}

/** The figure's picture, by the figure's heading. */
function picture(page: Page, heading: string): Locator {
  return page
    .locator('section')
    .filter({ has: page.getByRole('heading', { name: heading, exact: true }) })
    .getByRole('img');
}

const cycles = [
  ['2026-08-16', '2026-08-31'],
  ['2026-09-01', '2026-09-15'],
  ['2026-09-16', '2026-09-30'],
  ['2026-10-01', '2026-10-15'],
  ['2026-10-16', '2026-10-31'],
  ['2026-11-01', '2026-11-15'],
] as const;

test('preview --json counts what differs and says that its list of rows is cut', async () => {
  const [from, to] = cycles[0];
  const file = path.join(cases, '96-ninety-days-two-ways', `n-${from}.csv`);
  const period = ['notes', '--from', from, '--to', to, '--file', file];
  const whole = JSON.parse(await system.run('preview', ...period, '--json', '--limit', '100000')) as Preview;
  expect(whole.changes.added).toBeGreaterThan(50);
  expect(whole).toMatchObject({ total: whole.changes.added, truncated: false });
  expect(whole.rows).toHaveLength(whole.changes.added);
  const cut = JSON.parse(await system.run('preview', ...period, '--json')) as Preview;
  const { added } = whole.changes;
  expect(cut).toMatchObject({ changes: { added }, total: added, truncated: true });
  expect(cut.rows).toHaveLength(50);
});

interface Preview {
  readonly changes: { readonly added: number };
  readonly rows: readonly unknown[];
  readonly total: number;
  readonly truncated: boolean;
}

describe('96: the 90 days of notes', () => {
  beforeAll(async () => {
    for (const [from, to] of cycles) {
      const file = path.join(cases, '96-ninety-days-two-ways', `n-${from}.csv`);
      await system.run('run', 'notes', '--from', from, '--to', to, '--file', file);
    }
  }, 600_000);

  test('are the same on the page and in the view, to the note', async () => {
    const [view] = await system.query('SELECT * FROM v_notes_last_90_days');
    expect(view).toMatchObject({
      first_day: '2026-08-18',
      last_day: '2026-11-15',
      loaded_days: '90',
      row_count: '1806',
    });
    const { page, data } = await openDashboard('notes');
    expect(data.recent).toEqual({ from: '2026-08-18', to: '2026-11-15', loadedDays: 90 });
    expect(await card(page, 'Notes')).toBe('1,806');
    expect(await card(page, 'Late')).toBe(view!['late']);
    expect(await card(page, 'Unbillable')).toBe(view!['unbillable']);
    expect(await card(page, 'Average days to sign')).toBe(view!['avg_days_to_sign']);
    expect(await page.locator('.scope').innerText()).toContain(
      '90 days, Aug 18 – Nov 15, 2026, all of them loaded',
    );
    await page.close();
  });

  test('have each caregiver’s notes the same, by key', async () => {
    const rows = await system.query(
      'SELECT caregiver_key, row_count, late FROM v_notes_last_90_days_by_caregiver',
    );
    const { page, data } = await openDashboard('caregiver');
    const shown = new Map<string, [number, number]>();
    for (const [, recent, caregiver, notes, , late] of data.notes) {
      if (recent === 0) continue;
      const { key } = data.caregivers[caregiver]!;
      const [before, lateBefore] = shown.get(key) ?? [0, 0];
      shown.set(key, [before + notes, lateBefore + late]);
    }
    expect(rows.length).toBeGreaterThan(3);
    expect(Object.fromEntries(shown)).toEqual(
      Object.fromEntries(
        rows.map((row) => [row['caregiver_key'], [Number(row['row_count']), Number(row['late'])]]),
      ),
    );
    await page.close();
  });

  test('are whole in dashboards of fewer months than they reach over', async () => {
    const { page, data } = await openDashboard('notes?months', '--month', '2026-11');
    expect(data.recent?.loadedDays).toBe(90);
    expect(data.notes.reduce((sum, tuple) => sum + (tuple[1] === 1 ? tuple[3] : 0), 0)).toBe(1806);
    await page.close();
  });
});

describe('pages without a load behind them', () => {
  test('show no figure and no green', async () => {
    const { page } = await openDashboard('summary');
    expect(await card(page, 'Authorized')).toBe('no figures yet');
    expect(await page.locator('main').innerText()).not.toContain('$0.00');
    expect(await page.locator('.state').innerText()).toBe('Not loaded; no figures yet');
    expect(await page.locator('.settled').count()).toBe(0);
    await page.close();
  });

  test('say so where the newest run failed, as status and the view do', async () => {
    const notCsv = path.join(system.folder, 'reportExport.csv');
    await writeFile(notCsv, '<!doctype html><title>Please sign in</title>');
    const { code } = await system.tryRun(
      'run',
      'notes',
      '--from',
      '2026-10-16',
      '--to',
      '2026-10-31',
      '--file',
      notCsv,
    );
    expect(code).not.toBe(0);
    const { page } = await openDashboard('notes?span=2026-10');
    const state = page.locator('.state');
    expect(await state.innerText()).toMatch(
      /^Failed: the newest run of Oct 16–31, 2026 failed \(\w+\); figures are of [A-Z][a-z]{2} \d{1,2}, \d{4}/,
    );
    expect(await page.locator('.settled').count()).toBe(0);
    expect(await page.locator('.top').innerText()).toContain(
      'In 1 period the newest run is not in the figures',
    );
    await page.close();
    const [view] = await system.query(
      "SELECT state FROM v_data_status WHERE report = 'notes' AND period_start = '2026-10-16'",
    );
    expect(view?.['state']).toBe('failed');
    const checked = await system.tryRun('status', '--check', '--json');
    expect(checked.code).toBe(1);
    const periods = JSON.parse(checked.stdout) as { from: string; state: string }[];
    expect(periods.find(({ from }) => from === '2026-10-16')?.state).toBe('failed');
  });
});

describe('93: utilization below zero', () => {
  beforeAll(async () => {
    const file = path.join(cases, '93-negative-utilization', 'export.csv');
    await system.run('run', 'utilization', '--from', '1980-04-01', '--to', '1980-04-30', '--file', file);
  }, 600_000);

  test('is drawn to the left of zero, as long as it is', async () => {
    const { page } = await openDashboard('summary', '--month', '1980-04');
    const boxes = await picture(page, 'Utilization by QP').locator('path[fill="#1d5b94"]').all();
    const bars = await Promise.all(boxes.map((box) => box.boundingBox()));
    expect(bars).toHaveLength(2);
    // Least used first.
    const [reversed, half] = bars as { x: number; width: number }[];
    expect(reversed!.x + reversed!.width).toBeCloseTo(half!.x, 0);
    expect(reversed!.width / half!.width).toBeCloseTo(1.5, 1);
    expect(reversed!.x).toBeLessThan(half!.x);
    const gauge = await picture(page, 'Utilization').locator('text').allTextContents();
    expect(gauge.join(' ')).toContain('-12.50%');
    expect(gauge.join(' ')).toContain('below 0%');
    await page.close();
  });

  test('has its month drawn, on an axis with zero', async () => {
    const { page } = await openDashboard('summary?all', '--month', '1980-04');
    const months = picture(page, 'Utilization by month');
    const texts = await months.locator('text').allTextContents();
    expect(texts).toContain('-12.50%');
    expect(texts).toContain('0');
    const zero = await months.locator('text', { hasText: /^0$/ }).boundingBox();
    const mark = await months.locator('text', { hasText: '-12.50%' }).boundingBox();
    expect(mark!.y).toBeGreaterThan(zero!.y - 10);
    await page.close();
  });
});

describe('24: types of the views', () => {
  test('preliminary is an INT in every view, and unsigned notes have a name that needs no quotes', async () => {
    const types = await system.query(
      `SELECT DISTINCT c.data_type AS type FROM information_schema.columns AS c
       JOIN information_schema.views AS v ON v.table_schema = c.table_schema AND v.table_name = c.table_name
       WHERE c.table_schema = DATABASE() AND c.column_name = 'preliminary'`,
    );
    expect(types).toEqual([{ type: 'int' }]);
    const [months] = await system.query(
      'SELECT SUM(unsigned_notes) AS n, SUM(`unsigned`) AS old FROM v_notes_by_month',
    );
    const [rows] = await system.query('SELECT SUM(is_unsigned) AS n FROM v_notes');
    expect(months?.['n']).toBe(rows?.['n']);
    expect(months?.['old']).toBe(rows?.['n']);
  });
});
