import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { dayInZone, type IsoDate } from '../../src/domain/dates.ts';
import { duePeriod, periodText } from '../../src/domain/periods.ts';
import { reportNames } from '../../src/reports/index.ts';
import { backfillId, runReportId, taskQueues } from '../../src/domain/temporalNames.ts';
import { goldenMonths, type GoldenMonth } from '../golden/golden.ts';
import { commandLines, startBy } from './commandLines.ts';
import { eventsOf } from './runHistory.ts';
import { scheduledRun } from './scheduledRuns.ts';
import { System } from './system.ts';

const atOnce = { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 };

let system: System;

beforeAll(async () => {
  system = await System.start({
    browser: false,
    sharedClient: true,
    portal: { delays: atOnce, consentBanner: false, data: { scale: 0.1 } },
    config: [
      [['reports', 'utilization', 'refreshPeriods'], 1],
      [['reports', 'notes', 'refreshPeriods'], 1],
      // The golden months are another, far larger agency's than the portal's here: they are no measure of each other.
      [['reports', 'utilization', 'gates', 'lastLoad'], { fewerPercent: 100, morePercent: 10_000 }],
      [['reports', 'notes', 'gates', 'lastLoad'], { fewerPercent: 100, morePercent: 10_000 }],
      [['reports', 'utilization', 'gates', 'median', 'periods'], 24],
      [['reports', 'notes', 'gates', 'median', 'periods'], 24],
    ],
  });
  await system.startWorker();
});
afterAll(() => system.stop());

function golden(name: string): GoldenMonth {
  const found = goldenMonths.find((month) => month.name === name);
  if (found === undefined) throw new Error(`no golden month ${name}`);
  return found;
}

async function rowCount(month: Pick<GoldenMonth, 'report' | 'period'>): Promise<number> {
  const [counted] = await system.query(`SELECT COUNT(*) AS n FROM ${month.report} WHERE period_start = ?`, [
    month.period.from,
  ]);
  return Number(counted!['n']);
}

/** Which periods the tables show, and by which workflow's run each was published. */
async function publishedBy(workflowIds: readonly string[]): Promise<string[]> {
  const rows = await system.query(
    `SELECT p.report, p.period_start, p.period_end FROM published_period p
     JOIN pipeline_run r ON r.run_id = p.run_id WHERE r.workflow_id IN (?)`,
    [workflowIds],
  );
  return rows.map((row) => `${row['report']!}:${row['period_start']!}..${row['period_end']!}`).sort();
}

/** Each way has months and days of its own, so that each has something to publish. */
const ways = [
  {
    commandLine: 'temporal',
    id: 'with a workflow id',
    month: 'notes-2026-10-16',
    day: '2025-01-15',
    due: ['notes:2024-12-16..2024-12-31', 'utilization:2024-12-01..2024-12-31'],
    range: { report: 'notes', from: '2024-02-16', to: '2024-03-15' },
    periods: ['notes:2024-02-16..2024-02-29', 'notes:2024-03-01..2024-03-15'],
  },
  {
    commandLine: 'temporal',
    id: 'without a workflow id',
    month: 'notes-2026-10-01',
    day: '2025-03-16',
    due: ['notes:2025-03-01..2025-03-15', 'utilization:2025-02-01..2025-02-28'],
    range: { report: 'utilization', from: '2024-02-01', to: '2024-03-31' },
    periods: ['utilization:2024-02-01..2024-02-29', 'utilization:2024-03-01..2024-03-31'],
  },
  {
    commandLine: 'tctl',
    id: 'with a workflow id',
    month: 'utilization-2026-09-01',
    day: '2025-05-31',
    due: ['notes:2025-05-01..2025-05-15', 'utilization:2025-04-01..2025-04-30'],
    range: { report: 'notes', from: '2023-12-16', to: '2024-01-15' },
    periods: ['notes:2023-12-16..2023-12-31', 'notes:2024-01-01..2024-01-15'],
  },
  {
    commandLine: 'tctl',
    id: 'without a workflow id',
    month: 'utilization-2026-10-01',
    day: '2025-07-01',
    due: ['notes:2025-06-16..2025-06-30', 'utilization:2025-06-01..2025-06-30'],
    range: { report: 'utilization', from: '2023-12-01', to: '2024-01-31' },
    periods: ['utilization:2023-12-01..2023-12-31', 'utilization:2024-01-01..2024-01-31'],
  },
] as const;

function idFor(way: (typeof ways)[number], workflowId: string): string | undefined {
  return way.id === 'with a workflow id' ? workflowId : undefined;
}

describe.each(commandLines)('plain JSON through $name', (commandLine) => {
  const its = ways.filter((way) => way.commandLine === commandLine.name);

  describe.skipIf(!commandLine.available)('workflow start', () => {
    test.each(its)('runReport $id ends published', async (way) => {
      const month = golden(way.month);
      const { report, period, exportPath } = month;
      const run = await startBy(commandLine, system, {
        type: 'runReport',
        input: JSON.stringify({ report, ...period, file: exportPath }),
        workflowId: idFor(way, runReportId(report, period)),
      });
      expect(await run.result()).toMatchObject({ outcome: 'published', rowsLoaded: month.summary.rows });
      expect(await rowCount(month)).toBe(month.summary.rows);
      expect((await run.describe()).searchAttributes).toMatchObject({
        EhrReport: [report],
        EhrPeriodStart: [period.from],
        EhrOutcome: ['published'],
      });
    });

    test.each(its)('dailyRun of $day $id publishes what was due then', async (way) => {
      const run = await startBy(commandLine, system, {
        type: 'dailyRun',
        input: JSON.stringify({ day: way.day }),
        workflowId: idFor(way, `daily:${way.day}`),
      });
      expect(await run.result()).toMatchObject({ day: way.day, total: 2, done: { published: 2 }, failed: 0 });
      expect(await publishedBy(way.due)).toEqual(way.due);
    });

    test.each(its)('backfill of $range.report $id publishes every period', async (way) => {
      const { report, from, to } = way.range;
      const run = await startBy(commandLine, system, {
        type: 'backfill',
        input: JSON.stringify(way.range),
        workflowId: idFor(way, backfillId(report, { from: from as IsoDate, to: to as IsoDate })),
      });
      expect(await run.result()).toMatchObject({ total: 2, done: { published: 2 }, failed: 0 });
      expect(await publishedBy(way.periods)).toEqual(way.periods);
    });

    test.each([
      { title: 'no input', input: undefined },
      { title: 'null', input: 'null' },
    ])('dailyRun with $title means today and all reports', async ({ input }) => {
      const run = await startBy(commandLine, system, { type: 'dailyRun', input });
      const result = (await run.result()) as { day: IsoDate; total: number; failed: number };
      const { startTime } = await run.describe();
      expect(result).toMatchObject({ total: 2, failed: 0, day: dayInZone(startTime, 'America/New_York') });
      const due = reportNames.map((report) => `${report}:${periodText(duePeriod(report, result.day))}`);
      expect(await publishedBy(due)).toEqual(due.sort());
    });
  });
});

describe('the same month by client, command lines, daily run, backfill and schedule', () => {
  const period = { from: '2025-09-01', to: '2025-09-30' };

  /** Everything of the month that dashboards read, but which run brought it. */
  async function shown(): Promise<string> {
    const rows = await system.query('SELECT * FROM utilization WHERE period_start = ? ORDER BY source_line', [
      period.from,
    ]);
    const rollups = await system.query(
      'SELECT * FROM utilization_summary WHERE period_start = ? ORDER BY dimension, member',
      [period.from],
    );
    expect(rows.length).toBeGreaterThan(0);
    return JSON.stringify([...rows, ...rollups].map(({ run_id: _runId, ...row }) => row));
  }

  /** As after a change of rules: the next run replaces the rows instead of finding them unchanged. */
  async function forgetVersions(): Promise<void> {
    await system.query(
      `UPDATE published_period SET versions = '{}' WHERE report = 'utilization' AND period_start = ?`,
      [period.from],
    );
  }

  test('shows the same rows each time, and none twice', async () => {
    const input = JSON.stringify({ report: 'utilization', ...period });
    await system.run('run', 'utilization', '--from', period.from, '--to', period.to);
    const first = await shown();
    const waysToLoad: (() => Promise<unknown>)[] = [
      () => system.run('run', 'utilization', '--from', period.from, '--to', period.to),
      ...commandLines
        .filter(({ available }) => available)
        .map((commandLine) => async () => {
          const run = await startBy(commandLine, system, { type: 'runReport', input });
          expect(await run.result()).toMatchObject({ outcome: 'published' });
        }),
      () => system.run('daily', '--day', '2025-10-02', '--reports', 'utilization'),
      async () => {
        await system.run('schedule', 'apply');
        await system.run('schedule', 'backfill', '--from', '2025-10-03', '--to', '2025-10-03');
        expect(await scheduledRun(system, '2025-10-03T07:30:00Z')).toMatchObject({ failed: 0 });
      },
      () => system.run('backfill', 'utilization', '--from', period.from, '--to', period.to),
    ];
    for (const loadAgain of waysToLoad) {
      await forgetVersions();
      await loadAgain();
      expect(await shown()).toBe(first);
    }
    const runs = await system.query(
      `SELECT outcome FROM pipeline_run WHERE report = 'utilization' AND period_start = ?`,
      [period.from],
    );
    expect(runs.map((run) => run['outcome'])).toEqual(Array(waysToLoad.length + 1).fill('published'));
  });

  test('finds nothing to change when nothing has changed', async () => {
    const before = await shown();
    const printed = await system.run(
      'run',
      'utilization',
      '--from',
      period.from,
      '--to',
      period.to,
      '--json',
    );
    expect(JSON.parse(printed)).toMatchObject({ result: { outcome: 'unchanged' } });
    expect(await shown()).toBe(before);
  });
});

function start(workflowType: string, workflowId: string, input: object) {
  return system.client.workflow.start(workflowType, {
    workflowId,
    taskQueue: taskQueues.pipeline,
    args: [input],
  });
}

describe('two runs of one period', () => {
  test('a parent waits for a run that someone else started, then runs its own', async () => {
    const period = { from: '2025-08-01', to: '2025-08-15' };
    const id = 'notes:2025-08-01..2025-08-15';
    system.portal.settings.delays.exportMs = 5_000;
    onTestFinished(() => {
      system.portal.settings.delays.exportMs = 0;
    });
    const first = await start('runReport', id, { report: 'notes', ...period });
    const parent = await start('dailyRun', 'daily:2025-08-20', { day: '2025-08-20', reports: ['notes'] });
    expect(await parent.result()).toMatchObject({ total: 1, done: { unchanged: 1 }, failed: 0 });

    expect(await first.result()).toMatchObject({ outcome: 'published' });
    const waited = (await eventsOf(system.client, parent.workflowId)).flatMap(
      ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name ?? [],
    );
    // It asks again and again until the other run has ended.
    expect([...new Set(waited)]).toEqual(['planDailyRun', 'awaitRun', 'writeDashboards', 'tidy']);
    const runs = await system.query('SELECT run_id, outcome FROM pipeline_run WHERE workflow_id = ?', [id]);
    expect(runs.map((run) => String(run['outcome'])).sort()).toEqual(['published', 'unchanged']);
    const [published] = await system.query(
      `SELECT run_id FROM published_period WHERE report = 'notes' AND period_start = ?`,
      [period.from],
    );
    expect(published).toEqual({ run_id: first.firstExecutionRunId });
  });

  describe.each(commandLines)('one started by $name', (commandLine) => {
    test.skipIf(!commandLine.available)('without an id beside one with its own: one version', async () => {
      const month = golden('notes-2026-08-01-messy');
      const { report, period, exportPath } = month;
      await system.query('DELETE FROM published_period WHERE report = ? AND period_start = ?', [
        report,
        period.from,
      ]);
      const input = { report, ...period, file: exportPath };
      const [named, unnamed] = await Promise.all([
        start('runReport', runReportId(report, period), input),
        startBy(commandLine, system, { type: 'runReport', input: JSON.stringify(input) }),
      ]);
      const results = await Promise.all([named.result(), unnamed.result()]);
      expect(results.map(({ outcome }: { outcome: string }) => outcome).sort()).toEqual([
        'published',
        'unchanged',
      ]);
      const versions = await system.query(
        'SELECT run_id, COUNT(*) AS n FROM notes WHERE period_start = ? GROUP BY run_id',
        [period.from],
      );
      const [published] = await system.query(
        'SELECT run_id FROM published_period WHERE report = ? AND period_start = ?',
        [report, period.from],
      );
      expect(versions).toEqual([{ run_id: published!['run_id'], n: String(month.summary.rows) }]);
    });
  });
});
