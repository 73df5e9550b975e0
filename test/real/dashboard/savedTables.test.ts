import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { allNames } from './dashboardSite.ts';
import { DashboardSite } from './openPage.ts';
import { unzipped } from './unzipped.ts';

/** `client dashboard --export`: the tables as files, held against those that the page's own buttons save. */
const project = fileURLToPath(new URL('../../..', import.meta.url));
let site: DashboardSite;
let folder: string;

beforeAll(async () => {
  site = await DashboardSite.start();
});
afterAll(() => site.stop());
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ehr-tables-'));
  return () => rm(folder, { recursive: true, force: true });
});

async function dashboard(...args: string[]): Promise<void> {
  const { PATH, HOME, EHR_CHROMIUM } = process.env;
  await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', 'src/client.ts', 'dashboard', '--out', folder, ...args],
    { cwd: project, env: { PATH, HOME, EHR_CHROMIUM, DATABASE_URL: site.tested.url } },
  );
}

/** The files that belong to a page, by what is behind its name. */
async function tablesOf(page: string, ending: string): Promise<Map<string, Buffer>> {
  const names = (await readdir(folder)).filter(
    (name) => name.startsWith(`${page}.`) && name.endsWith(`.${ending}`),
  );
  const files = names.map(
    async (name) => [name.slice(page.length + 1), await readFile(path.join(folder, name))] as const,
  );
  return new Map(await Promise.all(files));
}

/** What a person gets who opens the same file and saves the table. */
async function savedByHand(format: 'CSV' | 'Excel', caption: string): Promise<readonly [string, Buffer]> {
  const shown = await site.openFile(path.join(folder, 'dashboard.html'));
  await shown.goTo('all');
  const started = shown.page.waitForEvent('download');
  await shown.page
    .getByRole('button', { name: `Save as ${format}: ${caption}` })
    .first()
    .click();
  const download = await started;
  return [download.suggestedFilename(), await readFile(await download.path())];
}

async function codesOf(column: string, rows: string): Promise<Set<string>> {
  const found = await site.tested.query(`SELECT DISTINCT ${column} AS code FROM ${rows}`);
  return new Set(found.map(({ code }) => String(code)));
}

function sheetNames(workbook: Buffer): string[] {
  const list = unzipped(workbook).get('xl/workbook.xml')!;
  return [...list.matchAll(/<sheet [^>]*name="([^"]*)"/g)].map(([, name]) => name!);
}

/** How many tables the page of everyone has. */
async function tableCount(): Promise<number> {
  const shown = await site.openFile(path.join(folder, 'dashboard.html'));
  await shown.goTo('all');
  return shown.page.getByRole('table').count();
}

describe('client dashboard --export csv', () => {
  test('saves every table as the page does, to the byte', async () => {
    await dashboard('--export', 'csv', '--month', '2026-10');
    const tables = await tablesOf('dashboard', 'csv');
    expect(tables.size).toBeGreaterThan(15);
    expect(tables.size).toBe(await tableCount());
    for (const caption of ['Under-utilization by QP', 'Unknown service codes']) {
      const [name, bytes] = await savedByHand('CSV', caption);
      expect(tables.get(name)?.toString()).toBe(bytes.toString());
    }
    for (const name of await readdir(folder)) {
      expect((await stat(path.join(folder, name))).mode & 0o777).toBe(0o600);
    }
  });

  test('leaves figures below zero alone, and lets no text be a formula', async () => {
    await dashboard('--export', 'csv', '--names');
    const tables = await tablesOf('dashboard', 'csv');
    const cells = [...tables.values()].flatMap((bytes) => parse(bytes, { bom: true }).flat());
    expect(cells).toContain("'-2+3");
    const likeFormulas = cells.filter((cell) => /^[=+\-@]/.test(cell));
    expect(likeFormulas.length).toBeGreaterThan(0);
    expect(likeFormulas.filter((cell) => !/^-\d+\.\d\d$/.test(cell))).toEqual([]);
  });

  test('shows people by code, and on a QP’s page nobody else’s clients', async () => {
    const [qp] = await site.tested.query(
      `SELECT qp_code, qp_key FROM utilization WHERE ym = '2026-10' AND qp_code <> '' GROUP BY qp_code, qp_key ORDER BY COUNT(*) DESC`,
    );
    const code = String(qp!['qp_code']);
    await dashboard('--export', 'csv', '--qp', code, '--month', '2026-10');
    const everything = (
      await Promise.all((await readdir(folder)).map((name) => readFile(path.join(folder, name), 'utf8')))
    ).join('');
    expect(allNames.filter((name) => everything.includes(name))).toEqual([]);
    const [own, all, caregivers, supervisors] = await Promise.all([
      codesOf('client_code', `utilization WHERE qp_key = '${String(qp!['qp_key'])}'`),
      codesOf('client_code', 'utilization'),
      codesOf('employee_code', 'notes'),
      codesOf('supervisor_code', 'notes'),
    ]);
    // Caregivers of the QP's clients and their supervisors are shown as well, and some have the code of somebody else's
    // client.
    const others = [...all].filter(
      (each) => !own.has(each) && !caregivers.has(each) && !supervisors.has(each),
    );
    expect(others.length).toBeGreaterThan(10);
    const tables = await tablesOf(`dashboard-qp-${code.toLowerCase()}`, 'csv');
    const cells = [...tables.values()].flatMap((bytes) => parse(bytes, { bom: true }).flat());
    const shown = new Set(cells.map((cell) => cell.replace(/ [0-9a-f]{4}$/, '')));
    expect([...caregivers].filter((each) => shown.has(each))).not.toEqual([]);
    expect(others.filter((each) => shown.has(each))).toEqual([]);
  });
});

describe('client dashboard --export xlsx', () => {
  test('saves every table as a workbook', async () => {
    await dashboard('--export', 'xlsx', '--month', '2026-10');
    const tables = await tablesOf('dashboard', 'xlsx');
    const workbook = tables.get('all-tables.xlsx')!;
    tables.delete('all-tables.xlsx');
    expect(tables.size).toBe(await tableCount());
    const sheets = sheetNames(workbook);
    expect(sheets).toHaveLength(tables.size + 2);
    expect(sheets[0]).toBe('Contents');
    expect(sheets.at(-1)).toBe('Scope');
    expect(new Set(sheets.map((sheet) => sheet.toLowerCase())).size).toBe(sheets.length);
    for (const sheet of sheets) expect(sheet).toMatch(/^[^[\]:*?/\\]{1,31}$/);
    expect(sheets.some((sheet) => /^\d+ Under-utilization by QP$/.test(sheet))).toBe(true);
    const [name, bytes] = await savedByHand('Excel', 'Under-utilization by QP');
    expect(tables.get(name)?.length).toBe(bytes.length);
    for (const file of tables.values()) expect(file.subarray(0, 2).toString()).toBe('PK');
  });
});
