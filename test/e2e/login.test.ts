import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ApplicationFailure, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { taskQueues } from '../../src/domain/temporalNames.ts';
import { portalPassword, System, type WorkerProcess } from './system.ts';

const atOnce = { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 };
const twoYearsOfHalfMonths = { report: 'notes', from: '2024-11-01', to: '2025-10-31' };

let system: System;
let workers: WorkerProcess[] = [];

beforeAll(async () => {
  system = await System.start({ sharedClient: true, portal: { delays: atOnce, data: { scale: 0.1 } } });
});
afterAll(() => system.stop());

/** Ends the workers there are and starts as many with this password. */
async function startWorkers(password: string, count: number): Promise<void> {
  await Promise.all(workers.map((worker) => worker.stop()));
  workers = await Promise.all(
    Array.from({ length: count }, () => system.startWorker({ EHR_PORTAL_PASSWORD: password })),
  );
}

function start(workflowType: string, workflowId: string, input: object): Promise<WorkflowHandle> {
  return system.client.workflow.start(workflowType, {
    workflowId,
    taskQueue: taskQueues.pipeline,
    args: [input],
  });
}

const startDaily = (day: string) => start('dailyRun', `daily:${day}`, { day });

/** How a run failed, in the words that the Web UI shows first. */
async function failureOf(run: WorkflowHandle): Promise<{ type: string; message: string }> {
  const error: unknown = await run.result().catch((thrown: unknown) => thrown);
  if (!(error instanceof WorkflowFailedError) || !(error.cause instanceof ApplicationFailure))
    throw new Error(`${run.workflowId} did not fail as it should`, { cause: error });
  return { type: error.cause.type ?? '', message: error.cause.message };
}

/** Since the count before, so that each test tells its own. */
function submissions(): number {
  return system.portal.journal.filter(({ kind }) => kind === 'login-submitted').length;
}

async function submissionsDuring(work: () => Promise<unknown>): Promise<number> {
  const before = submissions();
  await work();
  return submissions() - before;
}

async function loginState(): Promise<{ state: string; failureType: string | null }[]> {
  const printed = await system.run('portal', 'status', '--json');
  return JSON.parse(printed) as { state: string; failureType: string | null }[];
}

describe('a wrong password, with a daily run and a backfill waiting at two workers', () => {
  let daily: { type: string; message: string };
  let backfill: { type: string; message: string };

  beforeAll(async () => {
    await startWorkers('not the password', 2);
    const runs = await Promise.all([
      startDaily('2025-11-20'),
      start('backfill', 'backfill:notes:2025-11-01..2025-10-31', twoYearsOfHalfMonths),
    ]);
    [daily, backfill] = (await Promise.all(runs.map(failureOf))) as [typeof daily, typeof backfill];
  });

  test('is submitted once', () => {
    expect(submissions()).toBe(1);
    expect(system.portal.journal.filter(({ kind }) => kind === 'account-locked')).toEqual([]);
  });

  test.each([
    { title: 'the daily run', failure: () => daily, total: 5 },
    { title: 'the backfill', failure: () => backfill, total: 24 },
  ])('fails $title in words: what happened, what was left, what to do', ({ failure, total }) => {
    const { type, message } = failure();
    expect(type).toBe('PortalLoginRejected');
    const [, failed, notAttempted] =
      /^(\d+) of \d+ periods failed, (\d+) not attempted/.exec(message)?.map(Number) ?? [];
    expect(failed! + notAttempted!).toBe(total);
    // As many as are in work at a time.
    expect(failed).toBeLessThanOrEqual(2);
    expect(message).toMatch(/What to do: .*password/);
  });

  test('fails each run of a period that began, and leaves no browser', async () => {
    const failed = await system.query('SELECT outcome, failure_type, failure_message FROM pipeline_run');
    expect(failed.length).toBeGreaterThan(0);
    for (const run of failed) {
      expect(run).toMatchObject({ outcome: 'failed', failure_type: 'PortalLoginRejected' });
      expect(run['failure_message']).toMatch(/What to do: .*password.*portal unblock/);
    }
    expect(await system.browserProcesses()).toEqual([]);
  });

  test('is shown as blocked', async () => {
    expect(await loginState()).toMatchObject([{ state: 'blocked', failureType: 'PortalLoginRejected' }]);
    expect(await system.run('portal', 'status')).toMatch(/blocked +PortalLoginRejected/);
  });

  test('is not submitted the next day either', async () => {
    const run = await startDaily('2025-11-21');
    const count = await submissionsDuring(async () => {
      expect(await failureOf(run)).toMatchObject({ type: 'PortalLoginRejected' });
    });
    expect(count).toBe(0);
  });

  test('is submitted once more after an unblock', async () => {
    expect(await system.run('portal', 'unblock')).toContain('1 logins');
    const count = await submissionsDuring(async () => {
      expect(await failureOf(await startDaily('2025-11-22'))).toMatchObject({ type: 'PortalLoginRejected' });
    });
    expect(count).toBe(1);
    expect(await loginState()).toMatchObject([{ state: 'blocked' }]);
  });

  test('needs no unblock once the workers have the right one', async () => {
    await startWorkers(portalPassword, 1);
    const run = await startDaily('2025-11-23');
    expect(await run.result()).toMatchObject({ total: 5, done: { published: 5 }, failed: 0 });
    expect((await loginState()).filter(({ state }) => state === 'open')).toHaveLength(1);
  });
});

describe('a locked account', () => {
  beforeAll(async () => {
    await startWorkers(portalPassword, 1);
    system.portal.settings.locked['reports.bot'] = true;
  });
  afterAll(() => {
    system.portal.settings.locked['reports.bot'] = false;
  });

  test('is met once, and reported as locked', async () => {
    const count = await submissionsDuring(async () => {
      const { type, message } = await failureOf(await startDaily('2025-11-24'));
      expect(type).toBe('PortalLocked');
      expect(message).toMatch(/locked.*What to do: .*administrator/);
      expect(await failureOf(await startDaily('2025-11-25'))).toMatchObject({ type: 'PortalLocked' });
    });
    expect(count).toBe(1);
    expect(await loginState()).toContainEqual(
      expect.objectContaining({ state: 'blocked', failureType: 'PortalLocked' }),
    );
  });

  test('works again once it is opened and unblocked', async () => {
    system.portal.settings.locked['reports.bot'] = false;
    await system.run('portal', 'unblock');
    const run = await startDaily('2025-11-26');
    expect(await run.result()).toMatchObject({ failed: 0, notAttempted: 0 });
  });
});

/** How each server gives an account a second password for a while. docs/operate.md says the same. */
const dualPasswords = {
  mariadb: {
    both: `ALTER USER 'rotated' IDENTIFIED VIA mysql_native_password USING PASSWORD('new-one')
      OR mysql_native_password USING PASSWORD('old-one')`,
    newOnly: `ALTER USER 'rotated' IDENTIFIED VIA mysql_native_password USING PASSWORD('new-one')`,
  },
  mysql: {
    both: `ALTER USER 'rotated' IDENTIFIED BY 'new-one' RETAIN CURRENT PASSWORD`,
    newOnly: `ALTER USER 'rotated' DISCARD OLD PASSWORD`,
  },
};

function databaseUrl(password: string): string {
  const url = new URL(system.environment['DATABASE_URL']!);
  return Object.assign(url, { username: 'rotated', password }).href;
}

/** Ends every connection of the account, so that only new ones go on. */
async function endConnections(): Promise<number> {
  const list = await system.query("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'rotated'");
  // One may have ended by itself since.
  await Promise.allSettled(list.map(({ ID }) => system.query(`KILL CONNECTION ${ID!}`)));
  return list.length;
}

async function published(): Promise<number> {
  const rows = await system.query("SELECT COUNT(*) AS n FROM pipeline_run WHERE outcome = 'published'");
  return Number(rows[0]!['n']);
}

describe('passwords that are changed while a backfill runs', () => {
  const newPortalPassword = 'another-Passw0rd!';
  let files: { database: string; portal: string };

  beforeAll(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    files = {
      database: path.join(system.folder, 'database_url'),
      portal: path.join(system.folder, 'portal_password'),
    };
    await system.query("CREATE USER 'rotated' IDENTIFIED BY 'old-one'");
    const database = new URL(system.environment['DATABASE_URL']!).pathname.slice(1);
    await system.query(`GRANT ALL ON \`${database}\`.* TO 'rotated'`);
    await writeFile(files.database, databaseUrl('old-one'));
    await writeFile(files.portal, portalPassword);
    workers = [
      await system.startWorker(
        {
          // An export whose lock ends with its connection is tried again.
          EHR_CONFIG: await system.configFile('impatient', [[['portal', 'retrySeconds'], 1]]),
          DATABASE_URL: '',
          DATABASE_URL_FILE: files.database,
          EHR_PORTAL_PASSWORD: '',
          EHR_PORTAL_PASSWORD_FILE: files.portal,
        },
        { browser: false },
      ),
    ];
  });
  afterAll(async () => {
    system.portal.settings.passwords['reports.bot'] = portalPassword;
    await Promise.all(workers.map((worker) => worker.stop()));
    await system.query("DROP USER 'rotated'");
  });

  test('lose no run and are never refused', async () => {
    const before = await published();
    const refused = () =>
      system.portal.journal.filter((event) => event.kind === 'login-submitted' && !event.ok).length;
    const refusedBefore = refused();
    const run = await start('backfill', 'backfill:notes:rotated', {
      report: 'notes',
      from: '2023-01-01',
      to: '2023-08-31',
    });
    const atLeast = (more: number) =>
      vi.waitFor(async () => expect(await published()).toBeGreaterThanOrEqual(before + more), {
        timeout: 300_000,
        interval: 200,
      });
    await atLeast(2);

    // The database: both passwords, the file, the old one away; then no connection of before is left.
    const [server] = await system.query('SELECT VERSION() AS version');
    const change = dualPasswords[server!['version']!.includes('MariaDB') ? 'mariadb' : 'mysql'];
    await system.query(change.both);
    await writeFile(files.database, databaseUrl('new-one'));
    await system.query(change.newOnly);
    expect(await endConnections()).toBeGreaterThan(0);
    await atLeast(4);

    // The portal: nobody signs in while the password is another one here and there.
    const hold = spawn(process.execPath, [...system.clientProgram, 'portal', 'hold', '--minutes', '60'], {
      env: system.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [hold.stdout, hold.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    }
    await vi.waitFor(() => expect(said).toContain('no run signs in'), { timeout: 300_000 });
    const submitted = submissions();
    system.portal.settings.passwords['reports.bot'] = newPortalPassword;
    await writeFile(files.portal, newPortalPassword);
    expect(submissions()).toBe(submitted);
    hold.kill('SIGINT');
    expect(await once(hold, 'exit')).toEqual([0, null]);
    expect(said).toContain('runs sign in again');

    expect(await run.result()).toMatchObject({ total: 16, done: { published: 16 }, failed: 0 });
    expect(submissions()).toBeGreaterThan(submitted);
    expect(refused()).toBe(refusedBefore);
    expect(await published()).toBe(before + 16);
  });
});
