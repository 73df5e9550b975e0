import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from '@temporalio/client';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { parseDocument } from 'yaml';
import { startPortal, type RunningPortal } from '../demo/portal/portal.ts';
import type { Closing } from '../scripts/services/closing.ts';
import { startDatabase } from '../scripts/services/database.ts';
import type { Parts } from '../scripts/services/parts.ts';
import { startTemporal } from '../scripts/services/temporal.ts';
import { openWarehouse } from '../src/warehouse/connect.ts';
import { migrate } from '../src/warehouse/migrate.ts';
import { withoutOwnSettings, WorkerProcess, type ConfigChanges } from '../test/e2e/system.ts';
import { connectTo } from '../src/temporal/connection.ts';

export const project = fileURLToPath(new URL('..', import.meta.url));

export const portalPassword = 'demo-Passw0rd!';

/** Servers, portal and files for one benchmark run, all of its own. */
export interface Site {
  readonly folder: string;
  readonly databaseUrl: string;
  readonly client: Client;
  readonly portal: RunningPortal;
  readonly configFile: string;
  readonly databaseVersion: string;
  /** Undefined for a server that somebody named. */
  readonly databasePid: number | undefined;
  readonly temporalPid: number;
  startWorker(): Promise<WorkerProcess>;
}

export async function openSite(parts: Parts, folder: string, closing: Closing): Promise<Site> {
  await mkdir(path.join(folder, 'artifacts'), { recursive: true });
  // What is measured is what production runs.
  await promisify(execFile)('npm', ['run', 'build'], { cwd: project });
  if (parts.temporalCli === undefined) throw new Error('The benchmark needs the Temporal CLI.');
  const temporal = await startTemporal({ cli: parts.temporalCli, directory: path.join(folder, 'temporal') });
  closing.add('Temporal', temporal.stop);
  const server = await databaseFor(parts, folder, closing);
  const databaseUrl = await createDatabase(server.url, closing);
  const portal = await startPortal({
    settings: { delays: { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 } },
  });
  closing.add('The portal', () => portal.close());
  const connection = await connectTo({ address: temporal.address });
  closing.add('The connection to Temporal', () => connection.close());
  const configFile = await writeConfig(folder);
  const environment = {
    ...withoutOwnSettings(process.env),
    ...(parts.browser === undefined ? {} : { EHR_CHROMIUM: parts.browser }),
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: 'default',
    DATABASE_URL: databaseUrl,
    EHR_CONFIG: configFile,
    EHR_ARTIFACTS: path.join(folder, 'artifacts'),
    EHR_INBOX: '/',
    EHR_NAME_KEY: 'an invented key for the benchmark, 0123456789',
    EHR_PORTAL_URL: portal.url,
    EHR_PORTAL_USER: 'reports.bot',
    EHR_PORTAL_PASSWORD: portalPassword,
  };
  return {
    folder,
    databaseUrl,
    client: new Client({ connection }),
    portal,
    configFile,
    databaseVersion: await versionOf(databaseUrl),
    databasePid: server.pid,
    temporalPid: temporal.pid,
    startWorker: async () => {
      const worker = await WorkerProcess.startBuilt(
        environment,
        path.join(folder, `worker-${randomUUID()}.log`),
      );
      closing.add('A worker', async () => void (await worker.stop()));
      return worker;
    },
  };
}

async function databaseFor(
  { database }: Parts,
  folder: string,
  closing: Closing,
): Promise<{ readonly url: string; readonly pid: number | undefined }> {
  if (database === undefined) throw new Error('The set-up found no database.');
  if (database.kind === 'url') return { url: database.url, pid: undefined };
  const started = await startDatabase({
    part: database,
    directory: path.join(folder, 'database'),
    rights: 'all-databases',
  });
  closing.add('The database', started.stop);
  return { url: started.url, pid: database.kind === 'docker' ? undefined : started.pid };
}

/** A database of its own, also on a server that somebody named. */
async function createDatabase(serverUrl: string, closing: Closing): Promise<string> {
  const name = `ehr_bench_${randomBytes(4).toString('hex')}`;
  const run = async (sql: string) => {
    const connection = await createConnection({ uri: serverUrl });
    try {
      await connection.query(sql);
    } finally {
      await connection.end();
    }
  };
  await run(`CREATE DATABASE ${name}`);
  closing.add('The database of the benchmark', () => run(`DROP DATABASE ${name}`));
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const warehouse = await openWarehouse({ url: url.href });
  try {
    await migrate(warehouse);
  } finally {
    await warehouse.close();
  }
  return url.href;
}

export async function versionOf(databaseUrl: string): Promise<string> {
  const connection = await createConnection({ uri: databaseUrl });
  const [rows] = await connection.query<RowDataPacket[]>('SELECT VERSION() AS version');
  await connection.end();
  return String(rows[0]?.['version']);
}

/**
 * demo/pipeline.yaml without gates in the way: generated exports of other sizes would be held. The buffer of the
 * database is left as it comes.
 */
export async function writeConfig(folder: string, changes: ConfigChanges = []): Promise<string> {
  const document = parseDocument(await readFile(path.join(project, 'demo/pipeline.yaml'), 'utf8'));
  document.setIn(['portal', 'recipe'], path.join(project, 'config/portals/demo.yaml'));
  for (const report of ['utilization', 'notes']) {
    for (const gate of ['lastLoad', 'median']) {
      document.setIn(['reports', report, 'gates', gate, 'fewerPercent'], 100);
      document.setIn(['reports', report, 'gates', gate, 'morePercent'], 10_000);
    }
  }
  for (const [place, value] of changes) document.setIn(place, value);
  const file = path.join(folder, 'pipeline.yaml');
  await writeFile(file, document.toString());
  return file;
}
