import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scheduleId, taskQueues } from '../../src/domain/temporalNames.ts';
import { commandLines, flags } from './commandLines.ts';
import { scheduledRun } from './scheduledRuns.ts';
import { System, type ConfigChanges } from './system.ts';

const atOnce = { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 };
const onePeriodEach: ConfigChanges = [
  [['reports', 'utilization', 'refreshPeriods'], 1],
  [['reports', 'notes', 'refreshPeriods'], 1],
];

let system: System;

beforeAll(async () => {
  system = await System.start({
    browser: false,
    sharedClient: true,
    portal: { delays: atOnce, consentBanner: false, data: { scale: 0.1 } },
    config: onePeriodEach,
  });
});
afterAll(() => system.stop());

const described = () => system.client.schedule.getHandle(scheduleId).describe();

async function scheduleIds(): Promise<string[]> {
  const ids: string[] = [];
  for await (const each of system.client.schedule.list()) ids.push(each.scheduleId);
  return ids;
}

/** Another config/pipeline.yaml in place of the one that the client reads. */
async function changeConfig(changes: ConfigChanges): Promise<void> {
  await system.configFile('pipeline', [...onePeriodEach, ...changes]);
}

const hour = 3_600_000;
const day = 24 * hour;

describe('schedule apply', () => {
  test('before it, schedule commands say that there is none and what to do', async () => {
    const { code, stderr } = await system.tryRun('schedule', 'show');
    expect(code).toBe(2);
    expect(stderr).toContain(`there is no schedule ${scheduleId}`);
    expect(stderr).toContain('npm run client -- schedule apply');
  });

  test('makes the schedule of pipeline.yaml', async () => {
    const printed = await system.run('schedule', 'apply', '--json');
    expect(JSON.parse(printed)).toMatchObject({
      applied: 'created',
      paused: false,
      timeZone: 'America/New_York',
    });
    const { spec, action, policies, state } = await described();
    expect(spec.calendars).toMatchObject([
      { hour: [{ start: 3, end: 3 }], minute: [{ start: 30, end: 30 }] },
    ]);
    expect(spec).toMatchObject({ timezone: 'America/New_York', intervals: [], skip: [] });
    expect(spec.jitter ?? 0).toBe(0);
    expect(policies).toEqual({ overlap: 'BUFFER_ONE', catchupWindow: 3 * day, pauseOnFailure: false });
    expect(action).toMatchObject({
      type: 'startWorkflow',
      workflowType: 'dailyRun',
      workflowId: 'daily',
      taskQueue: taskQueues.pipeline,
      args: [{}],
      workflowExecutionTimeout: 12 * hour,
    });
    expect(action.retry, 'a retried run can block its schedule').toBeUndefined();
    expect(state).toMatchObject({ paused: false });
  });

  test('twice is one schedule', async () => {
    const before = await described();
    const printed = await system.run('schedule', 'apply', '--json');
    expect(JSON.parse(printed)).toMatchObject({ applied: 'updated', paused: false });
    await expect.poll(scheduleIds).toEqual([scheduleId]);
    const { spec, action, policies, state } = await described();
    expect({ spec, action, policies, state }).toEqual({
      spec: before.spec,
      action: before.action,
      policies: before.policies,
      state: before.state,
    });
  });

  test('puts back what someone changed by hand', async () => {
    const options = flags({
      '--schedule-id': scheduleId,
      '--cron': '0 1 * * *',
      '--overlap-policy': 'AllowAll',
      '--type': 'runReport',
      '--task-queue': 'elsewhere',
      '--workflow-id': 'other',
    });
    const { code } = await system.temporal('schedule', 'update', ...options, '--pause-on-failure');
    expect(code).toBe(0);
    expect(await described()).toMatchObject({ policies: { overlap: 'ALLOW_ALL', pauseOnFailure: true } });
    await system.run('schedule', 'apply');
    const { spec, action, policies } = await described();
    expect(spec.calendars).toMatchObject([{ hour: [{ start: 3 }], minute: [{ start: 30 }] }]);
    expect(spec.calendars).toHaveLength(1);
    expect(spec.timezone).toBe('America/New_York');
    expect(policies).toEqual({ overlap: 'BUFFER_ONE', catchupWindow: 3 * day, pauseOnFailure: false });
    expect(action).toMatchObject({
      workflowType: 'dailyRun',
      workflowId: 'daily',
      taskQueue: taskQueues.pipeline,
    });
  });

  test('brings it up to date, whole, when pipeline.yaml changes; a pause stays', async () => {
    await system.run('schedule', 'pause', '--reason', 'the portal moves house');
    await changeConfig([
      [['organisation', 'timeZone'], 'America/Chicago'],
      [['schedule', 'at'], '05:45'],
      [['schedule', 'catchUpDays'], 7],
      [['schedule', 'executionTimeoutHours'], 20],
      [['schedule', 'overlap'], 'SKIP'],
    ]);
    const printed = await system.run('schedule', 'apply', '--json');
    expect(JSON.parse(printed)).toMatchObject({
      applied: 'updated',
      paused: true,
      note: 'the portal moves house',
      timeZone: 'America/Chicago',
    });
    const { spec, action, policies, state } = await described();
    expect(spec.calendars).toMatchObject([
      { hour: [{ start: 5, end: 5 }], minute: [{ start: 45, end: 45 }] },
    ]);
    expect(spec.calendars).toHaveLength(1);
    expect(spec.timezone).toBe('America/Chicago');
    expect(policies).toEqual({ overlap: 'SKIP', catchupWindow: 7 * day, pauseOnFailure: false });
    expect(action).toMatchObject({ workflowExecutionTimeout: 20 * hour });
    expect(state).toMatchObject({ paused: true, note: 'the portal moves house' });

    await changeConfig([]);
    await system.run('schedule', 'apply');
    expect(await described()).toMatchObject({
      state: { paused: true },
      policies: { overlap: 'BUFFER_ONE' },
      spec: { timezone: 'America/New_York' },
    });
    await system.run('schedule', 'resume');
    expect(await described()).toMatchObject({ state: { paused: false } });
  });
});

/** Days whose runs were due at times that UTC does not have them at, or whose periods end in a special way. */
const pastDays = [
  {
    title: 'over a leap day, when the due cycle changes',
    by: 'temporal',
    days: [
      {
        day: '2024-02-29',
        instant: '2024-02-29T08:30:00Z',
        due: ['notes:2024-02-01..2024-02-15', 'utilization:2024-01-01..2024-01-31'],
      },
      {
        day: '2024-03-01',
        instant: '2024-03-01T08:30:00Z',
        due: ['notes:2024-02-16..2024-02-29', 'utilization:2024-02-01..2024-02-29'],
      },
    ],
  },
  {
    title: 'over the day that clocks go forward',
    by: 'tctl',
    days: [
      {
        day: '2025-03-08',
        instant: '2025-03-08T08:30:00Z',
        due: ['notes:2025-02-16..2025-02-28', 'utilization:2025-02-01..2025-02-28'],
      },
      {
        day: '2025-03-09',
        instant: '2025-03-09T07:30:00Z',
        due: ['notes:2025-02-16..2025-02-28', 'utilization:2025-02-01..2025-02-28'],
      },
    ],
  },
  {
    title: 'over the day that clocks go back, from the last day of a month',
    by: 'client',
    days: [
      {
        day: '2025-10-31',
        instant: '2025-10-31T07:30:00Z',
        due: ['notes:2025-10-01..2025-10-15', 'utilization:2025-09-01..2025-09-30'],
      },
      {
        day: '2025-11-01',
        instant: '2025-11-01T07:30:00Z',
        due: ['notes:2025-10-16..2025-10-31', 'utilization:2025-10-01..2025-10-31'],
      },
      {
        day: '2025-11-02',
        instant: '2025-11-02T08:30:00Z',
        due: ['notes:2025-10-16..2025-10-31', 'utilization:2025-10-01..2025-10-31'],
      },
    ],
  },
] as const;

type PastDays = (typeof pastDays)[number];

async function backfillBy({ by, days }: PastDays): Promise<void> {
  const [first, last] = [days[0], days.at(-1)!];
  if (by === 'client') {
    await system.run('schedule', 'backfill', '--from', first.day, '--to', last.day);
    return;
  }
  const commandLine = commandLines.find(({ name }) => name === by)!;
  const range = { scheduleId, start: first.instant, end: last.instant };
  expect(await commandLine.backfillSchedule(system, range)).toMatchObject({ code: 0 });
}

/** The ids of the runs that a daily run started. */
async function childrenOf(workflowId: string): Promise<string[]> {
  const { events } = await system.client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? [])
    .flatMap((event) => event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowId ?? [])
    .sort();
}

async function timesOf(workflowId: string): Promise<{ start: number; end: number }> {
  const { startTime, closeTime } = await system.client.workflow.getHandle(workflowId).describe();
  return { start: startTime.getTime(), end: closeTime!.getTime() };
}

async function published(ids: readonly string[]): Promise<string[]> {
  const rows = await system.query(
    `SELECT report, period_start, period_end FROM published_period WHERE run_id IS NOT NULL
     AND CONCAT(report, ':', period_start, '..', period_end) IN (?)`,
    [ids],
  );
  return rows.map((row) => `${row['report']!}:${row['period_start']!}..${row['period_end']!}`).sort();
}

describe('the schedule’s runs', () => {
  beforeAll(async () => {
    await system.run('schedule', 'apply');
    await system.startWorker();
  });

  describe.each(pastDays)('$title, by $by', (past) => {
    const isHere = commandLines.every(({ name, available }) => name !== past.by || available);

    test.skipIf(!isHere)('load what was due on each of the days, one after another', async () => {
      await backfillBy(past);
      for (const { day: meant, instant, due } of past.days) {
        expect(await scheduledRun(system, instant)).toMatchObject({ day: meant, total: 2, failed: 0 });
        expect(await childrenOf(`daily-${instant}`)).toEqual(due);
        expect(await published(due)).toEqual(due);
      }
      const runs = await Promise.all(past.days.map(({ instant }) => timesOf(`daily-${instant}`)));
      for (const [index, { start }] of runs.slice(1).entries()) {
        expect(start).toBeGreaterThanOrEqual(runs[index]!.end);
      }
    });
  });

  test('a run triggered by hand is for today', async () => {
    const triggeredAt = new Date();
    await system.run('schedule', 'trigger');
    await expect
      .poll(async () => (await described()).info.recentActions.at(-1)!.takenAt.getTime())
      .toBeGreaterThanOrEqual(triggeredAt.getTime() - 1000);
    const { info } = await described();
    const { workflowId } = info.recentActions.at(-1)!.action.workflow;
    const result = await scheduledRun(system, workflowId.replace(/^daily-/, ''));
    const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'America/New_York' }).format(triggeredAt);
    expect(result).toMatchObject({ day: today, total: 2, failed: 0 });
  });

  test.each([
    {
      title: 'to before from',
      args: ['--from', '2025-03-02', '--to', '2025-03-01'],
      says: '--to: 2025-03-01 is before --from: 2025-03-02',
    },
    {
      title: 'days to come',
      args: ['--from', '2025-03-01', '--to', '2999-03-01'],
      says: '--to: 2999-03-01 is in the future; today is 20',
    },
    {
      title: 'a day that does not exist',
      args: ['--from', '2025-02-29', '--to', '2025-03-01'],
      says: '--from: must be an existing day written YYYY-MM-DD',
    },
    {
      title: 'ten years of days',
      args: ['--from', '2010-01-01', '--to', '2019-12-31'],
      says: '--from, --to: 3652 daily runs; at most 366 at a time',
    },
  ])('a backfill of $title is refused before anything starts', async ({ args, says }) => {
    const { code, stderr } = await system.tryRun('schedule', 'backfill', ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
  });
});
