import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandLines, startBy } from './commandLines.ts';
import { eventsOf, runFailure } from './runHistory.ts';
import { System } from './system.ts';

let system: System;

beforeAll(async () => {
  system = await System.start({ sharedClient: true });
  await system.startWorker();
  // A bad input must be refused before anyone goes to the portal; this one would not let anybody in.
  system.portal.settings.passwords = {};
});
afterAll(() => system.stop());

const runReportExample = `--input '{"report":"notes","from":"2026-10-16","to":"2026-10-31"}'`;

/** What each start must fail with: the field, what was expected, what to do. */
const refused = [
  {
    title: 'a missing field',
    type: 'runReport',
    input: '{"report":"notes","from":"2026-10-16"}',
    says: [
      'to: is missing; it must be an existing day written YYYY-MM-DD',
      '{report, from, to, file?, force?}',
    ],
    report: 'notes',
  },
  {
    title: 'an unknown key',
    type: 'runReport',
    input: '{"report":"notes","from":"2026-10-16","to":"2026-10-31","forced":true}',
    says: ['forced: no such field', '{report, from, to, file?, force?}'],
    report: 'notes',
  },
  {
    title: 'a force that is neither true nor false',
    type: 'runReport',
    input: '{"report":"notes","from":"2026-10-16","to":"2026-10-31","force":"yes"}',
    says: ['force: must be true, to load again although nothing has changed, or false'],
    report: 'notes',
  },
  {
    title: 'to before from',
    type: 'runReport',
    input: '{"report":"notes","from":"2026-10-31","to":"2026-10-16"}',
    says: ['to: 2026-10-16 is before from: 2026-10-31', 'Give the first day as from'],
    report: 'notes',
  },
  {
    title: 'a range that is no whole period',
    type: 'runReport',
    input: '{"report":"utilization","from":"2026-09-01","to":"2026-09-29"}',
    says: [
      'from, to: 2026-09-01..2026-09-29 are no whole calendar months',
      'The nearest whole range is 2026-09-01..2026-09-30',
    ],
    report: 'utilization',
  },
  {
    title: 'two periods for one run',
    type: 'runReport',
    input: '{"report":"notes","from":"2026-10-01","to":"2026-10-31"}',
    says: ['runReport takes exactly one', 'Start a backfill', '2026-10-16..2026-10-31'],
    report: 'notes',
  },
  {
    title: 'a period that has not begun',
    type: 'runReport',
    input: '{"report":"utilization","from":"2999-01-01","to":"2999-01-31"}',
    says: ['from: 2999-01-01..2999-01-31 lies in the future; today is 20', 'Ask for a period that has begun'],
    report: 'utilization',
  },
  {
    title: 'an unknown report',
    type: 'runReport',
    input: '{"report":"payroll","from":"2026-10-16","to":"2026-10-31"}',
    says: ['report: must be one of utilization, notes'],
  },
  {
    title: 'a day that does not exist',
    type: 'runReport',
    input: '{"report":"notes","from":"2026-02-16","to":"2026-02-29"}',
    says: ['to: must be an existing day written YYYY-MM-DD'],
    report: 'notes',
  },
  {
    title: 'null',
    type: 'runReport',
    input: 'null',
    says: ['the input must be one JSON object {report, from, to, file?, force?}', runReportExample],
  },
  {
    title: 'no input',
    type: 'runReport',
    input: undefined,
    says: ['the input must be one JSON object {report, from, to, file?, force?}', runReportExample],
  },
  {
    title: 'a string',
    type: 'runReport',
    input: '"2026-10-16"',
    says: ['the input must be one JSON object {report, from, to, file?, force?}', runReportExample],
  },
  {
    title: 'a list',
    type: 'runReport',
    input: '[{"report":"notes"}]',
    says: ['the input must be one JSON object {report, from, to, file?, force?}'],
  },
  {
    title: 'a file that is not there',
    type: 'runReport',
    input: '{"report":"notes","from":"2026-10-16","to":"2026-10-31","file":"nowhere/export.csv"}',
    says: ['file'],
    report: 'notes',
  },
  {
    title: 'the key of another tool',
    type: 'dailyRun',
    input: '{"date":"2026-10-16"}',
    says: ['date: no such field', '{day?, reports?}'],
  },
  {
    title: 'a string',
    type: 'dailyRun',
    input: '"2026-10-16"',
    says: ['the input must be one JSON object {day?, reports?}', `--input '{"day":"2026-11-16"}'`],
  },
  {
    title: 'a day to come',
    type: 'dailyRun',
    input: '{"day":"2999-01-01"}',
    says: ['day: 2999-01-01 is in the future; today is 20', 'Give a day that has come'],
  },
  {
    title: 'an unknown report',
    type: 'dailyRun',
    input: '{"reports":["payroll"]}',
    says: ['reports.0: must be one of utilization, notes'],
  },
  {
    title: 'a range that is not whole',
    type: 'backfill',
    input: '{"report":"notes","from":"2026-01-10","to":"2026-06-30"}',
    says: [
      'from, to: 2026-01-10..2026-06-30 are no whole billing cycles',
      'The nearest whole range is 2026-01-01..2026-06-30',
    ],
    report: 'notes',
  },
  {
    title: 'a range that ends in the future',
    type: 'backfill',
    input: '{"report":"notes","from":"2979-01-01","to":"2999-06-30"}',
    says: ['lies in the future', 'Ask for a period that has begun'],
    report: 'notes',
  },
  {
    title: 'too many at a time',
    type: 'backfill',
    input: '{"report":"notes","from":"2026-01-01","to":"2026-06-30","concurrency":99}',
    says: ['concurrency: must be a whole number from 1 to 20'],
    report: 'notes',
  },
  {
    title: 'null',
    type: 'backfill',
    input: 'null',
    says: ['the input must be one JSON object {report, from, to, concurrency?}'],
  },
] as const;

describe.each(commandLines)('through $name', (commandLine) => {
  describe.skipIf(!commandLine.available)('is refused at once', () => {
    test.each(refused)('$type: $title', async ({ type, input, says, ...expected }) => {
      const run = await startBy(commandLine, system, { type, input });
      await run.result().catch(() => undefined);

      const { status, searchAttributes } = await run.describe();
      expect(status.name).toBe('FAILED');
      const report = 'report' in expected ? { EhrReport: [expected.report] } : {};
      expect(searchAttributes).toMatchObject({ EhrOutcome: ['failed'], ...report });

      const events = await eventsOf(system.client, run.workflowId);
      const failure = runFailure(events)!;
      expect(failure.applicationFailureInfo).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
      for (const words of says) expect(failure.message).toContain(words);
      const steps = events.flatMap(
        (event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? [],
      );
      expect(steps).not.toContain('loginAndDownload');
      const attempts = events.flatMap((event) => event.activityTaskStartedEventAttributes?.attempt ?? []);
      expect(attempts.filter((attempt) => attempt > 1)).toEqual([]);
    });

    test('a bare day is no JSON: the command line itself says so, and nothing starts', async () => {
      const workflowId = `bare-day-by-${commandLine.name}`;
      const { code, stdout, stderr } = await commandLine.start(system, {
        type: 'dailyRun',
        input: '2026-10-16',
        workflowId,
      });
      expect(code).not.toBe(0);
      expect(stdout + stderr).toMatch(/not valid JSON/i);
      await expect(system.client.workflow.getHandle(workflowId).describe()).rejects.toThrow(/not found/i);
    });
  });

  test.skipIf(!commandLine.available)('nothing is left running', async () => {
    await expect.poll(runningRuns).toBe(0);
  });
});

async function runningRuns(): Promise<number> {
  const { count } = await system.client.workflow.count(`ExecutionStatus = 'Running'`);
  return count;
}

describe('through the client', () => {
  test.each([
    {
      title: 'a missing option',
      args: ['run', 'notes', '--from', '2026-10-16'],
      says: ["required option '--to <day>' not specified", 'Run with --help'],
    },
    {
      title: 'an unknown option',
      args: ['run', 'notes', '--from', '2026-10-16', '--to', '2026-10-31', '--forced'],
      says: ["unknown option '--forced'"],
    },
    {
      title: 'an unknown report',
      args: ['run', 'payroll', '--from', '2026-10-16', '--to', '2026-10-31'],
      says: ['report: must be one of utilization, notes'],
    },
    {
      title: 'to before from',
      args: ['run', 'notes', '--from', '2026-10-31', '--to', '2026-10-16'],
      says: ['to: 2026-10-16 is before from: 2026-10-31'],
    },
    {
      title: 'no whole period',
      args: ['run', 'notes', '--from', '2026-10-16', '--to', '2026-10-30'],
      says: ['no whole billing cycles', 'The nearest whole range is 2026-10-16..2026-10-31'],
    },
    {
      title: 'a backfill of no whole periods',
      args: ['backfill', 'utilization', '--from', '2026-01-15', '--to', '2026-06-30'],
      says: ['no whole calendar months', 'The nearest whole range is 2026-01-01..2026-06-30'],
    },
    {
      title: 'no day',
      args: ['daily', '--day', 'yesterday'],
      says: ['day: must be an existing day written YYYY-MM-DD'],
    },
    {
      title: 'half a period at a time',
      args: ['backfill', 'notes', '--from', '2026-01-01', '--to', '2026-06-30', '--concurrency', '0.5'],
      says: ['must be a whole number from 1 to'],
    },
  ])('$title is refused before anything starts', async ({ args, says }) => {
    const startsBefore = (await system.client.workflow.count()).count;
    const result = await system.tryRun(...args);
    expect(result.code).toBe(2);
    for (const words of says) expect(result.stderr).toContain(words);
    expect(result.stderr, 'words, not a stack').not.toMatch(/\n\s+at /);
    expect((await system.client.workflow.count()).count).toBe(startsBefore);
  });

  test.each([
    {
      title: 'a period that has not begun',
      args: ['run', 'notes', '--from', '2999-01-01', '--to', '2999-01-15'],
      says: 'lies in the future; today is 20',
    },
    {
      title: 'a day to come',
      args: ['daily', '--day', '2999-01-01'],
      says: 'day: 2999-01-01 is in the future; today is 20',
    },
  ])('$title is known only to a worker, and refused by it', async ({ args, says }) => {
    const result = await system.tryRun(...args);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('InvalidInput: ');
    expect(result.stderr).toContain(says);
    await expect.poll(runningRuns).toBe(0);
  });
});
