import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { exitCodes } from '../../src/cli/exitCodes.ts';
import type { Finding } from '../../src/cli/doctor/examination.ts';
import { openWarehouse, type Warehouse } from '../../src/warehouse/connect.ts';
import { acquireNamedLock } from '../../src/warehouse/namedLock.ts';
import { loginLock } from '../../src/wiring/portalLoginQueue.ts';
import { leaksIn, privateTexts, type PrivateTexts } from './leaks.ts';
import { secretsOf, System } from './system.ts';

const atOnce = { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 };
const wrongPassword = 'not the Password 4711';
const otherKey = 'another invented key for the tests, 9876543210';
const accountPassword = 'of-the-limited-account-0815';
const weekSeconds = 7 * 86_400;

let system: System;
let warehouse: Warehouse;
/** All that any doctor of this file has printed. */
const printed: string[] = [];

interface Diagnosis {
  readonly code: number;
  readonly findings: readonly Finding[];
}

async function doctor(environment: NodeJS.ProcessEnv = {}, ...options: string[]): Promise<Diagnosis> {
  const { code, stdout, stderr } = await system.tryRunWith(environment, 'doctor', '--json', ...options);
  printed.push(stdout, stderr);
  expect(stderr).toBe('');
  return { code, findings: (JSON.parse(stdout) as { findings: Finding[] }).findings };
}

const skipPortal = '--skip-portal';

async function tryRecipe(environment: NodeJS.ProcessEnv = {}): Promise<{ code: number; stdout: string }> {
  const words = ['recipe', 'try', '--report', 'notes', '--until', 'open the portal', '--json'];
  const { code, stdout, stderr } = await system.tryRunWith(environment, ...words);
  printed.push(stdout, stderr);
  return { code, stdout };
}

/** There wherever the tests run as root, where Chromium has no sandbox. */
const noSandbox = 'as root the browser runs without its sandbox';
/** The account of these tests may do everything. */
const mayMuch = 'the account can do more than runs need: ALTER on all tables, DROP on all tables, UPDATE on';
const expectedNotes = [mayMuch, ...(process.getuid?.() === 0 ? [noSandbox] : [])];
const isExpected = (what: string) => expectedNotes.some((note) => what.startsWith(note));

function told({ findings }: Diagnosis, state: Finding['state']): string[] {
  return findings
    .filter((finding) => finding.state === state && !isExpected(finding.what))
    .map(({ part, what, remedy }) => `${part}: ${what} → ${remedy ?? ''}`);
}

beforeAll(async () => {
  system = await System.start({
    portal: { delays: atOnce, data: { scale: 0.1 } },
    environment: { EHR_DATA_KEY: Buffer.alloc(32, 7).toString('base64') },
  });
  await chmod(system.environment['EHR_ARTIFACTS']!, 0o700);
  await system.query('SET GLOBAL innodb_flush_log_at_trx_commit = 1');
  await system.query('SET GLOBAL local_infile = 1');
  await system.client.workflowService.updateNamespace({
    namespace: system.namespace,
    config: { workflowExecutionRetentionTtl: { seconds: weekSeconds as never } },
  });
  await system.startWorker();
  await system.run('schedule', 'apply');
  await system.run('run', 'notes', '--from', '2026-10-16', '--to', '2026-10-31');
  warehouse = await openWarehouse({ url: system.environment['DATABASE_URL']! });
});
afterAll(async () => {
  await warehouse.close();
  await system.stop();
});

describe('a healthy system', () => {
  let diagnosis: Diagnosis;
  let before: number;

  beforeAll(async () => {
    before = system.portal.journal.length;
    diagnosis = await doctor();
  });

  test('is all ok', () => {
    const findings = diagnosis.findings.filter(({ state }) => state !== 'ok');
    expect(findings.filter(({ state, what }) => state !== 'note' || !isExpected(what))).toEqual([]);
    expect(findings).toHaveLength(expectedNotes.length);
    expect(diagnosis.findings.length).toBeGreaterThan(25);
    expect(diagnosis.code).toBe(exitCodes.fine);
  });

  test('was walked through to both exports, and nothing was exported', () => {
    const kinds = system.portal.journal.slice(before).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'report-run')).toHaveLength(2);
    expect(kinds.filter((kind) => kind === 'login-submitted')).toHaveLength(1);
    expect(kinds.filter((kind) => kind.startsWith('export'))).toEqual([]);
  });

  test('has its portal login back, logged out', async () => {
    expect(system.portal.journal.at(-1)).toMatchObject({ kind: 'session-ended', openSessions: 0 });
    const holder = await system.query('SELECT IS_USED_LOCK(?) AS holder', [
      loginLock(warehouse, system.loginNames().current),
    ]);
    expect(holder).toEqual([{ holder: null }]);
  });

  test('is reported in words as well, a line each', async () => {
    const { stdout, code } = await system.tryRun('doctor', skipPortal);
    printed.push(stdout);
    expect(code).toBe(exitCodes.fine);
    expect(stdout).toMatch(/^ok +temporal +workflows of ehr-pipeline are taken by \d+@/m);
    expect(stdout).toMatch(
      /^- +portal +the walk to the export: not checked, because --skip-portal was given$/m,
    );
    const notes = String(expectedNotes.length);
    expect(stdout).toMatch(new RegExp(String.raw`\n0 problems, ${notes} notes?, 1 not checked\n$`));
  });
});

function submissions(): number {
  return system.portal.journal.filter(({ kind }) => kind === 'login-submitted').length;
}

async function emptyDatabase(): Promise<{ url: string; drop: () => Promise<unknown> }> {
  const url = new URL(system.environment['DATABASE_URL']!);
  const name = `${url.pathname.slice(1)}_empty`;
  await system.query(`CREATE DATABASE ${name}`);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => system.query(`DROP DATABASE ${name}`) };
}

describe('broken settings are reported with their remedy', () => {
  const cases: readonly {
    title: string;
    environment: () => NodeJS.ProcessEnv;
    says: readonly RegExp[];
    unchecked?: readonly RegExp[];
  }[] = [
    {
      title: 'no Temporal',
      environment: () => ({ TEMPORAL_ADDRESS: '127.0.0.1:1' }),
      says: [/temporal: .*127\.0\.0\.1:1.* cannot be reached → Check TEMPORAL_ADDRESS/],
      unchecked: [/search attributes/, /workers/, /schedule/],
    },
    {
      title: 'no such namespace',
      environment: () => ({ TEMPORAL_NAMESPACE: 'nowhere' }),
      says: [/temporal: .*no such namespace → Check TEMPORAL_NAMESPACE/],
      unchecked: [/search attributes/, /workers/, /schedule/],
    },
    {
      title: 'no database',
      environment: () => ({ DATABASE_URL: `mysql://ehr:${accountPassword}@127.0.0.1:1/ehr` }),
      says: [/database: .*WarehouseUnavailable.*ECONNREFUSED.* → .*database server/],
      unchecked: [/rights/, /migrations/, /walk/],
    },
    {
      title: 'a database URL that is none',
      environment: () => ({ DATABASE_URL: `postgres://ehr:${accountPassword}@db/ehr` }),
      says: [/settings: the database: .* → Set DATABASE_URL to/],
      unchecked: [/rights/, /migrations/, /walk/],
    },
    {
      title: 'another name key',
      environment: () => ({ EHR_NAME_KEY: otherKey }),
      says: [/database: EHR_NAME_KEY is not the one .* → Set EHR_NAME_KEY to the key that the workers had/],
    },
    {
      title: 'a short name key',
      environment: () => ({ EHR_NAME_KEY: 'short' }),
      says: [/settings: the name key: EHR_NAME_KEY: got 5 characters.*openssl rand -hex 32/],
      unchecked: [/key of the loaded names/],
    },
    {
      title: 'no portal password',
      environment: () => ({ EHR_PORTAL_PASSWORD: '' }),
      says: [/settings: the portal: EHR_PORTAL_PASSWORD: not set/],
    },
    {
      title: 'no folder',
      environment: () => ({ EHR_ARTIFACTS: path.join(system.folder, 'nowhere') }),
      says: [/files: .*is not there → mkdir -p -m 700 '.*nowhere'/],
      unchecked: [/writing/, /free space/],
    },
    {
      // Not even the superuser can write there.
      title: 'a folder that takes no files',
      environment: () => ({ EHR_ARTIFACTS: '/proc' }),
      says: [/files: \/proc cannot be written to \(\w+\) → .*chown/],
    },
    {
      title: 'no browser',
      environment: () => ({ EHR_CHROMIUM: '/nowhere/chromium' }),
      says: [/machine: the browser: EHR_CHROMIUM: got \/nowhere\/chromium, which does not exist/],
    },
    {
      title: 'no configuration',
      environment: () => ({ EHR_CONFIG: '/nowhere/pipeline.yaml' }),
      says: [/settings: the configuration: \/nowhere\/pipeline.yaml: cannot be read \(ENOENT\)/],
    },
    {
      title: 'a portal that is away',
      // Nobody listens on port 2; port 1 is one that fetch would not even try.
      environment: () => ({ EHR_PORTAL_URL: 'http://127.0.0.1:2' }),
      says: [/portal: the portal does not answer \(ECONNREFUSED\) → Check EHR_PORTAL_URL/],
    },
    {
      title: 'a portal beyond this machine without TLS',
      environment: () => ({ EHR_PORTAL_URL: 'http://portal.invalid/login' }),
      says: [
        /settings: the portal: EHR_PORTAL_URL: got an address of another machine that begins with http:\/\//,
      ],
    },
  ];

  test.each(cases)('$title', async ({ environment, says, unchecked = [] }) => {
    const diagnosis = await doctor(environment(), skipPortal);
    const problems = told(diagnosis, 'problem');
    for (const pattern of says) expect(problems).toContainEqual(expect.stringMatching(pattern));
    const notMade = told(diagnosis, 'unchecked');
    for (const pattern of unchecked) expect(notMade).toContainEqual(expect.stringMatching(pattern));
    expect(diagnosis.code).toBe(exitCodes.unfit);
  });

  test('a folder that everybody may look into', async () => {
    const folder = path.join(system.folder, 'open');
    await mkdir(folder);
    await chmod(folder, 0o755);
    const diagnosis = await doctor({ EHR_ARTIFACTS: folder }, skipPortal);
    expect(told(diagnosis, 'problem')).toEqual([
      expect.stringMatching(/files: everybody .* → chmod 700 '.*open'/),
    ]);
  });
});

describe('a Temporal namespace', () => {
  test('without attributes, workers and schedule lacks all of them', async () => {
    const namespace = `${system.namespace}-bare`;
    await system.client.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
    });
    const diagnosis = await doctor({ TEMPORAL_NAMESPACE: namespace }, skipPortal);
    const problems = told(diagnosis, 'problem');
    for (const name of ['EhrReport', 'EhrPeriodStart', 'EhrOutcome', 'EhrAgency']) {
      expect(problems).toContain(
        `temporal: the search attribute ${name} is not registered → temporal operator search-attribute create --namespace ${namespace} --name ${name} --type Keyword`,
      );
    }
    expect(problems).toContainEqual(
      expect.stringMatching(/no worker takes workflows of ehr-pipeline.*npm start/),
    );
    expect(problems).toContainEqual(
      expect.stringMatching(/no worker takes activities of ehr-portal.*npm start/),
    );
    expect(problems).toContainEqual(
      expect.stringMatching(/no schedule ehr-daily.* → npm run client -- schedule apply/),
    );
    expect(told(diagnosis, 'note')).toEqual([
      expect.stringMatching(/for 1 days.* → temporal operator namespace update --namespace/),
      expect.stringMatching(/no build of the workers takes new runs yet → Start a worker/),
    ]);
  });

  test('with a paused schedule names who paused it', async () => {
    await system.run('schedule', 'pause', '--reason', 'the portal moves house');
    try {
      const diagnosis = await doctor({}, skipPortal);
      expect(told(diagnosis, 'note')).toEqual([
        'temporal: the schedule ehr-daily is paused (the portal moves house) → npm run client -- schedule resume',
      ]);
      expect(diagnosis.code).toBe(exitCodes.fine);
    } finally {
      await system.run('schedule', 'resume');
    }
  });
});

describe('a database', () => {
  test.each([
    {
      change: 'innodb_flush_log_at_trx_commit = 2',
      back: 'innodb_flush_log_at_trx_commit = 1',
      state: 'problem' as const,
      says: /innodb_flush_log_at_trx_commit is 2: .* → SET (GLOBAL|PERSIST) innodb_flush_log_at_trx_commit = 1/,
    },
    {
      change: 'local_infile = 0',
      back: 'local_infile = 1',
      state: 'note' as const,
      says: /LOAD DATA LOCAL.*right but slower → SET (GLOBAL|PERSIST) local_infile = 1/,
    },
    {
      change: 'read_only = 1',
      back: 'read_only = 0',
      state: 'problem' as const,
      says: /takes no writes \(read_only\) → Point DATABASE_URL at the writable server/,
    },
  ])('with $change', async ({ change, back, state, says }) => {
    await system.query(`SET GLOBAL ${change}`);
    try {
      expect(told(await doctor({}, skipPortal), state)).toEqual([expect.stringMatching(says)]);
    } finally {
      await system.query(`SET GLOBAL ${back}`);
    }
  });

  test('whose tables were never made', async () => {
    const { url, drop } = await emptyDatabase();
    try {
      const diagnosis = await doctor({ DATABASE_URL: url });
      expect(told(diagnosis, 'problem')).toEqual([
        expect.stringMatching(/database: the tables are \d+ migrations behind → npm run client -- migrate/),
      ]);
      expect(told(diagnosis, 'unchecked')).toContainEqual(
        expect.stringMatching(/walk to the export: not checked, because the tables cannot be used/),
      );
    } finally {
      await drop();
    }
  });

  test('with migrations of a newer program', async () => {
    await system.query("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('x', 9999999999999)");
    try {
      expect(told(await doctor({}, skipPortal), 'note')).toEqual([
        expect.stringMatching(/1 migrations that this program does not know.* → Update this program/),
      ]);
    } finally {
      await system.query('DELETE FROM __drizzle_migrations WHERE created_at = 9999999999999');
    }
  });

  test('whose account may do less than docs/tables.md asks for, and nothing is left behind', async () => {
    const tables = await system.query('SHOW TABLES');
    const url = new URL(system.environment['DATABASE_URL']!);
    const database = url.pathname.slice(1);
    const account = `limited_${database.slice(-8)}`;
    await system.query(`CREATE USER ${account}@'%' IDENTIFIED BY '${accountPassword}'`);
    await system.query(`GRANT SELECT, UPDATE, CREATE ON ${database}.* TO ${account}@'%'`);
    url.username = account;
    url.password = accountPassword;
    try {
      const diagnosis = await doctor({ DATABASE_URL: url.href }, skipPortal);
      expect(told(diagnosis, 'problem')).toEqual([
        expect.stringMatching(
          /^database: the account lacks rights that a worker needs: INSERT on utilization, DELETE on utilization, .* more → As an administrator, give the account what this prints for ehr_worker: npm run client -- grants$/,
        ),
      ]);
      // Tables are changed by migrate alone, which may have another account.
      await system.query(`GRANT INSERT, DELETE ON ${database}.* TO ${account}@'%'`);
      expect(told(await doctor({ DATABASE_URL: url.href }, skipPortal), 'problem')).toEqual([]);
    } finally {
      await system.query(`DROP USER ${account}@'%'`);
    }
    expect(await system.query('SHOW TABLES')).toEqual(tables);
  });
});

describe('the portal', () => {
  test('whose recipe is broken at a step is reported with the step, the failure and the evidence', async () => {
    const recipe = await readFile('config/portals/demo.yaml', 'utf8');
    const broken = path.join(system.folder, 'broken.yaml');
    await writeFile(
      broken,
      recipe
        .replace('{ label: Start Date }', '{ label: First Date }')
        .replace('stepSeconds: 30', 'stepSeconds: 2'),
    );
    const config = await system.configFile('broken-recipe', [[['portal', 'recipe'], broken]]);
    const diagnosis = await doctor({ EHR_CONFIG: config });
    const problems = told(diagnosis, 'problem');
    expect(problems).toHaveLength(2);
    for (const each of problems) {
      expect(each).toMatch(
        /portal: the walk to the export of \w+, .*PortalLayoutChanged: Step "enter the start date".*"First Date".*Evidence: (notes|utilization)-.* → .*fix that step/,
      );
    }
    expect(system.portal.journal.at(-1)).toMatchObject({ kind: 'session-ended', openSessions: 0 });
  });

  test('whose recipe cannot be read is reported with line and hint', async () => {
    const broken = path.join(system.folder, 'unreadable.yaml');
    await writeFile(
      broken,
      (await readFile('config/portals/demo.yaml', 'utf8')).replace('signedIn:', 'signdIn:'),
    );
    const config = await system.configFile('unreadable-recipe', [[['portal', 'recipe'], broken]]);
    expect(told(await doctor({ EHR_CONFIG: config }), 'problem')).toEqual([
      expect.stringMatching(
        /portal: the recipe: InvalidInput: .*unreadable\.yaml:\d+:.* → Fix .*docs\/recipes\.md/s,
      ),
    ]);
  });

  test('that is in use is a note, after a bounded wait', async () => {
    const lock = await acquireNamedLock(warehouse, loginLock(warehouse, system.loginNames().current), {
      timeoutSeconds: 10,
    });
    try {
      const before = submissions();
      const diagnosis = await doctor();
      expect(told(diagnosis, 'note')).toEqual([
        expect.stringMatching(/the portal login is in use.* → .*npm run client -- doctor/),
      ]);
      expect(told(diagnosis, 'unchecked')).toEqual([expect.stringMatching(/walk to the export of notes/)]);
      expect(diagnosis.code).toBe(exitCodes.fine);
      const tried = await tryRecipe();
      expect(tried.stdout).toContain('The portal login is in use');
      expect(tried.code).toBe(exitCodes.failed);
      expect(submissions()).toBe(before);
    } finally {
      await lock.release();
    }
  });

  test('lets a recipe be tried that nothing keeps out', async () => {
    const before = submissions();
    const { code, stdout } = await tryRecipe();
    expect(JSON.parse(stdout)).toMatchObject({ report: 'notes', end: { kind: 'reached' } });
    expect(code).toBe(exitCodes.fine);
    expect(submissions()).toBe(before + 1);
    expect(system.portal.journal.at(-1)).toMatchObject({ kind: 'session-ended', openSessions: 0 });
  });

  test('that refuses the password is asked once, and never again', async () => {
    const before = submissions();
    const first = await doctor({ EHR_PORTAL_PASSWORD: wrongPassword });
    expect(told(first, 'problem')).toEqual([
      expect.stringMatching(
        /portal: the walk to the export of utilization.*PortalLoginRejected.* → .*password.*portal unblock/,
      ),
    ]);
    expect(told(first, 'unchecked')).toEqual([expect.stringMatching(/walk to the export of notes/)]);
    expect(submissions()).toBe(before + 1);
    const second = await doctor({ EHR_PORTAL_PASSWORD: wrongPassword });
    expect(told(second, 'problem')).toEqual([
      expect.stringMatching(
        /PortalLoginRejected: The portal login is blocked here: no password was submitted.* → .*portal unblock/,
      ),
    ]);
    const tried = await tryRecipe({ EHR_PORTAL_PASSWORD: wrongPassword });
    expect(tried.stdout).toContain('The portal login is blocked here: no password was submitted.');
    expect(tried.code).toBe(exitCodes.failed);
    expect(submissions()).toBe(before + 1);
    await system.run('portal', 'unblock');
  });
});

test('a doctor that is interrupted in mid-walk signs out of the portal', async () => {
  const before = system.portal.journal.length;
  const since = () => system.portal.journal.slice(before);
  const child = spawn(process.execPath, [...system.clientProgram, 'doctor'], {
    env: system.environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let shown = '';
  child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  const ended = once(child, 'close');
  await vi.waitFor(() => expect(since().map(({ kind }) => kind)).toContain('report-run'), 60_000);
  child.kill('SIGINT');
  await ended;
  printed.push(shown);
  // By then it may have come to the second report.
  expect(shown).toMatch(/^note +portal +the walk to the export of (utilization|notes), .*was interrupted$/m);
  expect(since().at(-1)).toMatchObject({ kind: 'session-ended', reason: 'logout', openSessions: 0 });
});

test('no doctor has exported anything or printed a secret or a person', async () => {
  const exports = system.portal.journal.filter(({ kind }) => kind === 'export-started');
  expect(exports).toHaveLength(1);
  const secret: PrivateTexts = privateTexts(
    [],
    [...secretsOf(system.environment), wrongPassword, otherKey, accountPassword],
  );
  const names = await system.query(
    'SELECT DISTINCT client AS name FROM notes UNION SELECT caregiver FROM notes',
  );
  expect(names.length).toBeGreaterThan(10);
  const people = new Set(names.map(({ name }) => name!.toLowerCase()));
  expect(printed.length).toBeGreaterThan(20);
  expect(printed.flatMap((text) => leaksIn(text, { ...secret, names: people }))).toEqual([]);
});
