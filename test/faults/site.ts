import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, type Connection, WorkflowNotFoundError } from '@temporalio/client';
import { createPool, type Pool, type RowDataPacket } from 'mysql2/promise';
import { inject } from 'vitest';
import { startPortal, type RunningPortal } from '../../demo/portal/portal.ts';
import type { DatabaseService } from '../../scripts/services/database-service.ts';
import { startDatabase } from '../../scripts/services/database.ts';
import { startTemporal, type TemporalService } from '../../scripts/services/temporal.ts';
import { openWarehouse, type Warehouse } from '../../src/warehouse/connect.ts';
import { BrowserProcesses } from '../e2e/browserProcesses.ts';
import { patientRecipe } from '../e2e/patientRecipe.ts';
import {
  migrateTables,
  portalPassword,
  programOf,
  withoutOwnSettings,
  WorkerProcess,
  writeConfig,
  type ConfigChanges,
} from '../e2e/system.ts';
import { Arrivals } from './arrivals.ts';
import { DatabaseProxy } from './databaseProxy.ts';
import { connectTo } from '../../src/temporal/connection.ts';

/** The programs that the site runs by itself, so that it may kill them. */
export interface SitePrograms {
  /** Path of the `temporal` binary. */
  readonly temporalCli: string;
  /** Path of mysqld or mariadbd. */
  readonly databaseServer: string;
  /** Path of a Chromium. */
  readonly browser: string | undefined;
  /** Path of the bundled workflows. */
  readonly workflowBundle: string;
  /** The folder of the product as a test run has built it; without it workers run from source. */
  readonly built?: string;
}

/** Those that `npm test` has set up and built. */
export function programsOfTests(): SitePrograms {
  return {
    temporalCli: process.env['TEST_TEMPORAL_CLI']!,
    databaseServer: process.env['TEST_DATABASE_SERVER']!,
    browser: process.env['EHR_CHROMIUM'],
    workflowBundle: inject('workflowBundle'),
    built: inject('built'),
  };
}

export interface SiteOptions {
  readonly programs: SitePrograms;
  /** Everything lies here; it is the caller's to remove. */
  readonly folder: string;
  readonly config?: ConfigChanges;
  /** Where the servers and the portal listen, in a network of the site's own. Default: the loopback. */
  readonly network?: { readonly servers: string; readonly portal: string };
}

/** Where a worker runs that is not on the machine of the servers. */
export interface Elsewhere {
  /** A command that gives its place to the worker. */
  readonly through: readonly string[];
  /** By which address it reaches each server. */
  readonly addresses: { readonly database: string; readonly temporal: string };
  readonly environment: NodeJS.ProcessEnv;
}

/** The database in which all the faults happen, and those of the undisturbed runs. */
export const databases = { disturbed: 'disturbed', A: 'undisturbed_a', B: 'undisturbed_b' } as const;
export type DatabaseName = (typeof databases)[keyof typeof databases];

type Row = Record<string, string | null>;

const heldSteps = fileURLToPath(new URL('preload.mjs', import.meta.url));

/** A killed server recovers within seconds; a query that has had no answer for this long never gets one. */
const queryPatienceSeconds = 90;
/** The driver's and Node's words for a server that is away or has just gone. */
const away = /ECONN|EPIPE|ETIMEDOUT|PROTOCOL|closed state|closing|shutdown/i;

/**
 * Temporal, database, portal and files of their own, at addresses that stay the same when what is behind them is
 * killed and started again.
 */
export class Site {
  readonly portal: RunningPortal;
  readonly client: Client;
  readonly arrivals: Arrivals;
  readonly folder: string;
  readonly #options: SiteOptions;
  readonly #connection: Connection;
  readonly #pool: Pool;
  readonly #browsers: BrowserProcesses;
  #temporal: TemporalService;
  #database: DatabaseService;
  #workersStarted = 0;
  readonly #workers = new Set<WorkerProcess>();
  /** A server that is on its way up. */
  #restarting: Promise<unknown> = Promise.resolve();
  #ended = false;

  private constructor(
    options: SiteOptions,
    parts: {
      temporal: TemporalService;
      database: DatabaseService;
      portal: RunningPortal;
      connection: Connection;
      arrivals: Arrivals;
    },
  ) {
    this.#options = options;
    this.folder = options.folder;
    this.portal = parts.portal;
    this.arrivals = parts.arrivals;
    this.client = new Client({ connection: parts.connection });
    this.#connection = parts.connection;
    this.#temporal = parts.temporal;
    this.#database = parts.database;
    this.#pool = createPool({ uri: parts.database.url, dateStrings: true, connectTimeout: 5_000 });
    this.#browsers = new BrowserProcesses(`HOME=${this.home}`);
  }

  static async start(options: SiteOptions): Promise<Site> {
    const { folder, programs } = options;
    await mkdir(path.join(folder, 'artifacts'), { recursive: true });
    await mkdir(path.join(folder, 'home'), { recursive: true });
    await writeConfig(path.join(folder, 'pipeline.yaml'), [
      [['portal', 'recipe'], await patientRecipe(folder)],
      ...(options.config ?? []),
    ]);
    const temporal = await startTemporal({
      cli: programs.temporalCli,
      directory: path.join(folder, 'temporal'),
      ...(options.network === undefined ? {} : { host: options.network.servers }),
    });
    const database = await startDatabase(databaseOptions(options));
    const portal = await startPortal({
      ...(options.network === undefined ? {} : { host: options.network.portal }),
      settings: {
        delays: { pageMs: 0, lateMs: 0, queryMs: 100, exportMs: 400 },
        // Of a killed browser the portal hears nothing more: the next login takes its session over.
        oneSessionPerUser: true,
      },
    });
    const connection = await connectTo({ address: temporal.address });
    const arrivals = new Arrivals();
    const site = new Site(options, { temporal, database, portal, connection, arrivals });
    for (const name of Object.values(databases)) await site.#createDatabase(name);
    return site;
  }

  /**
   * As after the start: no worker, no run, an empty disturbed database, a portal that nobody has used. The others
   * stay.
   */
  async renew(): Promise<void> {
    await Promise.all(Array.from(this.#workers, (worker) => worker.kill()));
    for await (const { workflowId } of this.client.workflow.list({ query: "ExecutionStatus = 'Running'" })) {
      await this.#terminate(workflowId);
    }
    await this.#pool.query(`DROP DATABASE ${databases.disturbed}`);
    await this.#createDatabase(databases.disturbed);
    await fetch(`${this.portal.url}/__control/reset`, { method: 'POST' });
  }

  get artifacts(): string {
    return path.join(this.folder, 'artifacts');
  }

  /** A worker whose steps and statements can be held, ready for work. */
  async startWorker(database: DatabaseName, environment: NodeJS.ProcessEnv = {}): Promise<WorkerProcess> {
    if (this.#ended) throw new Error('the site has been closed');
    this.#workersStarted += 1;
    const log = path.join(this.folder, `worker-${String(this.#workersStarted)}.log`);
    // Each has a way to the database of its own, so that a statement tells whose it is.
    const proxy = await DatabaseProxy.start(portOf(this.#database.url));
    try {
      const settings = { ...this.#environment(database, proxy.port), ...environment };
      const worker = await WorkerProcess.startWith(heldSteps, {
        environment: settings,
        log,
        built: this.#options.programs.built,
      });
      this.#workers.add(worker);
      worker.process.once('exit', () => {
        this.#workers.delete(worker);
        void proxy.close();
      });
      this.arrivals.follow(worker, proxy);
      return worker;
    } catch (error) {
      await proxy.close();
      throw error;
    }
  }

  /** A worker on another machine: straight to the servers, and nobody can hold its steps. */
  async startWorkerElsewhere({ through, addresses, environment }: Elsewhere): Promise<WorkerProcess> {
    if (this.#ended) throw new Error('the site has been closed');
    this.#workersStarted += 1;
    const own = this.#environment(databases.disturbed, portOf(this.#database.url));
    const database = new URL(own['DATABASE_URL']!);
    database.hostname = addresses.database;
    const worker = await WorkerProcess.start({
      program: programOf('worker', this.#options.programs.built),
      environment: {
        ...own,
        DATABASE_URL: database.href,
        DATABASE_ALLOW_PLAINTEXT: 'true',
        TEMPORAL_ADDRESS: `${addresses.temporal}:${String(portOf(`http://${this.#temporal.address}`))}`,
        ...environment,
      },
      log: path.join(this.folder, `worker-${String(this.#workersStarted)}.log`),
      through,
    });
    this.#workers.add(worker);
    worker.process.once('exit', () => this.#workers.delete(worker));
    return worker;
  }

  /** Rows of a query, every value as text or null; asked again while the server is away. */
  async query(database: DatabaseName, sql: string, values: unknown[] = []): Promise<Row[]> {
    return whenThere(() => this.#ask(database, sql, values));
  }

  /** Where a reader connects to, not by way of the proxy. */
  databaseUrl(database: DatabaseName): string {
    const url = new URL(this.#database.url);
    url.pathname = `/${database}`;
    return url.href;
  }

  browserProcesses(): Promise<number[]> {
    return this.#browsers.living();
  }

  openWarehouse(database: DatabaseName): Promise<Warehouse> {
    return openWarehouse({ url: this.databaseUrl(database) });
  }

  async killDatabase(): Promise<void> {
    process.kill(this.#database.pid, 'SIGKILL');
    await this.#database.stop();
  }

  async restartDatabase(): Promise<void> {
    const port = portOf(this.#database.url);
    await this.#restart(async () => {
      this.#database = await startDatabase({ ...databaseOptions(this.#options), port });
    });
  }

  async killTemporal(): Promise<void> {
    process.kill(this.#temporal.pid, 'SIGKILL');
    await this.#temporal.stop();
  }

  async restartTemporal(): Promise<void> {
    const { address, uiUrl } = this.#temporal;
    await this.#restart(async () => {
      this.#temporal = await startTemporal({
        cli: this.#options.programs.temporalCli,
        directory: path.join(this.folder, 'temporal'),
        port: portOf(`http://${address}`),
        uiPort: portOf(uiUrl),
        ...(this.#options.network === undefined ? {} : { host: this.#options.network.servers }),
      });
    });
  }

  async stop(): Promise<void> {
    await this.portal.close();
    await this.#pool.end().catch(() => undefined);
    await this.#connection.close();
    await this.endPrograms();
  }

  /** Ends whatever runs, also in the middle of a scenario. What asks for it then fails in its own time. */
  async endPrograms(): Promise<void> {
    this.#ended = true;
    await Promise.all(Array.from(this.#workers, (worker) => worker.kill()));
    await this.#restarting.catch(() => undefined);
    await this.#temporal.stop();
    await this.#database.stop();
  }

  async #terminate(workflowId: string): Promise<void> {
    try {
      await this.client.workflow.getHandle(workflowId).terminate('another case begins');
    } catch (error) {
      // The list may be older than its end.
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }

  #restart(start: () => Promise<void>): Promise<void> {
    const restarting = start();
    this.#restarting = restarting;
    return restarting;
  }

  async #createDatabase(name: DatabaseName): Promise<void> {
    await this.#pool.query(`CREATE DATABASE ${name}`);
    await migrateTables(this.databaseUrl(name));
  }

  async #ask(database: DatabaseName, sql: string, values: unknown[]): Promise<Row[]> {
    const connection = await this.#pool.getConnection();
    try {
      await connection.query(`USE \`${database}\``);
      const [rows] = await connection.query<RowDataPacket[]>(sql, values);
      connection.release();
      return Array.isArray(rows) ? rows.map(asTexts) : [];
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  /** Of the workers, and so of their browsers. */
  get home(): string {
    return path.join(this.folder, 'home');
  }

  #environment(database: DatabaseName, databasePort: number): NodeJS.ProcessEnv {
    const { programs } = this.#options;
    const url = new URL(this.databaseUrl(database));
    url.port = String(databasePort);
    return {
      ...withoutOwnSettings(process.env),
      ...(programs.browser === undefined ? {} : { EHR_CHROMIUM: programs.browser }),
      // A browser gets this of its worker's environment, and little else: by it the site's own are found.
      HOME: this.home,
      TEMPORAL_ADDRESS: this.#temporal.address,
      TEMPORAL_NAMESPACE: 'default',
      DATABASE_URL: url.href,
      EHR_CONFIG: path.join(this.folder, 'pipeline.yaml'),
      EHR_ARTIFACTS: this.artifacts,
      // The exports lie where the runner made them, golden ones among them.
      EHR_INBOX: '/',
      EHR_NAME_KEY: 'an invented key for the faults, 0123456789',
      EHR_PORTAL_URL: this.portal.url,
      EHR_PORTAL_ALLOW_PLAINTEXT: String(this.#options.network !== undefined),
      EHR_PORTAL_USER: 'reports.bot',
      EHR_PORTAL_PASSWORD: portalPassword,
      EHR_WORKFLOW_BUNDLE: programs.workflowBundle,
    };
  }
}

/** Does what needs the database, again and again while it is away. */
export async function whenThere<Result>(work: () => Promise<Result>): Promise<Result> {
  const deadline = Date.now() + queryPatienceSeconds * 1000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isAway(error) || Date.now() > deadline) throw error;
      await sleep(200);
    }
  }
}

/** Whether the server was away, or went while it was asked. */
export function isAway(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return away.test(`${String(code)} ${String(message)}`);
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

function databaseOptions({ folder, programs, network }: SiteOptions) {
  return {
    part: { kind: 'binary', path: programs.databaseServer },
    directory: path.join(folder, 'database'),
    rights: 'all-databases',
    ...(network === undefined ? {} : { host: network.servers }),
  } as const;
}

function asTexts(row: RowDataPacket): Row {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [column, value === null ? null : String(value)]),
  );
}
