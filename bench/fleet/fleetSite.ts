import { execFile } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client } from '@temporalio/client';
import mysql from 'mysql2/promise';
import { startPortal } from '../../demo/portal/portal.ts';
import type { Closing } from '../../scripts/services/closing.ts';
import { startDatabase } from '../../scripts/services/database.ts';
import type { DatabaseService } from '../../scripts/services/database-service.ts';
import type { Parts } from '../../scripts/services/parts.ts';
import { startTemporalServer, type TemporalServer } from '../../scripts/services/temporal-server.ts';
import { readPipelineConfig } from '../../src/config.ts';
import { applySchedule, applySourcesSchedule } from '../../src/temporal/schedules.ts';
import { openWarehouse } from '../../src/warehouse/connect.ts';
import { migrate } from '../../src/warehouse/migrate.ts';
import { withoutOwnSettings, WorkerProcess, type ConfigChanges } from '../../test/e2e/system.ts';
import { benchPeriod, writeExport } from '../exports.ts';
import { portalPassword, project, versionOf, writeConfig } from '../site.ts';
import { blueprintOf, makeCopy } from './copiedTables.ts';
import type { FleetOptions } from './options.ts';
import { connectTo } from '../../src/temporal/connection.ts';

/** Connections that make databases and schedules side by side; more do not make two cores faster. */
const atATime = 4;

/** Two database servers, since Temporal's own has other work than the warehouses'. */
export interface FleetSite {
  readonly folder: string;
  readonly temporal: TemporalServer;
  readonly stores: { readonly warehouses: DatabaseService; readonly temporal: DatabaseService };
  readonly client: Client;
  /** A connection that may look at every warehouse. */
  readonly warehouses: mysql.Connection;
  readonly databaseVersion: string;
  readonly fileAgencies: readonly string[];
  readonly browserAgencies: readonly string[];
  readonly workers: readonly WorkerProcess[];
  readonly inboxOf: (agency: string) => string;
}

/** Everything but the schedules: with those the runs begin. */
export async function openFleet(
  parts: Parts,
  { folder, options, closing }: { folder: string; options: FleetOptions; closing: Closing },
): Promise<FleetSite> {
  const { database, temporalServer } = parts;
  if (temporalServer === undefined) throw new Error('The Temporal server could not be had.');
  if (database?.kind !== 'binary' || !(await isMySql(database.path))) {
    throw new Error('Temporal needs MySQL 8 or later: put its mysqld on the PATH, before any other server.');
  }
  // What is measured is what production runs.
  await promisify(execFile)('npm', ['run', 'build'], { cwd: project });
  const start = async (what: string, name: string) => {
    const directory = path.join(folder, name);
    const started = await startDatabase({ part: database, directory, rights: 'all-databases' });
    closing.add(what, started.stop);
    return started;
  };
  const stores = {
    warehouses: await start("The agencies' database", 'warehouses'),
    temporal: await start("Temporal's database", 'temporal-store'),
  };
  const temporal = await startTemporalServer({
    ...temporalServer,
    databaseUrl: stores.temporal.url,
    directory: path.join(folder, 'temporal'),
  });
  closing.add('Temporal', temporal.stop);
  const connection = await connectTo({ address: temporal.address });
  closing.add('The connection to Temporal', () => connection.close());
  const warehouses = await mysql.createConnection({ uri: stores.warehouses.url });
  closing.add('The connection to the databases', () => warehouses.end());
  await warehouses.query('SET GLOBAL max_connections = 2000');

  const fileAgencies = idsOf('a', options.agencies);
  const browserAgencies = idsOf('b', options.browsers);
  await makeDatabases(stores.warehouses.url, [...fileAgencies, ...browserAgencies]);
  const place = { folder, storeUrl: stores.warehouses.url };
  const file = path.join(folder, 'export.csv');
  await writeExport(file, { rows: options.rows, version: 1 });
  for (const agency of fileAgencies) await writeAgency(place, agency, { portalUrl: nowhere, file });
  for (const agency of browserAgencies) {
    const portal = await startPortal({
      settings: { delays: { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 }, data: { scale: 0.1 } },
    });
    closing.add('A portal', () => portal.close());
    await writeAgency(place, agency, { portalUrl: portal.url });
  }
  const environment = await homeEnvironment(place, { temporal, browser: parts.browser });
  const workers = await Promise.all(
    Array.from({ length: options.workers }, async (_, index) => {
      const worker = await WorkerProcess.startBuilt(
        environment,
        path.join(folder, `worker-${String(index)}.log`),
      );
      closing.add('A worker', async () => void (await worker.stop()));
      return worker;
    }),
  );
  return {
    folder,
    temporal,
    stores,
    client: new Client({ connection }),
    warehouses,
    databaseVersion: await versionOf(stores.warehouses.url),
    fileAgencies,
    browserAgencies,
    workers,
    inboxOf: (agency) => path.join(folder, 'inbox/agencies', agency),
  };
}

async function isMySql(server: string): Promise<boolean> {
  const { stdout } = await promisify(execFile)(server, ['--no-defaults', '--version']);
  return !/mariadb/i.test(stdout);
}

function idsOf(letter: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${letter}${String(index + 1).padStart(4, '0')}`);
}

/** No portal: agencies that take files never ask one. */
const nowhere = 'http://127.0.0.1:9';

export function databaseOf(agency: string): string {
  return `agency_${agency}`;
}

function urlOf(storeUrl: string, database: string): string {
  const url = new URL(storeUrl);
  url.pathname = `/${database}`;
  return url.href;
}

async function makeDatabases(storeUrl: string, agencies: readonly string[]): Promise<void> {
  const template = new URL(storeUrl).pathname.slice(1);
  const warehouse = await openWarehouse({ url: storeUrl });
  try {
    await migrate(warehouse);
  } finally {
    await warehouse.close();
  }
  const first = await mysql.createConnection({ uri: storeUrl });
  const blueprint = await blueprintOf(first, template);
  await first.end();
  await sideBySide(agencies, async (own) => {
    const connection = await mysql.createConnection({ uri: storeUrl });
    try {
      for (const agency of own) {
        await makeCopy(connection, { database: databaseOf(agency), agency }, blueprint);
      }
    } finally {
      await connection.end();
    }
  });
}

async function sideBySide(
  agencies: readonly string[],
  work: (own: readonly string[]) => Promise<void>,
): Promise<void> {
  await Promise.all(
    Array.from({ length: atATime }, (_, lane) =>
      work(agencies.filter((_agency, index) => index % atATime === lane)),
    ),
  );
}

interface Place {
  readonly folder: string;
  readonly storeUrl: string;
}

async function writeAgency(
  { folder, storeUrl }: Place,
  agency: string,
  { portalUrl, file }: { readonly portalUrl: string; readonly file?: string },
): Promise<void> {
  const home = path.join(folder, 'agencies', agency);
  const secrets = path.join(home, 'secrets');
  const drop = path.join(folder, 'drop', agency);
  await mkdir(secrets, { recursive: true });
  await mkdir(drop, { recursive: true });
  await writeConfig(home, settingsOf(folder, agency, file !== undefined, 60));
  if (file !== undefined) await copyFile(file, path.join(drop, `utilization ${benchPeriod().from}.csv`));
  const variables = {
    DATABASE_URL: urlOf(storeUrl, databaseOf(agency)),
    EHR_NAME_KEY: `an invented key for the agency ${agency}, 0123456789`,
    EHR_LOGIN_KEY: `an invented login key for the agency ${agency}, 0123456789`,
    EHR_PORTAL_URL: portalUrl,
    EHR_PORTAL_USER: 'reports.bot',
    EHR_PORTAL_PASSWORD: portalPassword,
  };
  for (const [name, value] of Object.entries(variables)) {
    await writeFile(path.join(secrets, name), `${value}\n`, { mode: 0o600 });
  }
}

function settingsOf(
  folder: string,
  agency: string,
  takesFiles: boolean,
  everyMinutes: number,
): ConfigChanges {
  const idle: ConfigChanges = [[['portal', 'idleSeconds'], 1]];
  return takesFiles ? [...idle, ...takingFrom(path.join(folder, 'drop', agency), everyMinutes)] : idle;
}

function takingFrom(drop: string, everyMinutes: number): ConfigChanges {
  const files = [{ pattern: 'utilization {YYYY-MM-DD}.csv', report: 'utilization' }];
  return [[['sources'], { everyMinutes, quietSeconds: 1, places: [{ name: 'drop', folder: drop, files }] }]];
}

async function homeEnvironment(
  { folder, storeUrl }: Place,
  { temporal, browser }: { readonly temporal: TemporalServer; readonly browser: string | undefined },
): Promise<NodeJS.ProcessEnv> {
  await mkdir(path.join(folder, 'artifacts'), { recursive: true });
  await mkdir(path.join(folder, 'inbox'), { recursive: true });
  return {
    ...withoutOwnSettings(process.env),
    ...(browser === undefined ? {} : { EHR_CHROMIUM: browser }),
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: 'default',
    DATABASE_URL: storeUrl,
    EHR_CONFIG: await writeConfig(folder),
    EHR_ARTIFACTS: path.join(folder, 'artifacts'),
    EHR_INBOX: path.join(folder, 'inbox'),
    EHR_AGENCIES: path.join(folder, 'agencies'),
    EHR_NAME_KEY: 'an invented key for the benchmark, 0123456789',
    EHR_PORTAL_URL: nowhere,
    EHR_PORTAL_USER: 'reports.bot',
    EHR_PORTAL_PASSWORD: portalPassword,
  };
}

/** Making a schedule took 30 to 60 ms; it must be there before its time. */
const secondsPerSchedule = 0.15;
const leastLeadSeconds = 45;
/** Longer than agencies are spread over, so that nothing is due twice. */
const leastEveryMinutes = 20;
const mostEveryMinutes = 240;

/** Makes the schedules of all, due at the same minute; gives that time. */
export async function makeSchedules({
  folder,
  client,
  fileAgencies,
  browserAgencies,
}: FleetSite): Promise<Date> {
  const all = [...fileAgencies, ...browserAgencies];
  const lead = leastLeadSeconds + all.length * secondsPerSchedule;
  const { due, everyMinutes } = nextDue(Date.now() + lead * 1000);
  const browsers = new Set(browserAgencies);
  await sideBySide(all, async (own) => {
    for (const agency of own) {
      const home = path.join(folder, 'agencies', agency);
      // A worker keeps schedules as the settings say, so these have the time too.
      const settings = readPipelineConfig(
        await writeConfig(home, [
          ...settingsOf(folder, agency, !browsers.has(agency), everyMinutes),
          [['organisation', 'timeZone'], zoneAtNoon(due)],
          [['schedule', 'at'], `12${due.toISOString().slice(13, 16)}`],
        ]),
      );
      await (browsers.has(agency) ? applySchedule : applySourcesSchedule)(client, settings, agency);
    }
  });
  if (Date.now() > due.getTime()) throw new Error('making the schedules took until after their time');
  return due;
}

/** A zone where that time is between noon and one: no schedule may start in the first hours of a day. */
function zoneAtNoon(time: Date): string {
  const ahead = 12 - time.getUTCHours();
  // These names count hours behind UTC.
  return `Etc/GMT${ahead > 0 ? '-' : '+'}${String(Math.abs(ahead))}`;
}

/** Intervals are counted from 1970: the one whose next time comes first. */
function nextDue(from: number): { due: Date; everyMinutes: number } {
  const candidates = Array.from({ length: mostEveryMinutes - leastEveryMinutes + 1 }, (_, index) => {
    const everyMinutes = leastEveryMinutes + index;
    const every = everyMinutes * 60_000;
    return { due: new Date(Math.ceil(from / every) * every), everyMinutes };
  });
  return candidates.toSorted((one, other) => one.due.getTime() - other.due.getTime())[0]!;
}
