import { mkdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import mysql, { type RowDataPacket } from 'mysql2/promise';
import { Closing } from '../../scripts/services/closing.ts';
import { claimFolder, localFolder } from '../../scripts/services/folder.ts';
import type { Parts } from '../../scripts/services/parts.ts';
import { writePage } from '../page.ts';
import { withEarlier, type BenchResults } from '../results.ts';
import { interruption, machine, withoutMachine } from '../run.ts';
import { makeSchedules, openFleet, type FleetSite } from './fleetSite.ts';
import { parseOptions, type FleetOptions } from './options.ts';
import { useOf } from './processes.ts';
import type { FleetResult } from './result.ts';
import { watchScheduled } from './scheduledRuns.ts';
import { measureWaiting } from './waiting.ts';

/** Gives the exit code. */
export async function runFleet(parts: Parts, args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (typeof options === 'number') return options;
  const closing = new Closing();
  let code = 1;
  try {
    await Promise.race([measureAll(parts, { options, args, closing }), interruption(closing)]);
    code = 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
  for (const failure of await closing.closeAll()) console.error(failure);
  return code;
}

interface Measuring {
  readonly options: FleetOptions;
  readonly args: readonly string[];
  readonly closing: Closing;
}

async function measureAll(parts: Parts, { options, args, closing }: Measuring): Promise<void> {
  const folder = path.join(localFolder(), 'fleet-runs', String(process.pid));
  await mkdir(folder, { recursive: true });
  closing.add('The folder of the fleet', () => rm(folder, { recursive: true, force: true }));
  closing.add('The claim of the folder', await claimFolder(folder));
  const loadBefore = os.loadavg()[0]!;
  say(`making ${String(options.agencies + options.browsers)} agencies`);
  const site = await openFleet(parts, { folder, options, closing });
  const results: BenchResults = {
    command: ['npm run fleet --', ...withoutMachine(args)].join(' '),
    machine: machine(site),
    loadBefore,
    fleet: await measureFleet(site, options),
  };
  await writeFile(options.out, `${JSON.stringify(await withEarlier(options.out, results), null, 2)}\n`);
  await writePage(options.page, results);
  say(`written: ${options.out}, and the tables of ${options.page}`);
}

async function measureFleet(site: FleetSite, options: FleetOptions): Promise<FleetResult> {
  const before = await usesOf(site);
  const due = await makeSchedules(site);
  say(`all are due at ${due.toISOString()}, each up to ten minutes later`);
  const scheduled = await watchScheduled(site, options.minutes);
  const after = await usesOf(site);
  const connections = {
    warehouses: await mostConnections(site.stores.warehouses.url),
    temporal: await mostConnections(site.stores.temporal.url),
  };
  const temporalMegabytes = await megabytesOf(site.stores.temporal.url);
  say(`published by all: ${JSON.stringify(scheduled.publishedSeconds)}; now one waits behind another`);
  const waiting = options.backlog === 0 ? [] : await measureWaiting(site, options.backlog, options.rows);
  const { agencies, browsers, workers, rows } = options;
  return {
    agencies,
    browsers,
    workers,
    rows,
    temporalVersion: await temporalVersion(site),
    runs: agencies + scheduled.browserRuns,
    scheduled,
    processes: after.map(({ name, cpuSeconds, memoryMib, peakMib }, index) => ({
      name,
      cpuSeconds: cpuSeconds - before[index]!.cpuSeconds,
      memoryMib,
      peakMib,
    })),
    connections,
    temporalMegabytes,
    waiting,
  };
}

function say(what: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)} ${what}`);
}

async function usesOf({ workers, temporal, stores }: FleetSite): Promise<FleetResult['processes']> {
  const processes = [
    ...workers.map(({ pid }, index) => ({
      name: workers.length === 1 ? 'worker, with its browsers' : `worker ${String(index + 1)}`,
      pid,
    })),
    { name: 'Temporal', pid: temporal.pid },
    { name: "Temporal's database", pid: stores.temporal.pid },
    { name: "the agencies' database", pid: stores.warehouses.pid },
  ];
  return Promise.all(processes.map(async ({ name, pid }) => Object.assign(await useOf(pid), { name })));
}

/** Since the server began. */
async function mostConnections(url: string): Promise<number> {
  return numberOf(url, "SHOW GLOBAL STATUS LIKE 'Max_used_connections'", 'Value');
}

async function megabytesOf(url: string): Promise<number> {
  const sql =
    "SELECT ROUND(SUM(data_length + index_length) / 1e6) AS megabytes FROM information_schema.tables WHERE table_schema LIKE 'temporal%'";
  return numberOf(url, sql, 'megabytes');
}

async function numberOf(url: string, sql: string, column: string): Promise<number> {
  const connection = await mysql.createConnection({ uri: url });
  try {
    const [[row]] = await connection.query<RowDataPacket[]>(sql);
    return Number(row![column]);
  } finally {
    await connection.end();
  }
}

async function temporalVersion({ client }: FleetSite): Promise<string> {
  const { serverVersion } = await client.workflowService.getSystemInfo({});
  return serverVersion ?? 'unknown';
}
