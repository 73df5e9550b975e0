import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { PartExamination, type Finding } from '../../../src/cli/doctor/examination.ts';
import { examineWalk } from '../../../src/cli/doctor/portal.ts';
import type { PipelineConfig } from '../../../src/config.ts';
import { parseIsoDate } from '../../../src/domain/dates.ts';
import { periodContaining } from '../../../src/domain/periods.ts';
import type { ReportName } from '../../../src/reports/index.ts';
import { holdLogin } from '../../../src/wiring/heldLogin.ts';
import { openPortals, type PortalInUse } from '../../../src/wiring/portals.ts';
import { TestWarehouse } from '../warehouse/testWarehouse.ts';
import { startPagePortal, type PagePortal, type PortalPage } from './fixtures/pagePortal.ts';

// Against hangs only.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let tables: TestWarehouse;
let folder: string;
beforeAll(async () => {
  tables = await TestWarehouse.start();
  folder = await mkdtemp(join(tmpdir(), 'two-portals-'));
});
afterAll(async () => {
  await tables.stop();
  await rm(folder, { recursive: true, force: true });
});

const timeZone = 'America/New_York';
const secrets = { loginKey: 'k'.repeat(64), nameKey: 'n'.repeat(64) };

const signIn = `<form method="post" action="/in"><label>User <input name="user"></label>
  <label>Password <input name="password" type="password"></label><button>Log in</button></form>`;

/** A portal that serves one report, as a file that says whose it is. */
function pagesOf(text: string, answer?: PortalPage): Record<string, PortalPage> {
  return {
    '/': signIn,
    '/in':
      answer ??
      ((_, response) => response.setHeader('content-type', 'text/html').end('<a href="/file">Export</a>')),
    '/file': (_, response) =>
      response.setHeader('content-disposition', 'attachment; filename="export.csv"').end(text),
  };
}

/** Never answers. */
const silent: PortalPage = () => undefined;

const recipeOf = (report: ReportName) => `portal: ${report}
reports: { ${report}: { title: Export } }
patience: { stepSeconds: 20 }
signedIn: { link: Export }
login:
  - { name: open, goto: "\${portal.url}/" }
  - { name: user, fill: "\${secret.user}", into: { label: User } }
  - { name: password, fill: "\${secret.password}", into: { label: Password } }
  - { name: send, click: { button: Log in }, submits: password }
report:
  - { name: look, wait: { appears: { link: "\${report.title}" } } }
download: { name: export, click: { link: "\${report.title}" } }
`;

async function portalIn(report: ReportName, { url }: PagePortal, user: string): Promise<PortalInUse> {
  const recipe = join(folder, `${report}.yaml`);
  await writeFile(recipe, recipeOf(report));
  const config = {
    recipe,
    idleSeconds: 5,
    attempts: 1,
    retrySeconds: 1,
    showPatientData: false,
    headless: true,
  };
  return { reports: [report], config, settings: { url, user, password: 'correct horse' } };
}

test('each report comes from its own portal, with a login of its own', async () => {
  await using billing = await startPagePortal(pagesOf('of billing'));
  await using clinical = await startPagePortal(pagesOf('of clinical'));
  const inUse = [await portalIn('utilization', billing, 'a'), await portalIn('notes', clinical, 'b')];
  const portals = await openPortals(inUse, { timeZone, warehouse: tables.warehouse, secrets, folder });
  const textOf = async (report: ReportName) => {
    const exported = await portals.exportReport({
      report,
      period: periodContaining(report, parseIsoDate('2026-10-01')!),
      onProgress: () => undefined,
      signal: AbortSignal.timeout(200_000),
    });
    return 'path' in exported ? readFile(exported.path, 'utf8') : exported.loginInUse;
  };
  try {
    expect(await textOf('notes')).toBe('of clinical');
    expect(await textOf('utilization')).toBe('of billing');
  } finally {
    await portals.close();
  }
  const [rows] = await tables.server.admin.query(
    `SELECT COUNT(DISTINCT login_key) AS logins FROM ${new URL(tables.url).pathname.slice(1)}.portal_login`,
  );
  expect(Number((rows as { logins: unknown }[])[0]!.logins)).toBeGreaterThanOrEqual(2);
});

test('a walk of doctor sends a password without an answer once, and leaves the other time to a run', async () => {
  await using portal = await startPagePortal(pagesOf('', silent));
  const { config, ...others } = await portalIn('notes', portal, 'c');
  await writeFile(
    config.recipe,
    recipeOf('notes')
      .replace('reports: {', 'reports: { utilization: { title: Export },')
      .replace('stepSeconds: 20', 'stepSeconds: 3'),
  );
  const findings: Finding[] = [];
  const part = new PartExamination('portal', (finding) => findings.push(finding));
  const walk = () =>
    examineWalk(part, {
      config: { organisation: { timeZone } } as PipelineConfig,
      portal: { ...others, config, reports: ['utilization', 'notes'] },
      warehouse: tables.warehouse,
      secrets,
      folder,
    });
  await walk();
  await walk();
  expect(portal.requests.filter((request) => request === 'POST /in')).toHaveLength(1);
  expect(findings.filter(({ state }) => state === 'problem')).toHaveLength(2);
});

test('a person at a terminal gets a login that is free, and none that was refused', async () => {
  const settings = { url: 'https://portal.invalid', user: 'd', password: 'correct horse' };
  const hold = () =>
    holdLogin(
      { warehouse: tables.warehouse, secrets },
      { settings, recipe: undefined },
      AbortSignal.timeout(200_000),
    );
  const held = await hold();
  try {
    await held.guard.beforePasswordSubmit();
    await held.guard.afterLogin({ rejected: 'PortalLoginRejected' });
  } finally {
    await held.release();
  }
  await expect(hold()).rejects.toMatchObject({ type: 'PortalLoginRejected' });
});

test('client recipe try signs in to the portal of its report alone', async () => {
  await using billing = await startPagePortal(pagesOf('of billing'));
  await using clinical = await startPagePortal(pagesOf('of clinical'));
  await portalIn('utilization', billing, 'a');
  await portalIn('notes', clinical, 'b');
  const pipeline = join(folder, 'pipeline.yaml');
  const demo = await readFile('demo/pipeline.yaml', 'utf8');
  const ownRecipes = 'portal:\n  recipe: utilization.yaml\n  reports: { notes: { recipe: notes.yaml } }\n';
  await writeFile(pipeline, demo.replace(/^portal:\n(?: {2}#.*\n)? {2}recipe: .*\n/m, ownRecipes));
  const call = ['recipe', 'try', '--report', 'notes', '--period', '2026-10-01', '--until', 'look', '--yes'];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', 'src/client.ts', ...call],
    {
      env: {
        ...process.env,
        DATABASE_URL: '',
        EHR_CONFIG: pipeline,
        EHR_ARTIFACTS: folder,
        EHR_PORTAL_URL: billing.url,
        EHR_PORTAL_USER: 'a',
        EHR_PORTAL_PASSWORD: 'correct horse',
        EHR_PORTAL_NOTES_URL: clinical.url,
        EHR_PORTAL_NOTES_USER: 'b',
        EHR_PORTAL_NOTES_PASSWORD: 'battery staple',
      },
    },
  );
  expect(stdout).toContain('Done until "look".');
  expect(billing.requests).toEqual([]);
  expect(clinical.requests).toContain('POST /in');
});
