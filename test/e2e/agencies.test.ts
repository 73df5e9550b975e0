import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../scripts/services/ports.ts';
import { startPortal, type RunningPortal } from '../../demo/portal/portal.ts';
import { agencyId } from '../../src/domain/agencyId.ts';
import { runReportId } from '../../src/domain/temporalNames.ts';
import type { Period } from '../../src/domain/periods.ts';
import { dataOfPage } from '../dashboard/readPage.ts';
import { samplesIn } from '../observability/metrics/samples.ts';
import { eventsOf } from './runHistory.ts';
import { portalPassword, System } from './system.ts';

const cycle = { from: '2026-10-16', to: '2026-10-31' } as Period;
const golden = fileURLToPath(new URL('../golden/notes-2026-10-16/reportExport.csv', import.meta.url));
const quick = { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 };

/** Two agencies beside the one without an id: other portals with other people, other databases, one worker for all. */
describe('agencies on one worker', () => {
  let system: System;
  const portals: RunningPortal[] = [];
  const databases: Record<string, string> = {};
  let metricsPort: string;

  beforeAll(async () => {
    system = await System.start({
      browser: false,
      sharedClient: true,
      portal: { delays: quick, data: { scale: 0.1 } },
    });
    const folder = path.join(system.folder, 'agencies');
    system.environment['EHR_AGENCIES'] = folder;
    system.environment['EHR_INBOX'] = path.join(system.folder, 'inbox');
    for (const [id, scale] of [
      ['acme', 0.2],
      ['bolt', 0.3],
    ] as const) {
      const portal = await startPortal({ settings: { delays: quick, data: { scale } } });
      portals.push(portal);
      const database = await system.createDatabase();
      databases[id] = new URL(database).pathname.slice(1);
      await writeAgency(folder, id, { DATABASE_URL: database, EHR_PORTAL_URL: portal.url });
    }
    await mkdir(path.join(folder, 'empty'));
    await copyFile(await configOf('empty'), path.join(folder, 'empty', 'pipeline.yaml'));
    metricsPort = String(await freePort());
    await system.startWorker({ EHR_BROWSERS: '2', EHR_METRICS_PORT: metricsPort });
  });
  afterAll(async () => {
    await system.stop();
    await Promise.all(portals.map((portal) => portal.close()));
  });

  function configOf(id: string): Promise<string> {
    return system.configFile(id, [
      [['portal', 'retrySeconds'], 1],
      // One round serves all: what an agency says of it does not count.
      [['alerts', 'everyMinutes'], 7],
    ]);
  }

  async function writeAgency(folder: string, id: string, own: Record<string, string>): Promise<void> {
    const secrets = path.join(folder, id, 'secrets');
    await mkdir(secrets, { recursive: true });
    await copyFile(await configOf(id), path.join(folder, id, 'pipeline.yaml'));
    const variables = {
      EHR_NAME_KEY: `an invented key for the agency ${id}, 0123456789`,
      EHR_LOGIN_KEY: `an invented login key for the agency ${id}, 0123456789`,
      EHR_PORTAL_USER: 'reports.bot',
      EHR_PORTAL_PASSWORD: portalPassword,
      ...own,
    };
    for (const [name, value] of Object.entries(variables)) {
      await writeFile(path.join(secrets, name), `${value}\n`, { mode: 0o600 });
    }
  }

  /** The runs that one agency's ledger has, by outcome. */
  function ledgerOf(id: string) {
    return system.query(
      `SELECT run_id, workflow_id, outcome FROM \`${databases[id]!}\`.pipeline_run ORDER BY finished_at`,
    );
  }

  test('are checked, and get tables and schedules of their own', async () => {
    expect(JSON.parse(await system.run('agencies', 'list', '--json'))).toEqual(['acme', 'bolt', 'empty']);
    // One document, for a program that reads it.
    expect(JSON.parse(await system.run('agencies', 'add', 'acme', '--json'))).toMatchObject({
      agency: 'acme',
      tables: { applied: expect.any(Number) as number },
      schedules: { applied: 'created' },
    });
    expect(await system.run('agencies', 'add', 'bolt')).toContain('bolt:ehr-daily created');
    const checked = await system.tryRun('agencies', 'check');
    expect(checked.code).toBe(2);
    expect(checked.stdout).toMatch(/^acme: ready\nbolt: ready\nempty:\n/);
    // What is missing is never taken from the agency without an id.
    expect(checked.stdout).toContain('EHR_NAME_KEY: not set');
    // For a test below: a worker looks each minute.
    const file = path.join(system.folder, 'agencies/acme/pipeline.yaml');
    const yaml = await readFile(file, 'utf8');
    await writeFile(file, yaml.replace(/^( *at: )['"]?\d\d:\d\d['"]?/m, "$1'04:45'"));
  });

  test('run the same period at the same time, each from its portal into its tables', async () => {
    const [acme, bolt, home] = await Promise.all([
      system.run('--agency', 'acme', 'run', 'notes', '--from', cycle.from, '--to', cycle.to, '--json'),
      system.temporal(
        'workflow',
        'execute',
        '--type',
        'runReport',
        '--task-queue',
        'ehr-pipeline',
        '--workflow-id',
        runReportId('notes', cycle, 'bolt'),
        '--input',
        JSON.stringify({ agency: 'bolt', report: 'notes', ...cycle }),
      ),
      system.run('run', 'notes', '--from', cycle.from, '--to', cycle.to, '--json'),
    ]);
    expect(acme).toContain('published');
    expect(bolt.code).toBe(0);
    expect(home).toContain('published');
    const loaded = [await ledgerOf('acme'), await ledgerOf('bolt')].map((entries) =>
      entries.map(({ workflow_id: id, outcome }) => [id, outcome]),
    );
    expect(loaded).toEqual([
      [[runReportId('notes', cycle, 'acme'), 'published']],
      [[runReportId('notes', cycle, 'bolt'), 'published']],
    ]);
    const [ofAcme, ofBolt] = await Promise.all(['acme', 'bolt'].map(rowsOf));
    const [{ rows: ofHome } = { rows: '' }] = await system.query('SELECT COUNT(*) AS `rows` FROM notes');
    expect(new Set([ofAcme, ofBolt, ofHome]).size).toBe(3);
    expect(Number(ofHome)).toBeLessThan(Number(ofAcme));
    expect(Number(ofAcme)).toBeLessThan(Number(ofBolt));
  });

  async function rowsOf(id: string) {
    const [row] = await system.query(`SELECT COUNT(*) AS \`rows\` FROM \`${databases[id]!}\`.notes`);
    return row!['rows'];
  }

  test('have metrics of their own, at the end of a run', async () => {
    await vi.waitFor(
      async () => {
        const answer = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
        const samples = samplesIn(await answer.text());
        const rows = (labels: string) => samples.get(`ehr_last_publish_rows{${labels}report="notes"}`);
        expect([rows('agency="acme",'), rows('agency="bolt",')].map(String)).toEqual(
          await Promise.all(['acme', 'bolt'].map(rowsOf)),
        );
        expect(rows('')).toBeLessThan(rows('agency="acme",')!);
        expect(samples.get('ehr_runs_total{agency="bolt",report="notes",outcome="published"}')).toBe(1);
        expect(samples.get('ehr_metrics_source_up{agency="empty",source="ledger"}')).toBe(0);
      },
      { timeout: 600_000, interval: 500 },
    );
  });

  test('can be found, and share the queues fairly', async () => {
    const found: string[] = [];
    for await (const { workflowId } of system.client.workflow.list({ query: "EhrAgency = 'bolt'" })) {
      found.push(workflowId);
    }
    expect(found).toEqual([runReportId('notes', cycle, 'bolt')]);
    for (const [id, key] of [
      [runReportId('notes', cycle, 'bolt'), 'bolt'],
      [runReportId('notes', cycle), 'default'],
    ] as const) {
      const events = await eventsOf(system.client, id);
      const keys = events.flatMap((event) => {
        const { priority } = event.activityTaskScheduledEventAttributes ?? {};
        return priority === undefined || priority === null ? [] : [priority.fairnessKey];
      });
      expect(new Set(keys)).toEqual(new Set([key]));
    }
  });

  test('a daily run of one is its own', async () => {
    const before = (await ledgerOf('bolt')).length;
    const started = await system.run(
      '--agency',
      'acme',
      'daily',
      '--day',
      '2026-11-02',
      '--reports',
      'notes',
      '--json',
    );
    expect(JSON.parse(started)).toMatchObject({ result: { total: 3, failed: 0 } });
    const ids = (await ledgerOf('acme')).map(({ workflow_id: id }) => id);
    expect(ids.every((id) => id!.startsWith(agencyId('acme', '')))).toBe(true);
    expect(ids.length).toBeGreaterThan(1);
    expect((await ledgerOf('bolt')).length).toBe(before);
    const status = JSON.parse(await system.run('status', '--all', '--json')) as {
      agency: string;
      error: string | null;
    }[];
    // The one that nothing is known of comes first.
    expect(status.map(({ agency }) => agency)).toEqual(['empty', 'acme', 'bolt']);
  });

  /** All that the databases of others hold. */
  async function tablesOf(...names: readonly string[]): Promise<unknown[]> {
    const tables = await system.query(
      `SELECT CONCAT('\`', table_schema, '\`.\`', table_name, '\`') AS name FROM information_schema.tables
       WHERE table_type = 'BASE TABLE' AND table_schema IN (${names.map(() => '?').join(', ')}) ORDER BY 1`,
      [...names],
    );
    return system.query(`CHECKSUM TABLE ${tables.map(({ name }) => String(name)).join(', ')}`);
  }

  function start(agency: string, period: Period) {
    return system.client.workflow.start('runReport', {
      workflowId: runReportId('notes', period, agency),
      taskQueue: 'ehr-pipeline',
      args: [{ agency, report: 'notes', ...period }],
    });
  }

  test('a run that waits for its login leaves the worker to another agency, beside an export that hangs', async () => {
    const periods = ['01', '16'].map((day) => ({
      from: `2026-07-${day}`,
      to: day === '01' ? '2026-07-15' : '2026-07-31',
    })) as Period[];
    const [ofAcme] = portals;
    const exportsBegun = () => ofAcme!.journal.filter(({ kind }) => kind === 'export-started').length;
    const before = exportsBegun();
    ofAcme!.settings.delays.exportMs = 600_000;
    const hanging = await start('acme', periods[0]!);
    await vi.waitFor(() => expect(exportsBegun()).toBe(before + 1), { timeout: 600_000 });
    const waiting = await start('acme', periods[1]!);
    await vi.waitFor(
      async () =>
        expect(await waiting.query('progress')).toMatchObject({
          waitingFor: 'the portal login, in use on the same worker, for notes 2026-07-01..2026-07-15',
        }),
      { timeout: 600_000 },
    );
    const ofBolt = await start('bolt', periods[0]!);
    expect(await ofBolt.result()).toMatchObject({ outcome: 'published' });
    expect((await hanging.describe()).status.name).toBe('RUNNING');
    ofAcme!.settings.delays.exportMs = 0;
    await hanging.cancel();
    expect(await waiting.result()).toMatchObject({ outcome: 'published' });
  });

  test('a changed hour in the settings of one has reached its schedule, and its audit', async () => {
    await vi.waitFor(
      async () => {
        const { spec } = await system.client.schedule.getHandle('acme:ehr-daily').describe();
        expect(spec.calendars).toMatchObject([{ hour: [{ start: 4 }], minute: [{ start: 45 }] }]);
      },
      { timeout: 600_000, interval: 1000 },
    );
    const [event] = await system.query(
      `SELECT details FROM \`${databases['acme']!}\`.audit_event WHERE action = 'schedule' ORDER BY sequence DESC LIMIT 1`,
    );
    expect(event?.['details']).toContain('"change":"update","schedule":"acme:ehr-daily"');
  });

  test('a past day starts by the schedule of one, which begins up to ten minutes after its time', async () => {
    await system.run(
      '--agency',
      'acme',
      'schedule',
      'backfill',
      '--from',
      '2026-08-10',
      '--to',
      '2026-08-10',
    );
    const run = system.client.workflow.getHandle('acme:daily-2026-08-10T08:45:00Z');
    await vi.waitFor(async () => run.cancel(), { timeout: 600_000, interval: 1000 });
    const days = `WorkflowType = 'dailyRun' AND WorkflowId STARTS_WITH 'acme:daily-2026-08'`;
    await vi.waitFor(
      async () => expect(await system.client.workflow.count(days)).toMatchObject({ count: 1 }),
      { timeout: 600_000, interval: 1000 },
    );
  });

  test('the alerts of one are about its own schedule, at the pace of the one round for all', async () => {
    await system.run('--agency', 'acme', 'schedule', 'pause', '--reason', 'a try');
    const alerts = async () =>
      JSON.parse(await system.run('--agency', 'acme', 'alerts', '--json')) as {
        everyMinutes: number;
        open: { cause: unknown }[];
      };
    const { everyMinutes, open } = await alerts();
    expect(open.map(({ cause }) => cause)).toContainEqual({ kind: 'schedule', state: 'paused' });
    expect(everyMinutes).toBe(5);
    await system.run('--agency', 'acme', 'schedule', 'resume', '--reason', 'a try');
    expect((await alerts()).open).not.toContainEqual(
      expect.objectContaining({ cause: expect.objectContaining({ kind: 'schedule' }) as unknown }),
    );
  });

  test('one whose settings lead to the tables of another is refused, and the other goes on', async () => {
    const folder = path.join(system.folder, 'agencies');
    // Another name of the same server: the addresses differ.
    const ofBolt = await readFile(path.join(folder, 'bolt/secrets/DATABASE_URL'), 'utf8');
    const url = ofBolt.trim().replace('127.0.0.1', 'localhost');
    expect(url).not.toBe(ofBolt.trim());
    await writeAgency(folder, 'twin', { DATABASE_URL: url, EHR_PORTAL_URL: portals[0]!.url });
    const [home] = await system.query('SELECT DATABASE() AS name');
    const before = await tablesOf(databases['bolt']!, String(home!['name']));
    const period = { from: '2026-08-01', to: '2026-08-15' } as Period;
    const refused = /belongs to the agency bolt, and the agency twin must not use it/;
    try {
      const twin = await start('twin', period);
      await expect(twin.result()).rejects.toMatchObject({
        cause: { type: 'InvalidInput', message: expect.stringMatching(refused) as string },
      });
      for (const args of [
        ['agencies', 'check', 'twin'],
        ['agencies', 'add', 'twin'],
        ['--agency', 'twin', 'status'],
        ['--agency', 'twin', 'doctor', '--skip-portal'],
      ]) {
        const tried = await system.tryRun(...args);
        expect(tried.code).not.toBe(0);
        expect(`${tried.stdout} ${tried.stderr}`).toMatch(refused);
      }
      expect(await tablesOf(databases['bolt']!, String(home!['name']))).toEqual(before);
      expect(await (await start('bolt', period)).result()).toMatchObject({ outcome: 'published' });
      // Renamed on purpose, and back: who does not own the tables is refused at once.
      const taken = await system.run('--agency', 'twin', 'migrate', '--take-over');
      expect(taken).toContain('taken over from the agency bolt');
      expect((await system.tryRun('--agency', 'bolt', 'status')).stderr).toContain(
        'belongs to the agency twin',
      );
      await system.run('--agency', 'bolt', 'migrate', '--take-over');
      await system.run('--agency', 'bolt', 'status');
    } finally {
      await rm(path.join(folder, 'twin'), { recursive: true });
    }
  });

  describe('nothing leads from one into another', () => {
    test.each([
      ['rerun', []],
      ['rollback', ['--reason', 'a try']],
      ['approve', ['--reason', 'a try']],
      ['reject', ['--reason', 'a try']],
      ['rejects', []],
    ])('%s does not know the runs of another', async (word, options) => {
      const [{ run_id: run } = { run_id: '' }] = await ledgerOf('bolt');
      const tried = await system.tryRun('--agency', 'acme', word, run!, ...options);
      expect(tried.code).toBe(2);
      expect(tried.stderr).toContain(run);
    });

    test('an export that another has kept, and a file of its inbox, are not there', async () => {
      const [{ run_id: run } = { run_id: '' }] = await ledgerOf('bolt');
      const inbox = path.join(system.folder, 'inbox/agencies/bolt');
      await mkdir(inbox, { recursive: true });
      await copyFile(golden, path.join(inbox, 'notes.csv'));
      for (const file of [`run:${run!}`, path.join(inbox, 'notes.csv'), '../bolt/notes.csv']) {
        const input = { agency: 'acme', report: 'notes', ...cycle, file };
        const workflowId = `crossing ${file}`;
        const handle = await system.client.workflow.start('runReport', {
          workflowId,
          taskQueue: 'ehr-pipeline',
          args: [input],
        });
        await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
      }
      expect(await rowsOf('acme')).not.toBe('481');
    });

    test.each([
      ['an agency that is not there', 'nobody'],
      ['the name of a report', 'notes'],
      ['a path', '../acme'],
      ['two ids', 'acme:bolt'],
      ['no text', 7],
      ['one without settings', 'empty'],
    ])('%s is refused', async (_, agency) => {
      const handle = await system.client.workflow.start('runReport', {
        workflowId: `refused ${JSON.stringify(agency)}`,
        taskQueue: 'ehr-pipeline',
        args: [{ agency, report: 'notes', ...cycle }],
      });
      await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
    });

    test('no command of one shows or changes anything of another', async () => {
      const acme = (...args: string[]) => system.tryRun('--agency', 'acme', ...args);
      const [ofBolt] = await system.query(
        `SELECT run_id, files FROM \`${databases['bolt']!}\`.pipeline_run WHERE outcome = 'published' LIMIT 1`,
      );
      const run = String(ofBolt!['run_id']);
      const { uri } = (JSON.parse(String(ofBolt!['files'])) as { export: { file: { uri: string } } }).export
        .file;
      const [home] = await system.query('SELECT DATABASE() AS name');
      const others = [databases['bolt']!, String(home!['name'])];
      const before = await tablesOf(...others);
      expect(before.length).toBeGreaterThan(20);

      for (const refused of [
        ['diff', 'notes', cycle.from, '--run', run],
        ['artifact', 'open', uri],
        ['cancel', runReportId('notes', cycle, 'bolt'), '--reason', 'a try'],
        ['run', 'notes', '--from', cycle.from, '--to', cycle.to, '--file', `run:${run}`],
      ]) {
        expect((await acme(...refused)).code).toBe(2);
      }

      const out = path.join(system.folder, 'crossing');
      expect((await acme('dashboard', '--out', out)).code).toBe(0);
      const page = await readFile(path.join(out, 'dashboard.html'), 'utf8');
      const { loads } = dataOfPage(page);
      const own = new Set((await ledgerOf('acme')).map((entry) => entry['run_id']));
      expect(loads.length).toBeGreaterThan(0);
      expect(loads.filter((load) => !own.has(load.run))).toEqual([]);

      await writeFile(
        path.join(system.folder, 'agencies/acme/secrets/EHR_NAME_KEY'),
        'another invented key for the agency acme, 0123456789\n',
      );
      for (const done of [
        ['retention'],
        ['history', 'fill'],
        ['rekey', 'names'],
        ['audit'],
        ['alerts', 'list'],
      ]) {
        expect(await acme(...done)).toMatchObject({ code: 0 });
      }
      expect(await tablesOf(...others)).toEqual(before);
    });

    test('an attribute that someone sets does not make a run another’s', async () => {
      const before = await rowsOf('bolt');
      const handle = await system.client.workflow.start('runReport', {
        workflowId: runReportId('notes', { from: '2026-10-01', to: '2026-10-15' } as Period),
        taskQueue: 'ehr-pipeline',
        args: [{ report: 'notes', from: '2026-10-01', to: '2026-10-15' }],
        searchAttributes: { EhrAgency: ['bolt'] },
      });
      await handle.result();
      expect(await rowsOf('bolt')).toBe(before);
    });
  });
});
