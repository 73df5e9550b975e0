import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from '@temporalio/client';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseOptions, DatabaseService } from '../../../scripts/services/database-service.ts';
import { startDatabase } from '../../../scripts/services/database.ts';
import { isAlive } from '../../../scripts/services/leftover.ts';
import { startTemporal, type TemporalService } from '../../../scripts/services/temporal.ts';
import { connectTo } from '../../../src/temporal/connection.ts';

const temporalCli = process.env['TEST_TEMPORAL_CLI'];
const databaseServer = await serverOnPath();
/** A start takes seconds, and builds may be going on beside the tests. */
const patience = { timeout: 600_000 };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ehr-real-services-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function serverOnPath(): Promise<string | undefined> {
  for (const name of ['/usr/sbin/mysqld', '/usr/sbin/mariadbd', 'mysqld', 'mariadbd']) {
    const found = await promisify(execFile)(name, ['--no-defaults', '--version']).catch(() => undefined);
    if (found !== undefined) return name.startsWith('/') ? name : whereIs(name);
  }
  return undefined;
}

async function whereIs(name: string): Promise<string> {
  return (await promisify(execFile)('which', [name])).stdout.trim();
}

function startPrivateTemporal(): Promise<TemporalService> {
  return startTemporal({ cli: temporalCli!, directory: path.join(folder, 'temporal') });
}

function startPrivateDatabase(rights: DatabaseOptions['rights'] = 'ehr'): Promise<DatabaseService> {
  return startDatabase({
    part: { kind: 'binary', path: databaseServer! },
    // A folder whose path is far longer than the 107 bytes that a Unix socket may have.
    directory: path.join(folder, 'deep'.repeat(30), 'database'),
    rights,
  });
}

async function killed(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  while (isAlive(pid)) await sleep(20);
}

/** The addresses that the process listens on, as Linux lists them: hex, `0100007F` is 127.0.0.1. */
async function listeningAddresses(pid: number): Promise<string[]> {
  const sockets = await socketsOf(pid);
  const lines = ['tcp', 'tcp6'].flatMap((file) =>
    readFileSync(`/proc/net/${file}`, 'utf8').split('\n').slice(1),
  );
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === '0A' && sockets.has(fields[9] ?? ''))
    .map((fields) => fields[1]!.split(':')[0]!);
}

async function socketsOf(pid: number): Promise<Set<string>> {
  const found = new Set<string>();
  for (const descriptor of await readdir(`/proc/${String(pid)}/fd`)) {
    const target = await readlink(`/proc/${String(pid)}/fd/${descriptor}`).catch(() => '');
    const socket = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (socket !== undefined) found.add(socket);
  }
  return found;
}

describe.skipIf(temporalCli === undefined)('the private Temporal server', () => {
  let server: TemporalService;
  beforeAll(async () => {
    server = await startPrivateTemporal();
  }, patience.timeout);
  afterAll(() => server.stop());

  test('it takes runs with our search attributes, and its Web UI answers', async () => {
    const connection = await connectTo({ address: server.address });
    const client = new Client({ connection, namespace: server.namespace });
    const run = await client.workflow.start('nobodyRunsThis', {
      taskQueue: 'nobody',
      workflowId: 'kept',
      searchAttributes: { EhrReport: ['notes'], EhrPeriodStart: ['2026-10-16'], EhrOutcome: ['published'] },
    });
    expect((await run.describe()).status.name).toBe('RUNNING');
    await connection.close();
    expect((await fetch(server.uiUrl)).status).toBe(200);
  });

  test.runIf(process.platform === 'linux')('it listens on the loopback only', async () => {
    const addresses = await listeningAddresses(server.pid);
    expect(addresses.length).toBeGreaterThanOrEqual(2);
    expect(new Set(addresses)).toEqual(new Set(['0100007F']));
  });

  test('after a SIGKILL it starts again with what it held', patience, async () => {
    await killed(server.pid);
    server = await startPrivateTemporal();
    const connection = await connectTo({ address: server.address });
    const kept = await new Client({ connection }).workflow.getHandle('kept').describe();
    expect(kept.status.name).toBe('RUNNING');
    await connection.close();
  });

  test('a second start in the same folder ends the one that was left behind', patience, async () => {
    const leftBehind = server.pid;
    server = await startPrivateTemporal();
    expect(isAlive(leftBehind)).toBe(false);
  });

  test('stopping ends it, and stopping again does nothing', async () => {
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
    await server.stop();
  });
});

describe.skipIf(databaseServer === undefined)('the private database server', () => {
  let server: DatabaseService;
  beforeAll(async () => {
    server = await startPrivateDatabase();
  }, patience.timeout);
  afterAll(() => server.stop());

  async function query(sql: string, url = server.url): Promise<RowDataPacket[]> {
    const connection = await createConnection(url);
    try {
      const [rows] = await connection.query<RowDataPacket[]>(sql);
      return rows;
    } finally {
      await connection.end();
    }
  }

  test('it is strict, durable and compares text exactly', async () => {
    const [row] = await query(`SELECT @@sql_mode AS mode, @@innodb_flush_log_at_trx_commit AS flush,
      @@collation_database AS collation`);
    expect(row).toMatchObject({ flush: 1, collation: 'utf8mb4_bin' });
    expect(row!['mode']).toContain('STRICT_TRANS_TABLES');
  });

  test.runIf(process.platform === 'linux')('it listens on the loopback only', async () => {
    expect(new Set(await listeningAddresses(server.pid))).toEqual(new Set(['0100007F']));
  });

  test.each([{ user: 'root' }, { user: 'mysql' }, { user: '' }, { user: 'ehr' }])(
    "nobody gets in over TCP as '$user' without a password",
    async ({ user }) => {
      const address = new URL(server.url);
      address.username = user;
      address.password = '';
      await expect(createConnection(address.href)).rejects.toThrow(/denied|not allowed/i);
    },
  );

  test('its user may do everything in ehr and nothing beside it', async () => {
    await query('CREATE TABLE kept (id INT PRIMARY KEY)');
    await query('INSERT INTO kept VALUES (1), (2)');
    await expect(query('CREATE DATABASE other')).rejects.toThrow(/denied/i);
  });

  test(
    'after a SIGKILL it starts again with the same password and what was committed',
    patience,
    async () => {
      const { password } = new URL(server.url);
      await killed(server.pid);
      server = await startPrivateDatabase();
      expect(new URL(server.url).password).toBe(password);
      expect(await query('SELECT COUNT(*) AS kept FROM kept')).toMatchObject([{ kept: 2 }]);
    },
  );

  test('a second start in the same folder ends the one that was left behind', patience, async () => {
    const leftBehind = server.pid;
    server = await startPrivateDatabase();
    expect(isAlive(leftBehind)).toBe(false);
    expect(await query('SELECT COUNT(*) AS kept FROM kept')).toMatchObject([{ kept: 2 }]);
  });

  test('for tests its user may make databases', patience, async () => {
    await server.stop();
    server = await startPrivateDatabase('all-databases');
    await query('CREATE DATABASE other');
    expect(await query("SHOW DATABASES LIKE 'other'")).toHaveLength(1);
    await query('DROP DATABASE other');
  });
});

describe.skipIf(temporalCli === undefined || databaseServer === undefined)('npm run services', () => {
  test('it prints how to reach both, and SIGTERM ends everything', patience, async () => {
    const local = path.join(folder, 'local');
    const program = spawn(process.execPath, ['scripts/services.mjs'], {
      env: { ...process.env, EHR_LOCAL_DIR: local, TEMPORAL_CLI_PATH: temporalCli, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => program.once('exit', resolve));
    let output = '';
    program.stdout.on('data', (chunk) => (output += String(chunk)));
    while (!output.includes('Ctrl-C stops both') && program.exitCode === null) await sleep(50);
    expect(output).toMatch(/export TEMPORAL_ADDRESS=127\.0\.0\.1:\d+/);
    const [, urlFile = ''] = /export DATABASE_URL_FILE=(\S+)/.exec(output) ?? [];
    const url = (await readFile(urlFile, 'utf8')).trim();
    expect(url).toMatch(/^mysql:\/\/ehr:[0-9a-f]+@127\.0\.0\.1:\d+\/ehr$/);
    expect((await stat(urlFile)).mode & 0o777).toBe(0o600);
    // Neither the user's nor the administrator's password is printed.
    expect(output).not.toContain(new URL(url).password);
    expect(output).not.toMatch(/[0-9a-f]{32}/);
    const pids = await Promise.all(
      ['temporal/temporal.pid', 'database/database.pid'].map(async (file) =>
        Number(await readFile(path.join(local, file), 'utf8')),
      ),
    );
    program.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(pids.map(isAlive)).toEqual([false, false]);
  });
});
