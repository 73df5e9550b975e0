import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { reportBytes } from '../../demo/portal/data.ts';
import { defaultSettings } from '../../demo/portal/settings.ts';
import { alertScheduleId, scheduleId, taskQueues } from '../../src/domain/temporalNames.ts';
import { dayInZone } from '../../src/domain/dates.ts';
import { mailPassword, mailUser, startMailReceiver, type MailReceiver } from '../alerts/mailReceiver.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../alerts/webhookReceiver.ts';
import { DatabaseProxy } from '../faults/databaseProxy.ts';
import { goldenMonths } from '../golden/golden.ts';
import { putOffOwnRound, round } from './alertRounds.ts';
import { leaksAt, privateTexts, readableToOperators, textsWithin } from './leaks.ts';
import { secretsOf, System, WorkerProcess, type ConfigChanges } from './system.ts';

/**
 * What people are told of real runs, and how often. One system for all, in the order of a bad week: each test begins
 * and ends with nothing open.
 */
const golden = goldenMonths.find(({ name }) => name === 'notes-2026-10-16')!;
const october = ['notes', '--from', golden.period.from, '--to', golden.period.to] as const;
/** Of the other report: whoever takes it for notes is refused. */
const wrongReport = goldenMonths.find(({ report }) => report === 'utilization')!.exportPath;
const dayMilliseconds = 86_400_000;
const webUi = 'https://temporal.example.org';

let system: System;
let webhook: WebhookReceiver;
let mail: MailReceiver;
let cut: string;
let workers: WorkerProcess[];

const alertConfig: ConfigChanges = [
  [['alerts', 'webhook'], 'slack'],
  [
    ['alerts', 'mail', 'to'],
    ['ops@example.org', 'analyst@example.org'],
  ],
  // No round but those that the tests ask for.
  [['alerts', 'everyMinutes'], 60],
  [['alerts', 'webUi'], webUi],
  [['reports', 'utilization', 'refreshPeriods'], 1],
  [['reports', 'notes', 'refreshPeriods'], 1],
];

beforeAll(async () => {
  webhook = await startWebhookReceiver();
  mail = await startMailReceiver();
  system = await System.start({
    browser: false,
    sharedClient: true,
    portal: {
      delays: { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 },
      consentBanner: false,
      data: { scale: 0.1 },
    },
    config: alertConfig,
    environment: {
      EHR_ALERT_WEBHOOK_URL: webhook.url,
      EHR_ALERT_SMTP_URL: `smtp://${mailUser}:${encodeURIComponent(mailPassword)}@127.0.0.1:${String(mail.port)}`,
    },
  });
  cut = path.join(system.folder, 'cut.csv');
  const lines = (await readFile(golden.exportPath, 'utf8')).split('\n');
  await writeFile(cut, `${lines.slice(0, 301).join('\n')}\n`);
  workers = await Promise.all([system.startWorker(), system.startWorker()]);
});
afterAll(async () => {
  await system.stop();
  await Promise.all([webhook.close(), mail.close()]);
});

interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly { readonly text: { readonly text: string } }[];
}

/** The messages that the work led to: what Slack shows first, and the subjects of the mails. */
async function toldDuring(work: () => Promise<unknown>): Promise<{ slack: string[]; mail: string[] }> {
  const before = { slack: webhook.taken.length, mail: mail.mails.length };
  await work();
  return {
    slack: (webhook.taken.slice(before.slack) as SlackMessage[]).map(({ text }) => text),
    mail: mail.mails.slice(before.mail).map(({ source }) => subjectOf(source)),
  };
}

function subjectOf(source: string): string {
  // Long headers are folded.
  const [, subject = ''] = /^Subject: ((?:.*)(?:\r?\n[ \t].*)*)/m.exec(source) ?? [];
  return subject.replaceAll(/\r?\n(?=[ \t])/g, '');
}

const rounds = async (count: number) => {
  for (let each = 0; each < count; each += 1) await round(system);
};

const inBoth = (...titles: string[]) => ({
  slack: titles,
  mail: titles.map((title) => `[EHR pipeline] ${title}`),
});

async function openAlerts(): Promise<{ what: string; toldBy: string[]; over: boolean }[]> {
  return (
    JSON.parse(await system.run('alerts', '--json')) as {
      open: { what: string; toldBy: string[]; over: boolean }[];
    }
  ).open;
}

describe('before the schedule is applied', () => {
  test('status and alerts say that no alerts are sent', async () => {
    expect(await system.run('status')).toContain('no alerts are sent: no round of the alerts has ever run');
    expect((await system.tryRun('status', '--check')).code).toBe(7);
    expect(await system.run('alerts')).toContain(`there is no schedule ${alertScheduleId}`);
  });

  test('schedule apply makes both schedules', async () => {
    expect(JSON.parse(await system.run('schedule', 'apply', '--json'))).toMatchObject({
      applied: 'created',
      alerts: 'created',
    });
    const { spec, action, policies } = await system.client.schedule.getHandle(alertScheduleId).describe();
    expect(spec.intervals).toMatchObject([{ every: 3_600_000 }]);
    expect(policies).toMatchObject({ overlap: 'SKIP', pauseOnFailure: false });
    expect(action).toMatchObject({ workflowType: 'checkAlerts', taskQueue: taskQueues.pipeline, args: [] });
    await putOffOwnRound(system);
  });

  test('a first round has nothing to tell, and status hears of it', async () => {
    expect(await toldDuring(() => rounds(1))).toEqual(inBoth());
    expect(await system.run('status')).not.toContain('no alerts are sent');
    expect(await system.run('alerts')).toMatch(/^nothing has to be looked at\nlast round: 20/);
  });
});

test('alerts test sends a message through each channel', async () => {
  const told = await toldDuring(async () => {
    expect(await system.run('alerts', 'test')).toBe('webhook: taken\nmail: taken\n');
  });
  expect(told).toEqual(inBoth('A test of the alerts'));
});

test('alerts test says which channel does not work, and names no address', async () => {
  webhook.next.push({ status: 404, body: 'no_service' });
  const { code, stdout } = await system.tryRun('alerts', 'test', '--json');
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject([
    {
      channel: 'webhook',
      error: { type: 'AlertNotSent', message: expect.stringContaining('404') as string },
    },
    { channel: 'mail', error: null },
  ]);
});

describe('a run that fails', () => {
  test('is reported once over several rounds, and so is that it is over', async () => {
    await system.tryRun('run', ...october, '--file', wrongReport);
    const title = 'notes 2026-10-16..2026-10-31 failed: ExportWrongReport';
    expect(await toldDuring(() => rounds(3))).toEqual(inBoth(title));
    expect(await openAlerts()).toMatchObject([{ what: title, toldBy: ['webhook', 'mail'], over: false }]);

    // The same failure the next day is not another cause.
    await system.tryRun('run', ...october, '--file', wrongReport);
    expect(await toldDuring(() => rounds(1))).toEqual(inBoth());

    await system.run('run', ...october, '--file', golden.exportPath);
    expect(await toldDuring(() => rounds(2))).toEqual(inBoth(`Over: ${title}`));
    expect(await openAlerts()).toEqual([]);
  });

  test('is reported with what to do, and where to look', async () => {
    const message = (webhook.taken as SlackMessage[]).find(({ text }) =>
      text.startsWith('notes 2026-10-16'),
    )!;
    const runs = await system.query(
      "SELECT run_id FROM pipeline_run WHERE outcome = 'failed' ORDER BY finished_at",
    );
    const link = `${webUi}/namespaces/${system.namespace}/workflows/${encodeURIComponent('notes:2026-10-16..2026-10-31')}/${runs[0]!['run_id']!}`;
    expect(message.blocks[0]!.text.text).toBe(
      [
        '*notes 2026-10-16..2026-10-31 failed: ExportWrongReport*',
        'Nothing was loaded; the earlier figures stay.',
        'Who acts: an engineer: check the report that the recipe picks.',
        '```',
        'npm run client -- versions notes 2026-10-16',
        '```',
        'See docs/runbook.md, section ExportWrongReport.',
        `<${link}|The run in the Web UI>`,
      ].join('\n'),
    );
  });
});

test('a held run is reported with its gate, and is over when a person has approved it', async () => {
  const { stdout } = await system.tryRun('run', ...october, '--file', cut, '--json');
  const { result } = JSON.parse(stdout) as { result: { outcome: string; run: string } };
  expect(result.outcome).toBe('held');
  const title = 'notes 2026-10-16..2026-10-31 held by rows-far-from-last-load';
  expect(await toldDuring(() => rounds(2))).toEqual(inBoth(title));
  const [{ text }] = (webhook.taken as SlackMessage[]).at(-1)!.blocks as [{ text: { text: string } }];
  expect(text.text).toContain(`npm run client -- approve ${result.run} --reason "why"`);

  await system.run('approve', result.run, '--reason', 'billing has closed those cases');
  expect(await toldDuring(() => rounds(2))).toEqual(inBoth(`Over: ${title}`));
});

test('several periods that fail alike are one message', async () => {
  const periods = [
    ['--from', '2026-07-01', '--to', '2026-07-15'],
    ['--from', '2026-07-16', '--to', '2026-07-31'],
  ] as const;
  for (const period of periods) await system.tryRun('run', 'notes', ...period, '--file', wrongReport);
  const title = 'notes: 2 periods failed: ExportWrongReport';
  expect(await toldDuring(() => rounds(2))).toEqual(inBoth(title));
  expect(mail.mails.at(-1)!.source).toContain('notes 2026-07-01..2026-07-15');

  for (const period of periods) await system.run('run', 'notes', ...period);
  expect(await toldDuring(() => rounds(2))).toEqual(inBoth(`Over: ${title}`));
});

describe('a paused schedule', () => {
  test('is reported, and that it runs again', async () => {
    await system.run('schedule', 'pause', '--reason', 'the portal moves house, says Ottoline Quennell');
    expect(await toldDuring(() => rounds(2))).toEqual(inBoth('the schedule ehr-daily is paused'));
    await system.run('schedule', 'resume');
    expect(await toldDuring(() => rounds(2))).toEqual(inBoth('Over: the schedule ehr-daily is paused'));
  });

  test('so is one that is gone', async () => {
    await system.client.schedule.getHandle(scheduleId).delete();
    expect(await toldDuring(() => rounds(2))).toEqual(inBoth('there is no schedule ehr-daily'));
    await system.run('schedule', 'apply');
    await putOffOwnRound(system);
    expect(await toldDuring(() => rounds(2))).toEqual(inBoth('Over: there is no schedule ehr-daily'));
  });

  test('of the alerts themselves is seen by status and alerts', async () => {
    const schedule = system.client.schedule.getHandle(alertScheduleId);
    await schedule.pause();
    expect(await system.run('alerts')).toContain(`no alerts are sent: ${alertScheduleId} is paused`);
    expect(await system.run('schedule', 'show')).toContain(`${alertScheduleId} is paused`);
    await system.query('UPDATE alert_look SET looked_at = looked_at - INTERVAL 4 HOUR');
    expect(await system.run('status')).toContain('no alerts are sent: no round of the alerts has run since');
    await schedule.unpause();
    await rounds(1);
    expect(await system.run('status')).not.toContain('no alerts are sent');
  });
});

describe('a channel that does not take messages', () => {
  const title = 'the schedule ehr-daily is paused';

  test('for a moment gets each of them once, as late as it asks for', async () => {
    await system.run('schedule', 'pause', '--reason', 'maintenance');
    webhook.next.push({ status: 429, headers: { 'retry-after': '8' } });
    const since = webhook.cameAt.length;
    expect(await toldDuring(() => rounds(1))).toEqual(inBoth(title));
    const [refused, taken] = webhook.cameAt.slice(since);
    // The retry's own first pause is five seconds.
    expect(taken! - refused!).toBeGreaterThanOrEqual(7900);
    await system.run('schedule', 'resume');
    expect(await toldDuring(() => rounds(1))).toEqual(inBoth(`Over: ${title}`));
  });

  test('for good keeps no other channel from it, fails the round, and is reported later', async () => {
    await system.run('schedule', 'pause', '--reason', 'maintenance');
    webhook.next.push({ status: 404, body: `no_service ${webhook.url}` });
    const told = await toldDuring(async () => {
      await expect(round(system)).rejects.toMatchObject({
        cause: { type: 'AlertNotSent', message: expect.stringContaining('it answered 404') as string },
      });
    });
    expect(told).toEqual({ slack: [], mail: [`[EHR pipeline] ${title}`] });
    expect(await openAlerts()).toMatchObject([{ what: title, toldBy: ['mail'] }]);

    expect(await toldDuring(() => rounds(2))).toEqual({ slack: [title], mail: [] });
    await system.run('schedule', 'resume');
    expect(await toldDuring(() => rounds(1))).toEqual(inBoth(`Over: ${title}`));
  });
});

test('two rounds at once, at two workers, tell each cause once', async () => {
  await system.run('schedule', 'pause', '--reason', 'maintenance');
  const start = (id: string) =>
    system.client.workflow.execute('checkAlerts', { workflowId: id, taskQueue: taskQueues.pipeline });
  const atOnce = () => Promise.all(['alerts-one', 'alerts-two', 'alerts-three'].map(start));
  expect(await toldDuring(atOnce)).toEqual(inBoth('the schedule ehr-daily is paused'));
  await system.run('schedule', 'resume');
  expect(await toldDuring(atOnce)).toEqual(inBoth('Over: the schedule ehr-daily is paused'));
});

test('a password that the portal refuses is one alert, not one for each run that needs it', async () => {
  // Only a new login shows that the password is another one.
  await expect
    .poll(() => system.portal.journal.at(-1)?.kind, { timeout: 300_000 })
    .toMatch(/^(logout|session-ended)$/);
  system.portal.settings.passwords['reports.bot'] = 'another';
  await system.tryRun('daily', '--day', '2026-11-16');
  const title = 'the portal login is blocked: PortalLoginRejected';
  expect(await toldDuring(() => rounds(2))).toEqual(inBoth(title));
  system.portal.settings.passwords['reports.bot'] = system.environment['EHR_PORTAL_PASSWORD']!;
  await system.run('portal', 'unblock');
  expect(await toldDuring(() => rounds(2))).toEqual(inBoth(`Over: ${title}`));
  await system.run('daily', '--day', '2026-11-16');
});

test('a daily run that did not come is reported once, and is over when one has ended', async () => {
  // The schedule was made minutes ago; two days later a run of its should have come.
  await Promise.all(workers.map((worker) => worker.stop()));
  const preload = fileURLToPath(new URL('twoDaysAhead.mjs', import.meta.url));
  const log = path.join(system.folder, 'worker-ahead.log');
  const ahead = await WorkerProcess.startWith(preload, {
    environment: system.environment,
    log,
    built: inject('built'),
  });
  try {
    const { slack } = await toldDuring(() => rounds(3));
    expect(slack).toEqual([expect.stringMatching(/^no run of notes \S+ and utilization \S+ has ended$/)]);
    await system.run(
      'daily',
      '--day',
      dayInZone(new Date(Date.now() + 2 * dayMilliseconds), 'America/New_York'),
    );
    // It ended by the database's clock, which nobody has put forward.
    await system.query('UPDATE pipeline_run SET finished_at = finished_at + INTERVAL 2 DAY');
    expect((await toldDuring(() => rounds(2))).slack).toEqual([`Over: ${slack[0]!}`]);
  } finally {
    await ahead.stop();
  }
});

// That further rounds do not tell it again is shown by test/real/workflows/checkAlerts.test.ts, without a minute's
// wait.
test('a database that is away is named by a round that fails, and is over when it answers', async () => {
  // Those reach the database past the proxy.
  await Promise.all(workers.map((worker) => worker.stop()));
  const direct = new URL(system.environment['DATABASE_URL']!);
  const port = Number(direct.port);
  let proxy = await DatabaseProxy.start(port);
  const through = new URL(direct);
  through.port = String(proxy.port);
  const worker = await system.startWorker({ DATABASE_URL: through.href });
  const title = 'the database cannot be read';
  try {
    await proxy.close();
    const away = async () => {
      await expect(round(system)).rejects.toMatchObject({ cause: { type: 'WarehouseUnavailable' } });
    };
    expect(await toldDuring(away)).toEqual(inBoth(title));
    proxy = await DatabaseProxy.start(port, Number(through.port));
    expect(await toldDuring(() => rounds(2))).toEqual(inBoth(`Over: ${title}`));
  } finally {
    await worker.stop();
    await proxy.close();
  }
});

test('nobody and no secret is named: in messages, histories, logs, evidence and ledger', async () => {
  const { data } = defaultSettings();
  const exports = [await readFile(golden.exportPath), reportBytes('demo', 'notes', golden.period, data)];
  const secrets = [
    ...secretsOf(system.environment),
    webhook.url,
    new URL(webhook.url).pathname,
    mailPassword,
  ];
  const secret = privateTexts(exports, secrets);
  const watched = await readableToOperators(system);
  watched.push({ place: 'messages', text: textsWithin(webhook.taken).join('\n') });
  watched.push({ place: 'mails', text: mail.mails.map(({ source }) => source).join('\n') });
  watched.push({
    place: 'open alerts',
    text: textsWithin(await system.query('SELECT * FROM open_alert')).join('\n'),
  });
  expect(webhook.taken.length).toBeGreaterThan(15);
  expect(watched.some(({ place }) => place.startsWith('history alerts-'))).toBe(true);
  expect(leaksAt(watched, secret)).toEqual([]);
});
