import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { CancelledFailure, defaultPayloadConverter } from '@temporalio/common';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { JournalEntry } from '../../demo/portal/journal.ts';
import type { Period } from '../../src/domain/periods.ts';
import { loginLock } from '../../src/wiring/portalLoginQueue.ts';
import type { LoginName } from '../../src/warehouse/portalLogins.ts';
import { backfillId, runReportId, taskQueues } from '../../src/domain/temporalNames.ts';
import { eventsOf } from './runHistory.ts';
import { patientRecipe } from './patientRecipe.ts';
import { System, type ConfigChanges, type WorkerProcess } from './system.ts';

/** Long enough for a test to act while it runs. */
const exportMs = 4_000;
/** In which an export under way ends on any machine, however busy. */
const graceSeconds = 240;
/** A browser closes within a second of being told to, or of losing its worker; a busy machine needs more. */
const browserPatience = { timeout: 300_000, interval: 200 };
const august = { from: '2025-08-01', to: '2025-08-15' } as Period;

let folder: string;
let patient: ConfigChanges;
let system: System;
let worker: WorkerProcess;
/** The journal's length when the test began. */
let journalStart = 0;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ehr-shutdown-'));
  const recipe = await patientRecipe(folder);
  patient = [
    [['portal', 'recipe'], recipe],
    [['portal', 'idleSeconds'], 2],
    [['worker', 'shutdownGraceSeconds'], graceSeconds],
  ];
  system = await System.start({
    portal: { delays: { pageMs: 0, lateMs: 0, queryMs: 0, exportMs }, data: { scale: 0.1 } },
    config: patient,
  });
  worker = await system.startWorker();
});
afterAll(async () => {
  await system.stop();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  system.portal.settings.delays.exportMs = exportMs;
  journalStart = system.portal.journal.length;
  if (!worker.running) worker = await system.startWorker();
});

function start(
  workflowType: 'runReport' | 'backfill',
  period: Period,
  limits: { workflowExecutionTimeout?: `${number} s` } = {},
): Promise<WorkflowHandle> {
  const id = workflowType === 'runReport' ? runReportId : backfillId;
  return system.client.workflow.start(workflowType, {
    workflowId: id('notes', period),
    taskQueue: taskQueues.pipeline,
    args: [{ report: 'notes', ...period }],
    ...limits,
  });
}

function journal(): JournalEntry[] {
  return system.portal.journal.slice(journalStart);
}

function entries(kind: JournalEntry['kind']): JournalEntry[] {
  return journal().filter((entry) => entry.kind === kind);
}

/** Resolves in the middle of the export, with its browser up. */
async function untilExporting(count = 1): Promise<void> {
  await vi.waitFor(() => expect(entries('export-started')).toHaveLength(count), { timeout: 600_000 });
  expect((await system.browserProcesses()).length).toBeGreaterThan(0);
}

async function expectNoBrowser(): Promise<void> {
  await expect.poll(() => system.browserProcesses(), browserPatience).toEqual([]);
}

function downloadsFolder(): string {
  return path.join(system.environment['EHR_ARTIFACTS']!, 'downloads');
}

/** Exports are patient data: none is left where the browser put it. The folder goes after its browser has gone. */
async function expectNoDownloads(): Promise<void> {
  await expect.poll(() => readdir(downloadsFolder()), browserPatience).toEqual([]);
}

/** As if what lies there had lain for two days. */
async function ageDownloads(): Promise<void> {
  const before = new Date(Date.now() - 2 * 24 * 3_600_000);
  const names = await readdir(downloadsFolder());
  expect(names).not.toEqual([]);
  await Promise.all(names.map((name) => utimes(path.join(downloadsFolder(), name), before, before)));
}

/** As the portal sees it: whoever signed in has signed out. */
function expectLoggedOut(): void {
  expect(entries('session-opened').length).toBeGreaterThan(0);
  expect(entries('logout')).toHaveLength(entries('session-opened').length);
}

/** How often the export was tried, as Temporal counted. */
async function exportAttempts(run: WorkflowHandle): Promise<number[]> {
  const events = await eventsOf(system.client, run.workflowId);
  const portalSteps = new Set(
    events
      .filter(
        ({ activityTaskScheduledEventAttributes: scheduled }) =>
          scheduled?.activityType?.name === 'loginAndDownload',
      )
      .map(({ eventId }) => String(eventId)),
  );
  return events.flatMap(({ activityTaskStartedEventAttributes: started }) =>
    started && portalSteps.has(String(started.scheduledEventId)) ? [started.attempt ?? 0] : [],
  );
}

async function cancelled(run: WorkflowHandle): Promise<boolean> {
  const error: unknown = await run.result().catch((thrown: unknown) => thrown);
  return error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure;
}

/** What the ledger says of the runs of a workflow id, oldest first. */
async function ledger(period: Period): Promise<(string | null)[]> {
  const rows = await system.query(
    'SELECT outcome FROM pipeline_run WHERE workflow_id = ? ORDER BY started_at',
    [runReportId('notes', period)],
  );
  return rows.map((row) => row['outcome']!);
}

/** The lock that keeps the login to one worker at a time. */
async function expectLoginFree(): Promise<void> {
  const [database] = await system.query('SELECT DATABASE() AS name');
  for (const login of Object.values<LoginName>({ ...system.loginNames() })) {
    const lock = loginLock({ database: database!['name']! }, login);
    await expect
      .poll(() => system.query('SELECT IS_FREE_LOCK(?) AS free', [lock]), browserPatience)
      .toEqual([{ free: '1' }]);
  }
}

describe('a worker that is told to stop', () => {
  test.each([
    { signal: 'SIGTERM' as const, period: august },
    { signal: 'SIGINT' as const, period: { from: '2025-08-16', to: '2025-08-31' } as Period },
  ])('lets the running export finish on $signal, logs out and leaves nothing', async ({ signal, period }) => {
    const run = await start('runReport', period);
    await untilExporting();
    expect(await worker.stop(signal)).toBe(0);
    expect(entries('export-delivered')).toHaveLength(1);
    expectLoggedOut();
    expect(await system.browserProcesses()).toEqual([]);
    worker = await system.startWorker();
    expect(await run.result()).toMatchObject({ outcome: 'published' });
    expect(await exportAttempts(run)).toEqual([1]);
    expect(entries('export-started')).toHaveLength(1);
  });

  test('gives up an export that outlasts the grace time, and the next worker does it', async () => {
    await worker.stop();
    const config = await system.configFile('hasty', [...patient, [['worker', 'shutdownGraceSeconds'], 1]]);
    worker = await system.startWorker({ EHR_CONFIG: config });
    system.portal.settings.delays.exportMs = 600_000;
    const run = await start('runReport', { from: '2025-07-01', to: '2025-07-15' } as Period);
    await untilExporting();
    const begun = performance.now();
    expect(await worker.stop()).toBe(0);
    expect(performance.now() - begun).toBeLessThan(150_000);
    expectLoggedOut();
    expect(await system.browserProcesses()).toEqual([]);
    system.portal.settings.delays.exportMs = 0;
    worker = await system.startWorker();
    expect(await run.result()).toMatchObject({ outcome: 'published' });
    expect(await exportAttempts(run)).toEqual([2]);
    await expectNoBrowser();
  });

  test('that is killed takes its browser along, and a worker of the next day its downloads', async () => {
    const run = await start('runReport', { from: '2025-07-16', to: '2025-07-31' } as Period);
    await untilExporting();
    await worker.kill();
    await expect.poll(() => system.browserProcesses(), browserPatience).toEqual([]);
    // recovery.test.ts sees such a run through; here it would get in the way of the next test.
    await run.terminate();

    await ageDownloads();
    worker = await system.startWorker();
    await expectNoDownloads();
  });
});

/** A run whose time ends in the middle of its export: given more where a busy machine needs it to get there. */
async function startOutOfTime(period: Period): Promise<WorkflowHandle> {
  for (const seconds of [12, 48, 192]) {
    journalStart = system.portal.journal.length;
    const run = await start('runReport', period, { workflowExecutionTimeout: `${seconds} s` });
    while ((await run.describe()).status.name === 'RUNNING') {
      if (entries('export-started').length > 0) return run;
      await sleep(50);
    }
    await expectNoBrowser();
  }
  throw new Error('no export began within the longest time');
}

describe('no browser is left by a worker that goes on', () => {
  test('after a success, once the session has been idle', async () => {
    system.portal.settings.delays.exportMs = 0;
    const run = await start('runReport', { from: '2025-06-01', to: '2025-06-15' } as Period);
    expect(await run.result()).toMatchObject({ outcome: 'published' });
    await expectNoBrowser();
    expectLoggedOut();
    await expectNoDownloads();
  });

  test('after a failure', async () => {
    system.portal.settings.faults.http500Always = 'export';
    const run = await start('runReport', { from: '2025-06-16', to: '2025-06-30' } as Period);
    await expect(run.result()).rejects.toThrow(WorkflowFailedError);
    system.portal.settings.faults.http500Always = false;
    await expectNoBrowser();
    expectLoggedOut();
    expect(worker.running).toBe(true);
  });

  test('after a cancel', async () => {
    const period = { from: '2025-05-01', to: '2025-05-15' } as Period;
    system.portal.settings.delays.exportMs = 600_000;
    const run = await start('runReport', period);
    await untilExporting();
    await run.cancel();
    expect(await cancelled(run)).toBe(true);
    await expectNoBrowser();
    expectLoggedOut();
    expect(await ledger(period)).toEqual(['cancelled']);
    await expectLoginFree();
    await expectNoDownloads();
  });

  test('after the end of its time', async () => {
    system.portal.settings.delays.exportMs = 600_000;
    const run = await startOutOfTime({ from: '2025-05-16', to: '2025-05-31' } as Period);
    await expect(run.result()).rejects.toThrow(WorkflowFailedError);
    await expectNoBrowser();
    expectLoggedOut();
    expect(worker.running).toBe(true);
  });

  test('after a step that its worker was too stuck to keep alive', async () => {
    const run = await start('runReport', { from: '2025-04-01', to: '2025-04-15' } as Period);
    await untilExporting();
    worker.process.kill('SIGSTOP');
    // Past the heartbeat timeout of 30 s the server gives the step up.
    await vi.waitFor(async () => expect(await pendingAttempt(run)).toBe(2), {
      timeout: 600_000,
      interval: 500,
    });
    worker.process.kill('SIGCONT');
    expect(await run.result()).toMatchObject({ outcome: 'published' });
    await expectNoBrowser();
    expectLoggedOut();
  });
});

async function pendingAttempt(run: WorkflowHandle): Promise<number | undefined> {
  const { raw } = await run.describe();
  return raw.pendingActivities?.[0]?.attempt ?? undefined;
}

const february = {
  whole: { from: '2024-02-01', to: '2024-02-29' } as Period,
  first: { from: '2024-02-01', to: '2024-02-15' } as Period,
  second: { from: '2024-02-16', to: '2024-02-29' } as Period,
};

describe('a backfill that is cancelled', () => {
  const range = { from: '2025-01-01', to: '2025-03-31' } as Period;

  test('ends at once, leaving no lock, no browser and no half a period', async () => {
    const run = await start('backfill', range);
    // The first period is under way or done, the second is at the portal.
    await untilExporting(2);
    const begun = performance.now();
    await run.cancel();
    expect(await cancelled(run)).toBe(true);
    expect(performance.now() - begun).toBeLessThan(300_000);
    expect((await run.describe()).status.name).toBe('CANCELLED');

    await expectNoBrowser();
    expectLoggedOut();
    await expectLoginFree();
    const children = await system.query(
      'SELECT outcome FROM pipeline_run WHERE period_start BETWEEN ? AND ?',
      [range.from, range.to],
    );
    expect(children.map((row) => row['outcome'])).toContain('cancelled');
    for (const { outcome } of children) expect(outcome).toMatch(/^(published|cancelled)$/);
    await expectWholePeriods();
  });

  test('ends as soon while it waits for its turn at the portal', async () => {
    system.portal.settings.delays.exportMs = 600_000;
    const other = await start('runReport', { from: '2025-04-16', to: '2025-04-30' } as Period);
    await untilExporting();
    const second = await system.startWorker();
    const run = await start('backfill', february.whole);
    const periods = [february.first, february.second];
    // One waits for the login, the other for a worker.
    await expect
      .poll(async () => (await Promise.all(periods.map(waitsFor))).toSorted(), { timeout: 300_000 })
      .toEqual(['', expect.stringMatching(/login, in use elsewhere/)]);
    const begun = performance.now();
    await run.cancel();
    expect(await cancelled(run)).toBe(true);
    expect(performance.now() - begun).toBeLessThan(300_000);
    expect(await Promise.all(periods.map(ledger))).toEqual([['cancelled'], ['cancelled']]);
    expect(await second.stop()).toBe(0);
    await other.cancel();
    expect(await cancelled(other)).toBe(true);
    await expectNoBrowser();
    await expectLoginFree();
  });
});

test('one period that is cancelled by itself does not stop its backfill, which then fails', async () => {
  const newest = { from: '2024-01-16', to: '2024-01-31' } as Period;
  const run = await start('backfill', { from: '2024-01-01', to: '2024-01-31' } as Period);
  await untilExporting();
  await system.client.workflow.getHandle(runReportId('notes', newest)).cancel();
  const error: unknown = await run.result().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  expect((error as WorkflowFailedError).cause?.message).toMatch(
    /^1 of 2 periods failed, 0 not attempted — notes:2024-01-16\.\.2024-01-31 InvalidInput: the run was cancelled/,
  );
  expect(await ledger(newest)).toEqual(['cancelled']);
  expect(await ledger({ from: '2024-01-01', to: '2024-01-15' } as Period)).toEqual(['published']);
});

/** What the step at the portal says it waits for, as the Web UI shows it. */
async function waitsFor(period: Period): Promise<string> {
  const { raw } = await system.client.workflow.getHandle(runReportId('notes', period)).describe();
  const [payload] = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads ?? [];
  return payload ? defaultPayloadConverter.fromPayload<{ waitingFor: string }>(payload).waitingFor : '';
}

/** What is published of a period is all of it: as many rows as its run loaded. */
async function expectWholePeriods(): Promise<void> {
  const uneven = await system.query(`
    SELECT p.period_start, p.row_count, COUNT(n.source_line) AS found
    FROM published_period p LEFT JOIN notes n ON n.period_start = p.period_start AND n.run_id = p.run_id
    WHERE p.run_id IS NOT NULL GROUP BY p.period_start, p.row_count HAVING found <> p.row_count`);
  expect(uneven).toEqual([]);
  const orphans = await system.query(
    'SELECT n.period_start FROM notes n LEFT JOIN published_period p ON p.run_id = n.run_id WHERE p.run_id IS NULL',
  );
  expect(orphans).toEqual([]);
}
