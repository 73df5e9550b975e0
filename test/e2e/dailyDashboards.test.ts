import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { WorkflowFailedError } from '@temporalio/client';
import type { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noFaults } from '../../demo/portal/faults.ts';
import { dollarFigures, noteFigures } from '../../src/dashboard/pageFigures.ts';
import type { PageData } from '../../src/dashboard/pageData.ts';
import { taskQueues } from '../../src/domain/temporalNames.ts';
import { periodContaining } from '../../src/domain/periods.ts';
import type { DailyRunResult } from '../../src/workflows/dailyRun.ts';
import { mailPassword, mailUser, startMailReceiver, type MailReceiver } from '../alerts/mailReceiver.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../alerts/webhookReceiver.ts';
import { dataOfPage } from '../dashboard/readPage.ts';
import { textsWithin } from './leaks.ts';
import { System, type WorkerProcess } from './system.ts';

/** The last step of a daily run, as pipeline.yaml asks for it: files, whose figures are those of the tables. */
const wanted = { folder: 'dashboards', months: 12, perQp: false, pdf: 'none', names: false };
const day = '2026-11-16';
let system: System;
let worker: WorkerProcess | undefined;
let mails: MailReceiver;
let webhook: WebhookReceiver;

beforeAll(async () => {
  mails = await startMailReceiver();
  webhook = await startWebhookReceiver();
  system = await System.start({
    browser: false,
    sharedClient: true,
    portal: { delays: { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 } },
    // For the client, which shows the alerts.
    config: [[['dashboards'], { ...wanted, mail }]],
  });
});
afterAll(async () => {
  await system.stop();
  await mails.close();
  await webhook.close();
});

/** The one worker from now on, with other dashboards in its pipeline.yaml. */
async function useDashboards(
  name: string,
  changes: Partial<Record<keyof typeof wanted | 'mail', unknown>> = {},
) {
  await worker?.stop();
  const file = await system.configFile(name, [
    [['dashboards'], { ...wanted, ...changes }],
    [['alerts', 'webhook'], 'slack'],
  ]);
  worker = await system.startWorker({
    EHR_CONFIG: file,
    EHR_ALERT_SMTP_URL: smtpUrl(),
    EHR_ALERT_WEBHOOK_URL: webhook.url,
  });
}

function smtpUrl(): string {
  return `smtp://${mailUser}:${encodeURIComponent(mailPassword)}@127.0.0.1:${String(mails.port)}`;
}

const mail = {
  link: 'https://files.example.org/ehr',
  recipients: [
    { to: ['ann@example.org'], send: 'html', every: 'day', patientData: true },
    { to: ['bob@example.org'], send: 'link', every: 'day' },
  ],
};

async function daily(reports: readonly string[]) {
  return system.client.workflow.start('dailyRun', {
    workflowId: `daily:${day}`,
    taskQueue: taskQueues.pipeline,
    args: [{ day, reports }],
  });
}

/** What the client's list of alerts says of the pages. */
async function pagesAlerts(): Promise<string[]> {
  const { open } = JSON.parse(await system.run('alerts', '--json')) as {
    open: { what: string; cause: { kind: string } }[];
  };
  return open.filter(({ cause }) => cause.kind === 'pages').map(({ what }) => what);
}

/** What a round of alerts sends of the pages. */
async function pagesTold(): Promise<string[]> {
  const before = webhook.taken.length;
  await system.client.workflow.execute('checkAlerts', {
    workflowId: 'alerts',
    taskQueue: taskQueues.pipeline,
  });
  return (webhook.taken.slice(before) as { text: string }[])
    .map(({ text }) => text)
    .filter((text) => /a page|the dashboards/.test(text));
}

function folder(): string {
  return path.join(system.folder, wanted.folder);
}

async function shownPage(name = 'dashboard.html'): Promise<PageData> {
  const html = await readFile(path.join(folder(), name), 'utf8');
  return dataOfPage(html);
}

function runs({ loads }: PageData): string[] {
  return loads.map(({ run }) => run);
}

async function tableTotals() {
  const [utilization] = await system.query(
    `SELECT COUNT(*) AS n, CAST(100 * SUM(authorized_dollars) AS CHAR) AS authorized,
       CAST(100 * SUM(billed_dollars) AS CHAR) AS billed FROM utilization`,
  );
  const [notes] = await system.query(
    `SELECT COUNT(*) AS n, SUM(note_status = 'Late') AS late, SUM(note_status = 'Unbillable') AS unbillable FROM notes`,
  );
  return { utilization: utilization!, notes: notes! };
}

async function expectFiguresOfTables(page: PageData): Promise<void> {
  const { utilization, notes } = await tableTotals();
  const dollars = dollarFigures(page.utilization);
  expect(Number(utilization['n'])).toBeGreaterThan(0);
  expect(String(dollars.rows)).toBe(utilization['n']);
  expect(`${String(dollars.authorizedCents)}.00`).toBe(utilization['authorized']);
  expect(`${String(dollars.billedCents)}.00`).toBe(utilization['billed']);
  const { rows, late, unbillable } = noteFigures(page.notes);
  expect([rows, late, unbillable].map(String)).toEqual([notes['n'], notes['late'], notes['unbillable']]);
}

/** Every name in the tables. */
async function namesLoaded(): Promise<string[]> {
  const rows = await system.query(
    `SELECT client AS name FROM utilization UNION SELECT qp FROM utilization
     UNION SELECT client FROM notes UNION SELECT caregiver FROM notes`,
  );
  return rows.map(({ name }) => name).filter((name) => typeof name === 'string' && name !== '') as string[];
}

describe('a daily run', () => {
  test('ends with dashboards for everyone and each QP, whose figures are those of the tables', async () => {
    await useDashboards('every', { perQp: true, mail });
    const handle = await daily(['utilization', 'notes']);
    const result = (await handle.result()) as DailyRunResult;
    const [qps] = await system.query(`SELECT COUNT(DISTINCT qp_key) AS n FROM utilization`);
    // Those of everyone and of totals, for a mail without a permission.
    const pages = Number(qps!['n']) + 2;
    const files = (await readdir(folder())).sort();
    expect(files.filter((name) => name.endsWith('.html'))).toHaveLength(pages);
    expect(files.filter((name) => !name.startsWith('.mailed-'))).toHaveLength(pages);
    for (const file of files.filter((name) => name.endsWith('.html'))) {
      expect((await stat(path.join(folder(), file))).mode & 0o777).toBe(0o600);
    }
    expect(result.dashboards).toMatchObject({
      kind: 'written',
      folder: 'dashboards',
      files: pages,
      mails: { sent: 2, notSent: 0 },
    });
    expect(mails.mails.map(({ to }) => to[0])).toEqual(['ann@example.org', 'bob@example.org']);
    const [attached, linked] = mails.mails.map(({ source }) => source);
    expect(attached).toMatch(/^Subject: \[EHR\] Utilization and notes of everyone, \d{4}-\d\d-\d\d\r?$/m);
    expect(attached).toMatch(/filename=dashboard\.html/);
    expect(linked).not.toMatch(/filename/);
    expect(await shownPage()).toMatchObject({ names: false, onlyQp: null });
    await expectFiguresOfTables(await shownPage());

    const history = textsWithin(await handle.fetchHistory());
    const logs = await system.workerLogs();
    const names = await namesLoaded();
    expect(names.length).toBeGreaterThan(20);
    const addresses = mail.recipients.flatMap(({ to }) => to);
    expect(
      [...names, ...addresses].filter((name) => [...history, ...logs].some((text) => text.includes(name))),
    ).toEqual([]);
  });

  test('replaces the files of the one before it, prints them, and leaves no browser behind', async () => {
    await useDashboards('printed', { pdf: 'Letter' });
    const before = await shownPage();
    system.portal.settings.data.scale *= 1.1;
    await (await daily(['utilization', 'notes'])).result();
    const after = await shownPage();
    expect(runs(after)).toHaveLength(runs(before).length);
    expect(runs(after)).not.toEqual(runs(before));
    await expectFiguresOfTables(after);
    const pdf = await readFile(path.join(folder(), 'dashboard.pdf'));
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    await worker?.stop();
    expect(await system.browserProcesses()).toEqual([]);
  });

  test('that cannot send a mail is an alert until a run sends it, and holds totals without a permission', async () => {
    const recipients = [{ to: ['eve@example.org'], send: 'html', every: 'day' }];
    await useDashboards('refused', { mail: { ...mail, recipients } });
    mails.refusals.push(550);
    const result = (await (await daily(['notes'])).result()) as DailyRunResult;
    expect(result.dashboards).toMatchObject({ mails: { sent: 0, notSent: 1 } });
    expect(await pagesAlerts()).toEqual(['a page was not mailed']);
    expect(await pagesTold()).toEqual(['a page was not mailed']);
    expect(await pagesTold()).toEqual([]);

    const mailed = mails.mails.length;
    await (await daily(['notes'])).result();
    expect(await pagesTold()).toEqual(['Over: a page was not mailed']);
    expect(await pagesAlerts()).toEqual([]);
    const [own] = mails.mails.slice(mailed);
    expect(own).toMatchObject({ to: ['eve@example.org'] });
    expect(own!.source).toMatch(/filename=dashboard-totals\.html/);
    const { totals, notes, clients, caregivers, outlook, followUp } =
      await shownPage('dashboard-totals.html');
    expect(totals).toBe(true);
    const everyone = await shownPage();
    expect(noteFigures(notes)).toEqual(noteFigures(everyone.notes));
    expect([clients, caregivers].flat().map(({ key }) => key)).toEqual(['-', '-']);
    expect(outlook).toBeNull();
    expect(followUp?.notes).toEqual([]);
  });

  test('with a failed period writes what is shown, and fails for that period', async () => {
    await useDashboards('one', { mail });
    const mailed = mails.mails.length;
    await writeFile(path.join(folder(), 'dashboard.html'), 'old');
    system.portal.settings.faults.columnMissing = true;
    const handle = await daily(['notes']);
    await expect(handle.result()).rejects.toSatisfy(
      (error: WorkflowFailedError) => (error.cause as ApplicationFailure).type === 'SchemaDrift',
    );
    system.portal.settings.faults.columnMissing = noFaults().columnMissing;
    await expectFiguresOfTables(await shownPage());
    for (const { source } of mails.mails.slice(mailed)) {
      expect(source).toMatch(/^Subject: \[EHR\] NOT UP TO DATE: /m);
      expect(source).toMatch(/^ {2}notes 2026-11-01\.\.2026-11-15 \(failed\)\r?$/m);
    }
    expect(mails.mails).toHaveLength(mailed + 2);
  });

  test('that cannot write them fails visibly, says what to do, and takes nothing back', async () => {
    await useDashboards('unwritable', { folder: 'pipeline.yaml/dashboards' });
    const handle = await daily(['notes']);
    const failure = await handle.result().then(
      () => undefined,
      (error: WorkflowFailedError) => error.cause as ApplicationFailure,
    );
    expect(failure?.type).toBe('DashboardsNotWritten');
    expect(failure?.message).toMatch(
      /^All 3 periods ended without a failure \(.*\) and stay as they are; only the dashboards were not written — DashboardsNotWritten: the folder for the dashboards cannot be written \(ENOTDIR\)\. What to do: Check that the folder/,
    );
    expect(textsWithin(await handle.fetchHistory()).filter((text) => text.includes(system.folder))).toEqual(
      [],
    );
    expect(await pagesAlerts()).toEqual(['the dashboards were not written']);
    expect(await pagesTold()).toEqual(['the dashboards were not written']);
    const [shown] = await system.query('SELECT COUNT(*) AS n FROM published_period WHERE run_id IS NOT NULL');
    expect(shown).toEqual({ n: '5' });
  });

  test('with currentPeriod loads the billing cycle that has not ended, for Follow up', async () => {
    await worker?.stop();
    const file = await system.configFile('current', [
      [['dashboards'], wanted],
      [['reports', 'notes', 'currentPeriod'], true],
    ]);
    worker = await system.startWorker({ EHR_CONFIG: file });
    Object.assign(system.portal.settings, { faults: noFaults() });
    system.portal.settings.data.asOf = 'today';
    const handle = await system.client.workflow.start('dailyRun', {
      workflowId: 'daily:current',
      taskQueue: taskQueues.pipeline,
      args: [{ reports: ['notes'] }],
    });
    const result = (await handle.result()) as DailyRunResult;

    const current = periodContaining('notes', result.day);
    expect(result).toMatchObject({ total: 4, failed: 0 });
    const [state] = await system.query('SELECT state FROM v_data_status WHERE period_start = ?', [
      current.from,
    ]);
    expect(state).toEqual({ state: 'preliminary' });
    const { followUp } = await shownPage();
    expect(followUp!.asOf).toBe(result.day);
    expect(followUp!.notLoaded.filter(({ to }) => to >= current.from)).toEqual([]);
    const days = followUp!.notes.map(([, , , , dateOfService]) => dateOfService);
    expect(days.some((date) => date >= current.from)).toBe(true);
  });
});
