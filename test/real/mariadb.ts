import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import mysql, { type Connection } from 'mysql2/promise';
import { freePort } from '../../scripts/services/ports.ts';

/** A real database server for one test file; every test may have a database of its own on it. */
export interface TestServer {
  /** Creates an empty database and returns its `mysql://` URL. */
  createDatabase(): Promise<string>;
  /** A connection with all rights, for what a test does behind the pipeline's back. */
  readonly admin: Connection;
  stop(): Promise<void>;
}

/** The server that `TEST_DATABASE_URL` names, else a private MariaDB in a temporary folder. */
export async function startTestServer(): Promise<TestServer> {
  const given = process.env['TEST_DATABASE_URL'];
  return given === undefined ? startPrivateServer() : connectTo(given, () => Promise.resolve());
}

/** A MariaDB of the test's own with further options. */
export async function startPrivateServer(options: readonly string[] = []): Promise<TestServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ehr-mariadb-'));
  const port = await freePort();
  const server = await startMariadb(folder, port, options);
  const url = `mysql://root@127.0.0.1:${String(port)}/mysql`;
  return connectTo(url, async () => {
    await stopProcess(server);
    await rm(folder, { recursive: true, force: true });
  });
}

async function connectTo(url: string, stopServer: () => Promise<void>): Promise<TestServer> {
  const admin = await connectPatiently(url);
  const created: string[] = [];
  return {
    admin,
    createDatabase: async () => {
      const name = `ehr_test_${randomBytes(6).toString('hex')}`;
      await admin.query(`CREATE DATABASE ${name}`);
      created.push(name);
      const database = new URL(url);
      database.pathname = `/${name}`;
      return database.href;
    },
    stop: async () => {
      for (const name of created) await admin.query(`DROP DATABASE ${name}`);
      await admin.end();
      await stopServer();
    },
  };
}

/** From Debian's `mariadb-server`, on the PATH. */
const serverProgram = 'mariadbd';

async function startMariadb(folder: string, port: number, options: readonly string[]): Promise<ChildProcess> {
  const data = path.join(folder, 'data');
  await promisify(execFile)('mariadb-install-db', [
    '--no-defaults',
    `--datadir=${data}`,
    // Servers that are set up side by side would remove each other's temporary tables.
    `--tmpdir=${folder}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    '--user=root',
  ]);
  return spawn(
    serverProgram,
    [
      '--no-defaults',
      `--datadir=${data}`,
      `--tmpdir=${folder}`,
      `--socket=${path.join(folder, 'socket')}`,
      `--port=${String(port)}`,
      '--bind-address=127.0.0.1',
      '--user=root',
      // A server whose own default would merge NÚÑEZ and NUNEZ, as most are set up.
      '--character-set-server=latin1',
      '--innodb-flush-log-at-trx-commit=0',
      ...options,
    ],
    { stdio: 'ignore' },
  );
}

/** A fresh server answers within two seconds; a busy machine gets more. */
const startSeconds = 60;

async function connectPatiently(url: string): Promise<Connection> {
  const deadline = Date.now() + startSeconds * 1000;
  for (;;) {
    try {
      return await mysql.createConnection({ uri: url, dateStrings: true });
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
