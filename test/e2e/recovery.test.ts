import { type WorkflowHandle } from '@temporalio/client';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { reportBytes } from '../../demo/portal/data.ts';
import { mostOpenSessions } from '../../demo/portal/journal.ts';
import { periodsNewestFirst, type Period } from '../../src/domain/periods.ts';
import { backfillId, runReportId, taskQueues } from '../../src/domain/temporalNames.ts';
import { eventsOf } from './runHistory.ts';
import { System } from './system.ts';

/** Eight half months, and a backfill that goes on in a new run after every three. */
const range = { from: '2024-09-01', to: '2024-12-31' } as Period;
const periodsPerRun = 3;
/** Ended when the worker is killed: the first run is nearly through, most of the range is still to come. */
const periodsBeforeKill = 2;
/** The heartbeat timeout of 30 s, and starting a browser and an export on a busy machine. */
const recoverySeconds = 600;

let system: System;

beforeAll(async () => {
  system = await System.start({
    portal: { delays: { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 }, data: { scale: 0.2 } },
    config: [[['backfill', 'periodsPerRun'], periodsPerRun]],
  });
});
afterAll(() => system.stop());

function startBackfill(period: Period, concurrency: number): Promise<WorkflowHandle> {
  return system.client.workflow.start('backfill', {
    workflowId: backfillId('notes', period),
    taskQueue: taskQueues.pipeline,
    args: [{ report: 'notes', ...period, concurrency }],
  });
}

async function publishedPeriods(): Promise<number> {
  const [row] = await system.query(
    'SELECT COUNT(run_id) AS published FROM published_period WHERE period_start BETWEEN ? AND ?',
    [range.from, range.to],
  );
  return Number(row!['published']);
}

/** Resolves once so many periods are published; gives the seconds it took. */
/** In far less than the hours that an attempt may take: a dead worker is noticed by its heartbeats. */
async function untilPublished(count: number): Promise<void> {
  await vi.waitFor(async () => expect(await publishedPeriods()).toBeGreaterThanOrEqual(count), {
    timeout: recoverySeconds * 1000,
    interval: 200,
  });
}

/** The client of each record of the export, by the line it starts on. */
function exportedClients(period: Period): Map<number, string> {
  const bytes = reportBytes('demo', 'notes', period, system.portal.settings.data);
  const records = parse(bytes, { bom: true, columns: true, info: true }) as unknown as {
    record: Record<string, string>;
    info: { lines: number };
  }[];
  // No cell of the generator's has a line break in it, so a record ends on the line it starts on.
  return new Map(records.map(({ record, info }) => [info.lines, record['Client']!.trim()]));
}

/** The tables hold the period as the portal has it: every record kept or rejected, each on its own line, once. */
async function expectWholePeriod(period: Period): Promise<void> {
  const exported = exportedClients(period);
  const runs = await system.query(
    "SELECT run_id, outcome, rows_read, rows_loaded, rows_rejected FROM pipeline_run WHERE period_start = ? AND outcome = 'published'",
    [period.from],
  );
  expect(runs).toHaveLength(1);
  expect(Number(runs[0]!['rows_read'])).toBe(exported.size);

  const rows = await system.query(
    'SELECT source_line, client, run_id FROM notes WHERE period_start = ? ORDER BY source_line',
    [period.from],
  );
  const rejected = await system.query(
    'SELECT DISTINCT source_line FROM rejected_row WHERE run_id = ? ORDER BY source_line',
    [runs[0]!['run_id']],
  );
  const lines = [...rows, ...rejected].map((row) => Number(row['source_line'])).toSorted((a, b) => a - b);
  expect(lines).toEqual([...exported.keys()]);
  for (const row of rows) {
    expect(row['client']).toBe(exported.get(Number(row['source_line'])));
    expect(row['run_id']).toBe(runs[0]!['run_id']);
  }
}

test('two workers take turns with the one login', async () => {
  // The turn is the login's, whatever uses it.
  const withoutBrowser = () => system.startWorker({}, { browser: false });
  const workers = await Promise.all([withoutBrowser(), withoutBrowser()]);
  const half = { from: '2023-01-01', to: '2023-06-30' } as Period;
  // One more than the workers, so that there is always work for whoever has the login.
  const run = await startBackfill(half, 3);
  expect(await run.result()).toMatchObject({ total: 12, done: { published: 12 }, failed: 0 });

  expect(mostOpenSessions(system.portal.journal)).toBe(1);
  const histories = await Promise.all(
    periodsNewestFirst('notes', half).map((period) => eventsOf(system.client, runReportId('notes', period))),
  );
  expect(new Set(histories.map(exporterOf)).size).toBe(2);
  expect(await Promise.all(workers.map((worker) => worker.stop()))).toEqual([0, 0]);
});

test('a backfill over months survives the death of its worker in the middle', async () => {
  const first = await system.startWorker();
  const run = await startBackfill(range, 2);
  await untilPublished(periodsBeforeKill);
  await first.kill();
  await expect.poll(() => system.browserProcesses(), { timeout: 300_000 }).toEqual([]);
  const left = await publishedPeriods();
  expect(left).toBeLessThan(8);

  const second = await system.startWorker();
  await untilPublished(left + 1);
  expect(await run.result()).toMatchObject({ total: 8, failed: 0, notAttempted: 0 });

  const periods = periodsNewestFirst('notes', range);
  expect(await publishedPeriods()).toBe(periods.length);
  for (const period of periods) await expectWholePeriod(period);
  const outcomes = await system.query('SELECT DISTINCT outcome FROM pipeline_run');
  expect(outcomes.map((row) => row['outcome'])).toEqual(['published']);

  const events = await eventsOf(system.client, run.workflowId, firstRunOf(run));
  expect(events.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId).toBeTruthy();
  expect(await second.stop()).toBe(0);
  expect(await system.browserProcesses()).toEqual([]);
});

function firstRunOf(run: WorkflowHandle): string {
  return (run as WorkflowHandle & { firstExecutionRunId: string }).firstExecutionRunId;
}

/** Which worker brought the period's export. */
function exporterOf(events: Awaited<ReturnType<typeof eventsOf>>): string | undefined {
  const exported = events.find(
    ({ activityTaskScheduledEventAttributes: scheduled }) =>
      scheduled?.activityType?.name === 'loginAndDownload',
  );
  const started = events.find(
    ({ activityTaskStartedEventAttributes: start }) =>
      String(start?.scheduledEventId) === String(exported?.eventId),
  );
  return started?.activityTaskStartedEventAttributes?.identity ?? undefined;
}
