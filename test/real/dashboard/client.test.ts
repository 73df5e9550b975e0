import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { exitCodes } from '../../../src/cli/exitCodes.ts';
import { dataOfPage, textOfPage } from '../../dashboard/readPage.ts';
import { TestWarehouse } from '../warehouse/testWarehouse.ts';
import { allNames, loadDashboardMonths } from './dashboardSite.ts';

/** `client dashboard` as people call it: a process of its own that knows the database and nothing else. */
const project = fileURLToPath(new URL('../../..', import.meta.url));
let tested: TestWarehouse;
let folder: string;

beforeAll(async () => {
  tested = await TestWarehouse.start();
  await loadDashboardMonths(tested);
});
afterAll(() => tested.stop());
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ehr-dashboards-'));
  return () => rm(folder, { recursive: true, force: true });
});

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function command(...args: string[]): string[] {
  return ['--import', 'tsx', 'src/client.ts', 'dashboard', '--out', folder, ...args];
}

function surroundings() {
  const { PATH, HOME, EHR_CHROMIUM } = process.env;
  return { cwd: project, env: { PATH, HOME, EHR_CHROMIUM, DATABASE_URL: tested.url } };
}

async function dashboard(...args: string[]): Promise<Answer> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, command(...args), surroundings());
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as Answer;
    return { code, stdout, stderr };
  }
}

async function written(): Promise<string[]> {
  return (await readdir(folder)).sort();
}

function fileText(name: string): Promise<string> {
  return readFile(path.join(folder, name), 'utf8');
}

describe('client dashboard', () => {
  test('writes one file for everyone, small enough to mail, that only its owner may read', async () => {
    const { code, stdout } = await dashboard();
    expect(code).toBe(0);
    expect(stdout).toContain(`wrote ${path.join(folder, 'dashboard.html')}`);
    expect(stdout).toContain('by name code');
    expect(await written()).toEqual(['dashboard.html']);
    const { size, mode } = await stat(path.join(folder, 'dashboard.html'));
    expect(size).toBeLessThan(1_500_000);
    expect(mode & 0o777).toBe(0o600);
    const html = textOfPage(await fileText('dashboard.html'));
    expect(allNames.filter((name) => html.includes(JSON.stringify(name).slice(1, -1)))).toEqual([]);
  });

  test('shows names only when asked for them, and says what that means', async () => {
    const { stdout } = await dashboard('--names');
    expect(stdout).toContain('protected health information');
    expect(textOfPage(await fileText('dashboard.html'))).toContain('JOHNSON, JAMES');
  });

  test('ends with the month that was asked for', async () => {
    await dashboard('--month', '2026-09');
    const html = await fileText('dashboard.html');
    const data = dataOfPage(html);
    expect(data.months.at(-1)).toBe('2026-09');
    expect(data.openOn).toBe('2026-09');
  });

  test('writes a page for one QP, or for each', async () => {
    const [qp] = await tested.query(
      "SELECT DISTINCT qp_code FROM utilization WHERE qp_code <> '' ORDER BY qp_code",
    );
    const code = String(qp!['qp_code']);
    await dashboard('--qp', code);
    expect(await written()).toEqual([`dashboard-qp-${code.toLowerCase()}.html`]);
    await dashboard('--every-qp');
    const [counted] = await tested.query('SELECT COUNT(DISTINCT qp_key) AS n FROM utilization');
    expect(await written()).toHaveLength(Number(counted!['n']) + 1);
  });

  test.each(['SIGINT', 'SIGHUP'] as const)(
    'that is ended by %s in mid-work takes its unfinished pages along',
    async (signal) => {
      const child = spawn(process.execPath, command('--every-qp', '--pdf'), {
        ...surroundings(),
        stdio: 'ignore',
      });
      const ended = once(child, 'close');
      await vi.waitFor(async () => expect(await written()).toEqual([expect.stringMatching(/^\./)]), {
        timeout: 300_000,
        interval: 50,
      });
      child.kill(signal);
      expect(await ended).toEqual([exitCodes.failed, null]);
      expect(await written()).toEqual([]);
    },
  );

  test.each([
    { paper: 'A4', box: '[0 0 595.91998 842.88]' },
    { paper: 'Letter', box: '[0 0 612 792]' },
  ])('prints all pages on $paper', async ({ paper, box }) => {
    const { code, stdout } = await dashboard('--pdf', '--paper', paper);
    expect(code).toBe(0);
    expect(stdout).toContain('dashboard.pdf');
    const pdf = await readFile(path.join(folder, 'dashboard.pdf'), 'latin1');
    expect(pdf.startsWith('%PDF-')).toBe(true);
    const boxes = new Set(pdf.match(/\/MediaBox \[[^\]]*\]/g));
    expect([...boxes]).toEqual([`/MediaBox ${box}`]);
    expect(pdf.match(/\/Type \/Page\b/g)!.length).toBeGreaterThan(6);
    expect((await stat(path.join(folder, 'dashboard.pdf'))).mode & 0o777).toBe(0o600);
  });

  test.each([
    { args: ['--month', '2026-13'], words: '--month: must be an existing month' },
    { args: ['--month', '2020-01'], words: 'nothing is loaded of 2020-01' },
    { args: ['--qp', 'NOBOD'], words: 'no QP of the months shown has that code or key' },
  ])('refuses $args and writes nothing', async ({ args, words }) => {
    const { code, stderr } = await dashboard(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
    expect(await written()).toEqual([]);
  });
});
