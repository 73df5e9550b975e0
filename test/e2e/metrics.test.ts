import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../scripts/services/ports.ts';
import { reportBytes } from '../../demo/portal/data.ts';
import { defaultSettings } from '../../demo/portal/settings.ts';
import { exitCodes } from '../../src/cli/exitCodes.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import { runReportId, taskQueues } from '../../src/domain/temporalNames.ts';
import { periodText, type Period } from '../../src/domain/periods.ts';
import { reports, reportNames, type ReportName } from '../../src/reports/index.ts';
import { DatabaseProxy } from '../faults/databaseProxy.ts';
import { goldenMonths } from '../golden/golden.ts';
import { namesIn, samplesIn, type Samples } from '../observability/metrics/samples.ts';
import { metricsNamed } from '../ops/ops.ts';
import { leaksAt, privateTexts } from './leaks.ts';
import { secretsOf, System, type WorkerProcess } from './system.ts';

/**
 * What a worker tells of itself: what it counts is held against the tables, and what is asked of it in ops/ must be
 * there. The worker reaches the database through a proxy, so that the database can go away for it alone.
 */
const months = goldenMonths.filter(({ name }) => name.endsWith('-messy'));
const cycle: Period = { from: '2026-10-16' as IsoDate, to: '2026-10-31' as IsoDate };
const exportSeconds = 2;

let system: System;
let worker: WorkerProcess;
let proxy: DatabaseProxy;
let databasePort: number;
let environment: NodeJS.ProcessEnv;
let address: string;

beforeAll(async () => {
  system = await System.start({
    sharedClient: true,
    config: [[['excludedServices'], months.flatMap(({ excludedServices }) => excludedServices)]],
    portal: { delays: { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: exportSeconds * 1000 } },
  });
  const databaseUrl = new URL(system.environment['DATABASE_URL']!);
  databasePort = Number(databaseUrl.port);
  proxy = await DatabaseProxy.start(databasePort);
  databaseUrl.port = String(proxy.port);
  const port = String(await freePort());
  address = `http://127.0.0.1:${port}`;
  environment = { DATABASE_URL: databaseUrl.href, EHR_METRICS_PORT: port };
  worker = await system.startWorker(environment);
});
afterAll(async () => {
  await system.stop();
  await proxy.close();
});

async function get(route: string): Promise<{ status: number; body: string }> {
  const answer = await fetch(`${address}${route}`);
  return { status: answer.status, body: await answer.text() };
}

async function scrape(): Promise<Samples> {
  const { status, body } = await get('/metrics');
  expect(status).toBe(200);
  return samplesIn(body);
}

async function runFile(report: ReportName, { from, to }: Period, file: string): Promise<void> {
  await system.run('run', report, '--from', from, '--to', to, '--file', file);
}

/** The one row of a query, as numbers. */
async function figures(sql: string, values: unknown[]): Promise<Record<string, number>> {
  const [row] = await system.query(sql, values);
  return Object.fromEntries(Object.entries(row!).map(([name, value]) => [name, Number(value)]));
}

test('both reports have a golden month to run', () => {
  expect(months.map(({ report }) => report).sort()).toEqual([...reportNames].sort());
});

describe('a worker that listens', () => {
  test('is alive and ready', async () => {
    expect(await get('/healthz')).toEqual({ status: 200, body: 'alive\n' });
    expect(await get('/readyz')).toEqual({ status: 200, body: 'ready\n' });
  });

  test('shows every counter at zero before the first run, so that the first failure is a rise', async () => {
    const samples = await scrape();
    expect(samples.get('ehr_runs_total{report="notes",outcome="failed"}')).toBe(0);
    expect(samples.get('ehr_run_failures_total{report="utilization",type="PortalLocked"}')).toBe(0);
    expect(samples.get('ehr_metrics_source_up{source="ledger"}')).toBe(1);
    expect(samples.get('ehr_metrics_source_up{source="sdk"}')).toBe(1);
    expect(samples.has('ehr_last_publish_rows{report="notes"}')).toBe(false);
  });
});

describe.each(months)('after $name', ({ report, period, exportPath }) => {
  test('rows, dollars and times are those of ledger and tables', async () => {
    await runFile(report, period, exportPath);
    const samples = await scrape();
    const of = (name: string, labels = '') => samples.get(`${name}{report="${report}"${labels}}`);

    const inPeriod = [period.from];
    const run = await figures(
      `SELECT r.rows_read, r.rows_loaded, r.rows_excluded, r.rows_rejected,
        TIMESTAMPDIFF(MICROSECOND, '1970-01-01', p.published_at) / 1000000 AS published_at,
        TIMESTAMPDIFF(MICROSECOND, '1970-01-01', r.finished_at) / 1000000 AS finished_at
       FROM pipeline_run r JOIN published_period p ON p.run_id = r.run_id
       WHERE p.period_start = ? AND p.report = '${report}'`,
      inPeriod,
    );
    expect(of('ehr_rows_read_total')).toBe(run['rows_read']);
    expect(of('ehr_rows_loaded_total')).toBe(run['rows_loaded']);
    expect(of('ehr_rows_excluded_total')).toBe(run['rows_excluded']);
    expect(of('ehr_rows_rejected_total')).toBe(run['rows_rejected']);
    expect(run['rows_rejected']! + run['rows_excluded']!).toBeGreaterThan(0);
    expect(of('ehr_last_publish_timestamp_seconds')).toBe(run['published_at']);
    expect(of('ehr_last_confirmed_timestamp_seconds')).toBe(run['finished_at']);
    expect(of('ehr_last_publish_period_start_timestamp_seconds')).toBe(Date.parse(period.from) / 1000);

    const sums = reports[report].moneyColumns.map((column) => `, SUM(${column}) AS ${column}`).join('');
    const { n, ...dollars } = await figures(
      `SELECT COUNT(*) AS n ${sums} FROM ${report} WHERE period_start = ?`,
      inPeriod,
    );
    expect(of('ehr_last_publish_rows')).toBe(n);
    for (const [column, total] of Object.entries(dollars)) {
      expect(of('ehr_last_publish_dollars', `,column="${column}"`)).toBe(total);
    }
    expect(of('ehr_runs_total', ',outcome="published"')).toBe(1);
  });

  test('a second run confirms the figures and loads nothing', async () => {
    const before = await scrape();
    await runFile(report, period, exportPath);
    const after = await scrape();
    const published = `ehr_last_publish_timestamp_seconds{report="${report}"}`;
    const confirmed = `ehr_last_confirmed_timestamp_seconds{report="${report}"}`;
    expect(after.get(`ehr_runs_total{report="${report}",outcome="unchanged"}`)).toBe(1);
    expect(after.get(published)).toBe(before.get(published));
    expect(after.get(confirmed)).toBeGreaterThan(before.get(confirmed)!);
    const loaded = `ehr_rows_loaded_total{report="${report}"}`;
    expect(after.get(loaded)).toBe(before.get(loaded));
  });
});

describe('what goes wrong is counted', () => {
  test('a run that is held', async () => {
    const { report, period, exportPath } = months[0]!;
    const [header] = (await readFile(exportPath, 'utf8')).split('\n');
    const file = path.join(system.folder, 'empty.csv');
    await writeFile(file, `${header!}\n`);
    const { from, to } = period;
    const held = await system.tryRun('run', report, '--from', from, '--to', to, '--file', file);
    expect(held.code).toBe(exitCodes.held);
    const samples = await scrape();
    expect(samples.get(`ehr_held_runs{report="${report}"}`)).toBe(1);
    expect(samples.get(`ehr_runs_total{report="${report}",outcome="held"}`)).toBe(1);
  });

  test('an export at the portal, and one that fails there', async () => {
    await system.run('run', 'notes', '--from', cycle.from, '--to', cycle.to);
    const exported = await scrape();
    const seconds = exported.get('ehr_portal_duration_seconds_sum{report="notes",end="done"}')!;
    expect(exported.get('ehr_portal_duration_seconds_count{report="notes",end="done"}')).toBe(1);
    expect(seconds).toBeGreaterThan(exportSeconds);
    expect(exported.get('ehr_step_duration_seconds_sum{step="loginAndDownload",end="done"}')).toBeGreaterThan(
      seconds,
    );

    system.portal.settings.faults.permissionMissing = 'export';
    const failed = await system.tryRun('run', 'notes', '--from', '2026-09-16', '--to', '2026-09-30');
    system.portal.settings.faults.permissionMissing = false;
    expect(failed.code).not.toBe(0);
    const samples = await scrape();
    const type = 'type="PortalPermissionMissing"';
    expect(samples.get(`ehr_run_failures_total{report="notes",${type}}`)).toBe(1);
    expect(samples.get(`ehr_step_failures_total{step="loginAndDownload",${type}}`)).toBe(1);
    expect(samples.get('ehr_runs_total{report="notes",outcome="failed"}')).toBe(1);
    expect(samples.get('ehr_portal_duration_seconds_count{report="notes",end="failed"}')).toBe(1);
  });
});

/** A run of notes whose export the portal has begun. */
async function exportUnderWay({ from, to }: { from: string; to: string }): Promise<WorkflowHandle> {
  const exports = () => system.portal.journal.filter(({ kind }) => kind === 'export-started').length;
  const begun = exports();
  const run = await system.client.workflow.start('runReport', {
    workflowId: `notes:${from}..${to}`,
    taskQueue: taskQueues.pipeline,
    args: [{ report: 'notes', from, to }],
  });
  await vi.waitFor(() => expect(exports()).toBeGreaterThan(begun), { timeout: 600_000 });
  return run;
}

/** What ops/ asks for and the worker does not have. */
async function notExposed(): Promise<string[]> {
  const exposed = namesIn(await scrape());
  return metricsNamed().filter((name) => !exposed.has(name));
}

test('every metric that ops/ asks for is there', async () => {
  // What only appears with its first failure, and is nothing of ours: a workflow that nobody knows, and a step whose
  // run is gone before it can say how it went.
  const handle = await system.client.workflow.start('nobodyKnowsThis', {
    workflowId: 'unknown',
    taskQueue: taskQueues.pipeline,
  });
  const run = await exportUnderWay({ from: '2026-09-01', to: '2026-09-15' });
  await run.terminate();
  await expect.poll(notExposed, { timeout: 300_000, interval: 500 }).toEqual([]);
  await handle.terminate();
});

describe('nobody is named', () => {
  const asked: readonly (readonly [ReportName, Period])[] = [['notes', cycle]];

  test('in metrics and logs, and each line of a step says which run it is about', async () => {
    const exports = [
      ...(await Promise.all(months.map(({ exportPath }) => readFile(exportPath)))),
      ...asked.map(([report, period]) => reportBytes('demo', report, period, defaultSettings().data)),
    ];
    const log = await worker.log();
    const secret = privateTexts(exports, secretsOf(system.environment));
    const watched = [
      { place: 'metrics', text: (await get('/metrics')).body },
      { place: 'log', text: log },
    ];
    expect(leaksAt(watched, secret)).toEqual([]);

    const lines = log
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const { report, period } = months[0]!;
    const cleaned = lines.find(({ msg, report: of }) => msg === 'clean done' && of === report)!;
    const { namespace } = system;
    expect(cleaned).toMatchObject({
      workflowType: 'runReport',
      workflowId: runReportId(report, period),
      workflowRunId: cleaned['run'],
      activityType: 'clean',
      attempt: 1,
      report,
      period: periodText(period),
      namespace,
    });
    expect(cleaned['run']).toMatch(/^[0-9a-f-]{36}$/);
    expect(cleaned).not.toHaveProperty('taskToken');
    // The SDK's own line of a failed step too, with the failure's type in words.
    expect(lines.find(({ msg }) => msg === 'Activity failed')).toMatchObject({
      level: 40,
      report: 'notes',
      period: '2026-09-16..2026-09-30',
      workflowType: 'runReport',
    });
    const steps = lines.filter(({ activityType }) => activityType !== undefined);
    expect(steps.length).toBeGreaterThan(20);
    expect(steps.filter((line) => line['report'] === undefined || line['period'] === undefined)).toEqual([]);
  });

  test('and labels are of few values', async () => {
    const samples = await scrape();
    const ours = Array.from(samples.keys()).filter((name) => name.startsWith('ehr_'));
    const labels = new Set(
      ours.flatMap((name) => Array.from(name.matchAll(/(\w+)="/g), ([, label]) => label!)),
    );
    expect([...labels].sort()).toEqual(
      ['code_version', 'column', 'end', 'le', 'outcome', 'report', 'source', 'state', 'step', 'type'].sort(),
    );
    expect(samples.size).toBeLessThan(2_000);
  });
});

describe('a database that is away', () => {
  test('makes the worker unready, says why without a secret, and is seen to come back', async () => {
    const { port } = proxy;
    await proxy.close();
    const away = await get('/readyz');
    expect(away).toEqual({
      status: 503,
      body: expect.stringMatching(/^not ready: .*the database cannot be reached.*ECONNREFUSED/) as string,
    });
    for (const secret of secretsOf(system.environment)) expect(away.body).not.toContain(secret);
    // Which server it is helps whoever has to bring it back.
    expect(away.body).toContain(`127.0.0.1:${String(port)}`);
    expect(await get('/healthz')).toMatchObject({ status: 200 });

    // What the worker counts itself it still tells; old figures of the ledger it does not.
    const samples = await scrape();
    expect(samples.get('ehr_metrics_source_up{source="ledger"}')).toBe(0);
    expect(samples.has('ehr_last_publish_rows{report="notes"}')).toBe(false);
    expect(samples.get('ehr_runs_total{report="notes",outcome="published"}')).toBe(2);

    proxy = await DatabaseProxy.start(databasePort, port);
    await expect.poll(() => get('/readyz'), { timeout: 300_000 }).toMatchObject({ status: 200 });
    expect((await scrape()).get('ehr_last_publish_rows{report="notes"}')).toBeGreaterThan(0);
  });
});

describe('a worker that stops', () => {
  test('is unready while a step under way ends, and the next one knows what was published', async () => {
    const before = await scrape();
    const run = await exportUnderWay({ from: '2026-08-16', to: '2026-08-31' });
    const stopped = worker.stop();
    await expect
      .poll(() => get('/readyz'), { timeout: 300_000, interval: 50 })
      .toMatchObject({ status: 503, body: expect.stringMatching(/takes no new steps/) as string });
    expect(await stopped).toBe(0);
    await expect(get('/healthz')).rejects.toThrow('fetch failed');
    await run.terminate();

    worker = await system.startWorker(environment);
    const after = await scrape();
    const published = 'ehr_last_publish_timestamp_seconds{report="notes"}';
    expect(after.get(published)).toBe(before.get(published));
    expect(after.get('ehr_rows_loaded_total{report="notes"}')).toBe(0);
  });

  test('a port that is taken is reported with the variable’s name', async () => {
    await expect(system.startWorker(environment)).rejects.toThrow(/EHR_METRICS_PORT: got \d+.*EADDRINUSE/);
  });
});
