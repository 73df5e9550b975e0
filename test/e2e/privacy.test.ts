import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { reportBytes } from '../../demo/portal/data.ts';
import { defaultSettings } from '../../demo/portal/settings.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import { periodsNewestFirst, periodText, recentPeriods, type Period } from '../../src/domain/periods.ts';
import type { ReportName } from '../../src/reports/index.ts';
import { backfillId, runReportId, taskQueues } from '../../src/domain/temporalNames.ts';
import { goldenMonths } from '../golden/golden.ts';
import { shippedReports } from '../shippedReports.ts';
import { leaksAt, leaksOf, privateTexts, readableToOperators, textsWithin } from './leaks.ts';
import type { Leak, PrivateTexts, Watched } from './leaks.ts';
import { secretsOf, System } from './system.ts';

const day = '2026-11-16' as IsoDate;
const refreshPeriods = { utilization: 2, notes: 3 } as const;
const backfilled: Period = { from: '2026-05-01' as IsoDate, to: '2026-06-30' as IsoDate };

/** Every export that the portal hands out in this file, and the golden files. */
async function allExports(): Promise<Buffer[]> {
  const { data } = defaultSettings();
  const bytes = (report: ReportName, period: Period) => reportBytes('demo', report, period, data);
  return [
    ...(await Promise.all(goldenMonths.map((month) => readFile(month.exportPath)))),
    ...shippedReports.flatMap((report) =>
      recentPeriods(report, day, refreshPeriods[report]).map((period) => bytes(report, period)),
    ),
    ...periodsNewestFirst('notes', backfilled).map((period) => bytes('notes', period)),
  ];
}

let system: System;
let secret: PrivateTexts;

async function runWorkflow(workflowType: string, workflowId: string, input: object): Promise<unknown> {
  const handle = await system.client.workflow.start(workflowType, {
    workflowId,
    taskQueue: taskQueues.pipeline,
    args: [input],
  });
  return handle.result();
}

beforeAll(async () => {
  const { totpSecret } = defaultSettings();
  system = await System.start({
    // A secret that is asked for, so that it passes through everything.
    environment: { EHR_PORTAL_TOTP_SECRET: totpSecret },
    portal: {
      delays: { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 200 },
      faults: { mfaAsked: true },
      exports: Object.fromEntries(
        goldenMonths.map((month) => [`${month.report}:${periodText(month.period)}`, month.exportPath]),
      ),
    },
  });
  await system.startWorker();
  secret = privateTexts(await allExports(), secretsOf(system.environment));
});
afterAll(() => system.stop());

describe('the scan', () => {
  const planted: readonly { title: string; leak: Leak; of: (secret: PrivateTexts) => string }[] = [
    {
      title: 'a whole name, whatever its case',
      leak: { kind: 'name', text: 'quennell, ottoline' },
      of: () => 'note of Quennell, Ottoline',
    },
    {
      title: 'a last name alone',
      leak: { kind: 'word of a name', text: 'núñez' },
      of: () => '{"client":"NÚÑEZ"}',
    },
    {
      title: 'an authorization number with its zeros',
      leak: { kind: 'authorization number', text: '0001253401' },
      of: () => 'row 0001253401 was rejected',
    },
    {
      title: 'a dollar cell in parentheses',
      leak: { kind: 'dollars', text: '($936.36)' },
      of: () => 'variance ($936.36)',
    },
    {
      title: 'the password',
      leak: { kind: 'secret', text: 'demo-Passw0rd!' },
      of: () => 'fill demo-Passw0rd! into Password',
    },
  ];

  test.each(planted)('finds $title within a payload', ({ of, leak }) => {
    const payload = { data: Buffer.from(JSON.stringify({ text: of(secret) })) };
    const watched: Watched = { place: 'here', text: textsWithin([{ payload }]).join('\n') };
    expect(leaksAt([watched], secret)).toContain(`here: ${leak.kind} ${leak.text}`);
  });

  test('knows the people, numbers and amounts of every export, and every secret', () => {
    expect(secret.names.size).toBeGreaterThan(300);
    expect(secret.authorizationNumbers.size).toBeGreaterThan(700);
    expect(secret.dollars.size).toBeGreaterThan(2000);
    // The portal's password and TOTP secret, the database's password, the keys of names and of the login.
    expect(secret.secrets).toHaveLength(5);
  });
});

describe('what runs leave behind for operators names nobody', () => {
  test('golden months through the portal, heartbeats and details while they run included', async () => {
    const seen = await Promise.all(
      goldenMonths.map(async ({ report, period }) => {
        const samples = watchWhileRunning(runReportId(report, period));
        await runWorkflow('runReport', runReportId(report, period), { report, ...period });
        return samples.stop();
      }),
    );
    expect(seen.flat().some(({ text }) => text.includes('waitingFor'))).toBe(true);
    expect(leaksAt(seen.flat(), secret)).toEqual([]);
  });

  test('golden months through files', async () => {
    const runs = goldenMonths.map(({ report, period, exportPath: file }) =>
      runWorkflow('runReport', runReportId(report, period), { report, ...period, file }),
    );
    expect(await Promise.all(runs)).toHaveLength(goldenMonths.length);
  });

  test('a daily run', async () => {
    const result = await runWorkflow('dailyRun', 'daily:today', { day });
    expect(result).toMatchObject({ total: 5, failed: 0 });
  });

  test('a backfill', async () => {
    const input = { report: 'notes', ...backfilled };
    const result = await runWorkflow('backfill', backfillId('notes', backfilled), input);
    expect(result).toMatchObject({ total: 4, done: { published: 4 } });
  });

  test('a run that gave up at the portal keeps evidence, masked as the configuration has it', async () => {
    system.portal.settings.faults.permissionMissing = 'export';
    const period = { from: '2026-07-01', to: '2026-07-15' };
    await expect(
      runWorkflow('runReport', 'notes:2026-07-01..2026-07-15', { report: 'notes', ...period }),
    ).rejects.toThrow('Workflow execution failed');
    system.portal.settings.faults.permissionMissing = false;
    const evidence = (await readableToOperators(system)).filter(({ place }) => place.startsWith('evidence'));
    expect(evidence.map(({ place }) => place.split('/').at(-1))).toEqual(
      expect.arrayContaining(['console.log', 'outline.txt', 'step.json']),
    );
    // The grid was on the page: its rows are there in shape only.
    expect(evidence.find(({ place }) => place.endsWith('outline.txt'))!.text).toMatch(/Xx+|XX+/);
    const config = parse(await readFile(system.environment['EHR_CONFIG']!, 'utf8')) as {
      portal: { showPatientData: boolean };
    };
    expect(config.portal.showPatientData).toBe(false);
  });

  test('all of it: histories, logs, evidence and ledger', async () => {
    const watched = await readableToOperators(system);
    const kinds = new Set(watched.map(({ place }) => place.split(' ')[0]));
    expect(kinds).toEqual(new Set(['evidence', 'history', 'ledger', 'log', 'rejected']));
    // Golden months twice, five periods of the day and their parent, four cycles and theirs, one failed.
    expect(watched.filter(({ place }) => place.startsWith('history'))).toHaveLength(12 + 6 + 5 + 1);
    expect(await leaksOf(system, secret)).toEqual([]);
  });

  test('and a name that a person does put in, as the file’s path, is found', async () => {
    const [client] = secret.names;
    const handle = await system.client.workflow.start('runReport', {
      workflowId: 'notes:2026-07-16..2026-07-31',
      taskQueue: taskQueues.pipeline,
      args: [{ report: 'notes', from: '2026-07-16', to: '2026-07-31', file: `/exports/${client!}.csv` }],
    });
    await expect(handle.result()).rejects.toThrow('Workflow execution failed');
    const leaks = leaksAt(await readableToOperators(system), secret);
    expect(leaks).toContain(`history ${handle.workflowId} ${handle.firstExecutionRunId}: name ${client!}`);
    // It stays where it was put: no message, log or ledger repeats it.
    expect(leaks.filter((leak) => !leak.startsWith(`history ${handle.workflowId}`))).toEqual([]);
  });
});

// Often enough to see the heartbeats of a run of a second or two.
const samplePauseMilliseconds = 100;

/** Reads what a running run shows: pending activities with their heartbeats, details and progress. */
function watchWhileRunning(workflowId: string): { stop: () => Promise<Watched[]> } {
  const handle = system.client.workflow.getHandle(workflowId);
  const samples: Watched[] = [];
  const ended = new AbortController();
  const sample = async () => {
    while (!ended.signal.aborted) {
      const shown = await Promise.allSettled([
        handle.describe(),
        handle.query('progress'),
        handle.query('__temporal_workflow_metadata'),
      ]);
      const values = shown.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      samples.push({ place: `${workflowId} while it ran`, text: textsWithin(values).join('\n') });
      await new Promise((resolve) => setTimeout(resolve, samplePauseMilliseconds));
    }
  };
  const sampling = sample();
  return {
    async stop() {
      ended.abort();
      await sampling;
      return samples;
    },
  };
}
