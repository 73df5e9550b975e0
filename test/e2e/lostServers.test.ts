import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ScheduleNotFoundError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reportBytes } from '../../demo/portal/data.ts';
import { freePort } from '../../scripts/services/ports.ts';
import { alertScheduleId, runReportId, scheduleId } from '../../src/domain/temporalNames.ts';
import type { Period } from '../../src/domain/periods.ts';
import type { ReportName } from '../../src/reports/index.ts';
import { System, type WorkerProcess } from './system.ts';
import { temporalServer, type TemporalServer } from './temporalServer.ts';

/** What a running worker stands on is lost and set up anew: its files, its tables, its Temporal server. */

/** Against hangs: a worker looks each minute. */
const again = { timeout: 600_000, interval: 200 };

const period = { from: '2025-09-01', to: '2025-09-15' } as Period;
const month = { from: '2025-08-01', to: '2025-08-31' } as Period;

let folder: string;
let temporal: TemporalServer;
let unversioned: TemporalServer | undefined;
let system: System;
let worker: WorkerProcess;
let inbox: string;
let file: string;
let metricsPort: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ehr-lost-'));
  temporal = await temporalServer(folder);
  await temporal.start();
  inbox = path.join(folder, 'inbox');
  metricsPort = String(await freePort());
  system = await System.start({
    browser: false,
    sharedClient: true,
    temporalAddress: temporal.address,
    portal: { delays: { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 }, data: { scale: 0.2 } },
    config: [
      [['alerts', 'webhook'], 'slack'],
      [['alerts', 'everyMinutes'], 60],
    ],
    environment: {
      EHR_INBOX: inbox,
      // Nobody listens there: what is told is another test's.
      EHR_ALERT_WEBHOOK_URL: `http://127.0.0.1:${String(await freePort())}/`,
    },
  });
  file = path.join(folder, 'saved by hand.csv');
  await writeFile(file, reportBytes('demo', 'notes', period));
  await system.run('schedule', 'apply');
  await system.run('schedule', 'pause', '--reason', 'until the audit is over');
  worker = await startWorker();
});
afterAll(async () => {
  await system.stop();
  await temporal.stop();
  await unversioned?.stop();
  await rm(folder, { recursive: true, force: true });
});

function startWorker(environment: NodeJS.ProcessEnv = {}): Promise<WorkerProcess> {
  return system.startWorker({ EHR_METRICS_PORT: metricsPort, ...environment });
}

async function readyz(): Promise<{ status: number; body: string }> {
  const answer = await fetch(`http://127.0.0.1:${metricsPort}/readyz`);
  return { status: answer.status, body: await answer.text() };
}

/** From its file again, or from the portal. */
function load(report: ReportName, { from, to }: Period, ...further: string[]): Promise<string> {
  return system.run('run', report, '--from', from, '--to', to, '--force', ...further);
}

const published = { file: 'published', portal: 'published' };

async function bothWays(): Promise<typeof published> {
  await load('notes', period, '--file', file);
  await load('utilization', month);
  return { file: await outcomeOf('notes', period), portal: await outcomeOf('utilization', month) };
}

async function outcomeOf(report: ReportName, { from }: Period): Promise<string> {
  const [row] = await system.query(
    'SELECT outcome FROM pipeline_run WHERE report = ? AND period_start = ? ORDER BY finished_at DESC LIMIT 1',
    [report, from],
  );
  return String(row?.['outcome']);
}

test('the folder of files is made again when a run needs it', async () => {
  const artifacts = system.environment['EHR_ARTIFACTS']!;
  expect(await bothWays()).toEqual(published);
  await rm(artifacts, { recursive: true });
  expect(await bothWays()).toEqual(published);
  await rm(artifacts, { recursive: true });
  await mkdir(artifacts);
  expect(await bothWays()).toEqual(published);
});

test('lost tables are named by readyz until they are there again', async () => {
  await system.emptyDatabase();
  await expect.poll(readyz, again).toEqual({
    status: 503,
    body: expect.stringMatching(/^not ready: The tables are \d+ migrations behind\.\n$/),
  });
  await system.run('migrate');
  await expect.poll(readyz, again).toEqual({ status: 200, body: 'ready\n' });
  expect(await bothWays()).toEqual(published);
});

async function schedule(id: string): Promise<{ paused: boolean; note?: string | undefined } | undefined> {
  try {
    const { state } = await system.client.schedule.getHandle(id).describe();
    return { paused: state.paused, note: state.note };
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

describe('a Temporal server that comes back empty, with its namespace', () => {
  test('is named by readyz', async () => {
    await temporal.wipe();
    await expect.poll(readyz, again).toMatchObject({
      status: 503,
      body: expect.stringMatching(/^not ready: Temporal does not answer/),
    });
    await temporal.start('--namespace', system.namespace);
    await expect.poll(readyz, again).toEqual({
      status: 503,
      body: 'not ready: Temporal lacks the search attributes EhrReport, EhrPeriodStart, EhrOutcome, EhrAgency\n',
    });
  });

  test('gets from the worker all that a run needs; one that was started meanwhile is published', async () => {
    await load('notes', period, '--file', file, '--no-wait');
    await expect.poll(readyz, again).toEqual({ status: 200, body: 'ready\n' });
    const run = system.client.workflow.getHandle(runReportId('notes', period));
    expect(await run.result()).toMatchObject({ outcome: 'published' });
    expect(await bothWays()).toEqual(published);
  });

  test('gets the schedules that the worker has seen, paused where they were', async () => {
    await expect
      .poll(() => schedule(scheduleId), again)
      .toEqual({
        paused: true,
        note: 'until the audit is over',
      });
    await expect.poll(() => schedule(alertScheduleId), again).toMatchObject({ paused: false });
    expect(await worker.log()).toContain('Temporal has lost its schedules; this one was made again');
    expect(worker.running).toBe(true);
  });
});

test('a Temporal server without the namespace: the worker ends, says why, and runs once it is there', async () => {
  await temporal.wipe();
  await temporal.start();
  await expect.poll(() => worker.process.exitCode, again).toBe(1);
  expect(await worker.log()).toContain(
    `this worker ends and has to be started again: Temporal has no namespace ${system.namespace}. ` +
      `What to do: Create it: temporal operator namespace create --namespace ${system.namespace}`,
  );
  await expect(startWorker()).rejects.toThrow(`Namespace not found: '${system.namespace}'`);

  await system.registerNamespace();
  await expect
    .poll(
      () => system.client.connection.operatorService.listSearchAttributes({ namespace: system.namespace }),
      again,
    )
    .toBeDefined();
  // As if rounds of alerts had looked before: without them nobody would be told that the daily schedule is gone.
  await system.query('REPLACE INTO alert_look (id, looked_at) VALUES (1, UTC_TIMESTAMP())');
  worker = await startWorker();
  expect(await schedule(alertScheduleId)).toMatchObject({ paused: false });
  expect(await schedule(scheduleId)).toBeUndefined();
  expect(await bothWays()).toEqual(published);
});

interface Diagnosis {
  readonly findings: readonly { part: string; state: string; what: string }[];
}

test('a server without worker versioning: the worker says so, and runs are published', async () => {
  // The next one listens on its port.
  expect(await worker.stop()).toBe(0);
  unversioned = await temporalServer(path.join(folder, 'unversioned'), [
    '--namespace',
    system.namespace,
    '--dynamic-config-value',
    'system.enableDeploymentVersions=false',
  ]);
  await unversioned.start();
  const there = { TEMPORAL_ADDRESS: unversioned.address };
  expect(await system.tryRunWith(there, 'schedule', 'apply')).toMatchObject({ code: 0 });
  const plain = await startWorker(there);
  expect(await plain.log()).toContain('this Temporal server has no worker versioning');
  const run = ['run', 'notes', '--from', period.from, '--to', period.to, '--force', '--file', file];
  expect(await system.tryRunWith(there, ...run)).toMatchObject({ code: 0 });

  const { stdout } = await system.tryRunWith(there, 'doctor', '--skip-portal', '--json');
  const findings = (JSON.parse(stdout) as Diagnosis).findings.filter(({ part }) => part === 'temporal');
  expect(findings.filter(({ state }) => state === 'problem')).toEqual([]);
  expect(findings).toContainEqual(
    expect.objectContaining({
      state: 'note',
      what: 'the server has no worker versioning: a changed workflow stops runs that are under way',
    }),
  );
  expect(await plain.stop()).toBe(0);
});
