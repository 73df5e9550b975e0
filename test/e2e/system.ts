import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client, type Connection } from '@temporalio/client';
import type { ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { inject } from 'vitest';
import { parseDocument } from 'yaml';
import { startPortal, type RunningPortal } from '../../demo/portal/portal.ts';
import type { DeepPartial, PortalSettings } from '../../demo/portal/settings.ts';
import { openWarehouse } from '../../src/warehouse/connect.ts';
import { migrate } from '../../src/warehouse/migrate.ts';
import { loginNames, type LoginNames } from '../../src/warehouse/portalLogins.ts';
import { startTestServer, type TestServer } from '../real/mariadb.ts';
import { BrowserProcesses } from './browserProcesses.ts';
import { ClientHosts, type CommandResult } from './clientHost.ts';
import { builtPreload } from './preloads.ts';
import { connectTo } from '../../src/temporal/connection.ts';

export type { CommandResult } from './clientHost.ts';

/** Settings of demo/pipeline.yaml to replace, by path. */
export type ConfigChanges = readonly (readonly [path: readonly (string | number)[], value: unknown])[];

export interface SystemOptions {
  readonly portal?: DeepPartial<PortalSettings>;
  readonly config?: ConfigChanges;
  /** False where the subject begins after the export: workers fetch it by requests alone (requestSession.ts). */
  readonly browser?: boolean;
  /** True where commands of the client are means, and many: they share a process (clientHost.ts). */
  readonly sharedClient?: boolean;
  readonly environment?: NodeJS.ProcessEnv;
  /** Called before the tables are brought up to date, with the environment that all commands get. */
  readonly beforeMigrations?: (environment: NodeJS.ProcessEnv) => Promise<void>;
  /** Path of the bundled workflows where no test run has built the product: worker and client run from source. */
  readonly workflowBundle?: string;
  /** A folder with another product than this one, which runs from source. */
  readonly product?: string;
  /** Another server than that of the test run, for a test that does something to it. */
  readonly temporalAddress?: string;
}

export interface WorkerStart {
  /** What Node is given: options and the script. */
  readonly program: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** The file for its log. */
  readonly log: string;
  /** A command that gives its place to the one after it, as `ip netns exec` does. */
  readonly through?: readonly string[];
}

const project = fileURLToPath(new URL('../..', import.meta.url));
// Against hangs only, on a machine that is busy with other things.
const readyPatienceSeconds = 600;
const stopPatienceSeconds = 600;

export const portalPassword = 'demo-Passw0rd!';

/** What the environment of a worker holds that nobody else may read. */
export function secretsOf(environment: NodeJS.ProcessEnv): string[] {
  const names = [
    'EHR_PORTAL_PASSWORD',
    'EHR_PORTAL_TOTP_SECRET',
    'EHR_NAME_KEY',
    'EHR_LOGIN_KEY',
    'EHR_DATA_KEY',
  ];
  const secrets = names.map((name) => environment[name]);
  const databasePassword = decodeURIComponent(new URL(environment['DATABASE_URL']!).password);
  return [...secrets, databasePassword].filter((secret) => secret !== undefined && secret !== '') as string[];
}

function temporaryFolderOf(folder: string): string {
  return path.join(folder, 'tmp');
}

/**
 * The whole product for one test file, of real parts: its own Temporal namespace, database, portal and files, and
 * workers as processes of their own. Nothing of it is shared with other test files but the two servers.
 */
export class System {
  readonly portal: RunningPortal;
  readonly client: Client;
  readonly namespace: string;
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly #browsers: BrowserProcesses;
  readonly #server: TestServer;
  readonly #connection: Connection;
  readonly #workers = new Set<WorkerProcess>();
  #workersStarted = 0;
  readonly #database: string;
  /** Before the command's own arguments: what Node runs as the client. */
  readonly clientProgram: readonly string[];
  readonly #worker: readonly string[];
  readonly #browser: boolean;
  readonly #clients: ClientHosts | undefined;

  private constructor(parts: {
    portal: RunningPortal;
    connection: Connection;
    namespace: string;
    folder: string;
    environment: NodeJS.ProcessEnv;
    server: TestServer;
    database: string;
    built: string | undefined;
    product: string | undefined;
    browser: boolean;
    sharedClient: boolean;
  }) {
    this.portal = parts.portal;
    this.namespace = parts.namespace;
    this.folder = parts.folder;
    this.environment = parts.environment;
    this.#server = parts.server;
    this.#connection = parts.connection;
    this.#database = parts.database;
    this.clientProgram = programOf('client', parts.built, parts.product);
    this.#worker = programOf('worker', parts.built, parts.product);
    this.#browser = parts.browser;
    this.#clients =
      parts.sharedClient && parts.built !== undefined ? new ClientHosts(this.clientProgram[0]!) : undefined;
    this.client = new Client({ connection: parts.connection, namespace: parts.namespace });
    this.#browsers = new BrowserProcesses(`TMPDIR=${temporaryFolderOf(parts.folder)}`);
  }

  /** Everything but a worker: start one with `startWorker`. */
  static async start(options: SystemOptions = {}): Promise<System> {
    const folder = await mkdtemp(path.join(tmpdir(), 'ehr-e2e-'));
    const address = options.temporalAddress ?? process.env['TEST_TEMPORAL_ADDRESS']!;
    const namespace = `e2e-${randomBytes(6).toString('hex')}`;
    const connection = await connectTo({ address });
    await registerNamespace(connection, namespace);
    const server = await startTestServer();
    const databaseUrl = await server.createDatabase();
    const portal = await startPortal(options.portal === undefined ? {} : { settings: options.portal });
    const configFile = await writeConfig(
      path.join(folder, 'pipeline.yaml'),
      options.config ?? [],
      options.product,
    );
    await mkdir(path.join(folder, 'artifacts'));
    await mkdir(temporaryFolderOf(folder));
    const system = new System({
      portal,
      connection,
      namespace,
      folder,
      server,
      database: new URL(databaseUrl).pathname.slice(1),
      built:
        options.workflowBundle === undefined && options.product === undefined ? inject('built') : undefined,
      product: options.product,
      browser: options.browser ?? true,
      sharedClient: options.sharedClient ?? false,
      environment: {
        ...withoutOwnSettings(process.env),
        // A browser gets this of its worker's environment, and little else: by it the system's own are found.
        TMPDIR: temporaryFolderOf(folder),
        TEMPORAL_ADDRESS: address,
        TEMPORAL_NAMESPACE: namespace,
        DATABASE_URL: databaseUrl,
        EHR_CONFIG: configFile,
        EHR_ARTIFACTS: path.join(folder, 'artifacts'),
        // Tests hand in files from all over: what this setting is about has a test of its own.
        EHR_INBOX: '/',
        EHR_NAME_KEY: 'an invented key for the tests, 0123456789',
        EHR_LOGIN_KEY: 'an invented key for the login, 0123456789',
        EHR_PORTAL_URL: portal.url,
        EHR_PORTAL_USER: 'reports.bot',
        EHR_PORTAL_PASSWORD: portalPassword,
        ...(options.product === undefined
          ? { EHR_WORKFLOW_BUNDLE: options.workflowBundle ?? inject('workflowBundle') }
          : {}),
        ...options.environment,
      },
    });
    await options.beforeMigrations?.(system.environment);
    if (options.product === undefined) await migrateTables(databaseUrl);
    else await system.run('migrate');
    return system;
  }

  /** A worker process that is ready to take steps. What it is given replaces what the system says. */
  async startWorker(
    environment: NodeJS.ProcessEnv = {},
    { browser = this.#browser }: Pick<SystemOptions, 'browser'> = {},
  ): Promise<WorkerProcess> {
    this.#workersStarted += 1;
    const log = path.join(this.folder, `worker-${String(this.#workersStarted)}.log`);
    const worker = await WorkerProcess.start({
      program: browser ? this.#worker : programOf('workerWithoutBrowser', inject('built')),
      environment: { ...this.environment, ...environment },
      log,
    });
    this.#workers.add(worker);
    return worker;
  }

  /** What production runs: `npm start`, with the options it gives to Node and the bundle that was built. */
  async startBuiltWorker(extra: NodeJS.ProcessEnv = {}): Promise<WorkerProcess> {
    const { EHR_WORKFLOW_BUNDLE: _, ...environment } = { ...this.environment, ...extra };
    const log = path.join(this.folder, 'worker-built.log');
    const worker = await WorkerProcess.startBuilt(environment, log, inject('built'));
    this.#workers.add(worker);
    return worker;
  }

  /** The portal login as the database names it, for its locks: without password and recipe. */
  loginNames(): LoginNames {
    const { EHR_PORTAL_URL: url, EHR_PORTAL_USER: user, EHR_LOGIN_KEY, EHR_NAME_KEY } = this.environment;
    return loginNames(
      { url: url!, user: user!, password: '', recipe: '' },
      { loginKey: EHR_LOGIN_KEY, nameKey: EHR_NAME_KEY! },
    );
  }

  /** Another configuration file for `startWorker({ EHR_CONFIG })`: demo/pipeline.yaml with these changes. */
  configFile(name: string, changes: ConfigChanges): Promise<string> {
    return writeConfig(path.join(this.folder, `${name}.yaml`), changes);
  }

  /** Every process that lives now of the browsers that this system's workers have started. */
  browserProcesses(): Promise<number[]> {
    return this.#browsers.living();
  }

  /** What the workers have logged, those that ended included. */
  workerLogs(): Promise<string[]> {
    return Promise.all(Array.from(this.#workers, (worker) => worker.log()));
  }

  /** A client command that must succeed; returns what it prints. */
  async run(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.tryRun(...args);
    if (code !== 0)
      throw new Error(`client ${args.join(' ')} exited with ${String(code)}: ${stderr}${stdout}`);
    return stdout;
  }

  /** A client command, however it ends. */
  tryRun(...args: string[]): Promise<CommandResult> {
    return this.tryRunWith({}, ...args);
  }

  /** The same with some variables other than the system says. */
  tryRunWith(environment: NodeJS.ProcessEnv, ...args: string[]): Promise<CommandResult> {
    const own = { ...this.environment, ...environment };
    if (this.#clients?.takes(args) === true) return this.#clients.run(args, own);
    return command(process.execPath, [...this.clientProgram, ...args], own);
  }

  /** The `temporal` command against this system's namespace. */
  temporal(...args: string[]): Promise<CommandResult> {
    return command(process.env['TEST_TEMPORAL_CLI']!, args, this.environment);
  }

  /**
   * Rows of a query in this system's database, every value as text or null; none of a statement that changes
   * something.
   */
  async query(sql: string, values: unknown[] = []): Promise<Record<string, string | null>[]> {
    await this.#server.admin.query(`USE \`${this.#database}\``);
    const [rows] = await this.#server.admin.query<RowDataPacket[] | ResultSetHeader>(sql, values);
    if (!Array.isArray(rows)) return [];
    return rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([column, value]) => [column, value === null ? null : String(value)]),
      ),
    );
  }

  /** The address of another database, without tables, on the same server. */
  createDatabase(): Promise<string> {
    return this.#server.createDatabase();
  }

  /** Registers this system's namespace on a server that does not know it, or not any more. */
  registerNamespace(): Promise<void> {
    return registerNamespace(this.#connection, this.namespace);
  }

  /** Drops this system's database with all that is in it and creates it again, empty. */
  async emptyDatabase(): Promise<void> {
    await this.#server.admin.query(`DROP DATABASE \`${this.#database}\``);
    await this.#server.admin.query(`CREATE DATABASE \`${this.#database}\``);
  }

  async stop(): Promise<void> {
    await Promise.all(Array.from(this.#workers, (worker) => worker.stop()));
    await this.#clients?.stop();
    await this.portal.close();
    await this.#connection.close();
    await this.#server.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** What Node runs as the worker or the client: as it was built, or from source. */
export function programOf(
  name: 'worker' | 'workerWithoutBrowser' | 'client',
  built: string | undefined,
  product = project,
): string[] {
  return built === undefined
    ? ['--import', 'tsx', path.join(product, `src/${name}.ts`)]
    : [path.join(built, `src/${name}.js`)];
}

/** One worker, without npm in between. */
export class WorkerProcess {
  readonly process: ChildProcess;
  #early: unknown[] = [];
  readonly logPath: string;

  private constructor(child: ChildProcess, logPath: string) {
    this.process = child;
    this.logPath = logPath;
  }

  /** @param program what Node is given */
  static async start({ program, environment, log, through = [] }: WorkerStart): Promise<WorkerProcess> {
    const [first, ...args] = [...through, process.execPath, ...program];
    const child = spawn(first!, args, {
      cwd: project,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return WorkerProcess.#started(child, log);
  }

  /**
   * With a module that it loads before its own code and an IPC channel to it; from source where no test run has built
   * the product.
   */
  static async startWith(
    preload: string,
    { environment, log, built }: Omit<WorkerStart, 'program'> & { readonly built: string | undefined },
  ): Promise<WorkerProcess> {
    const program =
      built === undefined
        ? ['--import', 'tsx', '--import', preload, 'src/worker.ts']
        : ['--import', builtPreload(built, preload), ...programOf('worker', built)];
    const child = spawn(process.execPath, program, {
      cwd: project,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const early: unknown[] = [];
    child.on('message', (message) => early.push(message));
    const worker = await WorkerProcess.#started(child, log);
    worker.#early = early;
    return worker;
  }

  /** What the worker says over its IPC channel, from its first word on: it works before its caller can listen. */
  onMessage(listener: (message: unknown) => void): void {
    this.process.removeAllListeners('message');
    this.process.on('message', listener);
    for (const message of this.#early.splice(0)) listener(message);
  }

  /** One `npm start`, of what `npm run build` has made in `built`. */
  static async startBuilt(
    environment: NodeJS.ProcessEnv,
    logPath: string,
    built = 'dist',
  ): Promise<WorkerProcess> {
    const { scripts } = JSON.parse(await readFile(path.join(project, 'package.json'), 'utf8')) as {
      scripts: { start: string };
    };
    // The shell gives its place to the worker, which so gets the signals itself.
    const child = spawn('sh', ['-c', `exec env ${scripts.start.replace('dist/', `${built}/`)}`], {
      cwd: project,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return WorkerProcess.#started(child, logPath);
  }

  static async #started(child: ChildProcess, logPath: string): Promise<WorkerProcess> {
    const log = createWriteStream(logPath);
    child.stdout!.pipe(log, { end: false });
    child.stderr!.pipe(log, { end: false });
    const worker = new WorkerProcess(child, logPath);
    await worker.#ready();
    return worker;
  }

  get pid(): number {
    return this.process.pid!;
  }

  get running(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  log(): Promise<string> {
    return readFile(this.logPath, 'utf8');
  }

  /** Tells it to stop, and waits until the process has ended; gives its exit code. */
  async stop(signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM'): Promise<number | null> {
    if (!this.running) return this.process.exitCode;
    this.process.kill(signal);
    return this.#ended();
  }

  /** SIGKILL: no code of the worker runs any more. */
  async kill(): Promise<void> {
    if (!this.running) return;
    this.process.kill('SIGKILL');
    await this.#ended();
  }

  async #ended(): Promise<number | null> {
    const late = AbortSignal.timeout(stopPatienceSeconds * 1000);
    try {
      if (this.running) await once(this.process, 'exit', { signal: late });
      return this.process.exitCode;
    } catch (error) {
      this.process.kill('SIGKILL');
      throw new Error(`the worker did not end within ${String(stopPatienceSeconds)} s`, { cause: error });
    }
  }

  async #ready(): Promise<void> {
    const until = Date.now() + readyPatienceSeconds * 1000;
    while (!(await this.log().catch(() => '')).includes('the worker is ready')) {
      if (!this.running || Date.now() > until) {
        await this.kill();
        throw new Error(`the worker did not get ready: ${await this.log()}`);
      }
      await sleep(100);
    }
  }
}

/** demo/pipeline.yaml with short pauses, so that a failing run ends in seconds, and the test's own changes. */
export async function writeConfig(file: string, changes: ConfigChanges, product = project): Promise<string> {
  const document = parseDocument(await readFile(path.join(product, 'demo/pipeline.yaml'), 'utf8'));
  const quick: ConfigChanges = [
    [['portal', 'recipe'], path.join(product, 'config/portals/demo.yaml')],
    [['portal', 'attempts'], 2],
    [['portal', 'retrySeconds'], 1],
    [['portal', 'idleSeconds'], 5],
    [['worker', 'shutdownGraceSeconds'], 30],
  ];
  for (const [place, value] of [...quick, ...changes]) document.setIn(place, value);
  await writeFile(file, document.toString());
  return file;
}

async function registerNamespace({ workflowService }: Connection, namespace: string): Promise<void> {
  await workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
}

/** What `client migrate` does, without a process of its own. */
export async function migrateTables(url: string): Promise<void> {
  const warehouse = await openWarehouse({ url });
  try {
    await migrate(warehouse);
  } finally {
    await warehouse.close();
  }
}

export function withoutOwnSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(
    ([name]) => !/^(TEMPORAL_|DATABASE_|EHR_|OTEL_)/.test(name) || name === 'EHR_CHROMIUM',
  );
  return Object.fromEntries(kept);
}

export async function command(
  file: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<CommandResult> {
  const options = { cwd: project, env: environment, timeout: 600_000, maxBuffer: 64 * 1024 * 1024 };
  try {
    const { stdout, stderr } = await promisify(execFile)(file, args, options);
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (typeof code !== 'number') throw error;
    return { code, stdout: stdout ?? '', stderr: stderr ?? '' };
  }
}
