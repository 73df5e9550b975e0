import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { startChild, waitOrStop } from './child.ts';
import type { Running } from './parts.ts';
import { portFrom, startOnFreePort } from './ports.ts';
import { connectTo } from '../../src/temporal/connection.ts';

/** A start takes 1 to 3 s; on a machine that builds at the same time it took up to 20. */
const readySeconds = 90;
/** The server flushes SQLite and ends in a second or two. */
const stopSeconds = 15;
const connectSeconds = 2;

export const searchAttributes = ['EhrReport', 'EhrPeriodStart', 'EhrOutcome', 'EhrAgency'];

/**
 * A write-ahead log costs the server less than half the CPU of SQLite's own journal, with which each change waits
 * for the disk. What the server has answered survives its death; a machine that loses power may lose the last
 * seconds.
 */
export const sqliteArgs = ['--sqlite-pragma=journal_mode=wal', '--sqlite-pragma=synchronous=normal'];

export interface TemporalService extends Running {
  readonly address: string;
  readonly uiUrl: string;
  readonly namespace: string;
}

export interface TemporalOptions {
  /** Path of the `temporal` binary. */
  readonly cli: string;
  /** The database file, the log and the pid lie here; histories survive a restart. */
  readonly directory: string;
  readonly port?: number;
  readonly uiPort?: number;
  /** Where the server listens. Default: the loopback. */
  readonly host?: string;
}

/**
 * Starts a Temporal development server with its Web UI on the loopback. Ports come from the options, else from
 * TEMPORAL_PORT and TEMPORAL_UI_PORT, else are free ones.
 */
export async function startTemporal(options: TemporalOptions): Promise<TemporalService> {
  await mkdir(options.directory, { recursive: true });
  return startOnFreePort(() => startOnce(options));
}

async function startOnce(options: TemporalOptions): Promise<TemporalService> {
  const port = options.port ?? (await portFrom('TEMPORAL_PORT'));
  const uiPort = options.uiPort ?? (await portFrom('TEMPORAL_UI_PORT'));
  const child = await startChild({
    name: 'The Temporal server',
    command: options.cli,
    args: serverArgs({ port, uiPort, host: options.host ?? '127.0.0.1', directory: options.directory }),
    env: environmentWithoutTemporal(),
    logFile: path.join(options.directory, 'temporal.log'),
    stopSeconds,
    pidFile: path.join(options.directory, 'temporal.pid'),
    mark: databaseFile(options.directory),
  });
  const address = `127.0.0.1:${String(port)}`;
  await waitOrStop(child, { seconds: readySeconds, isReady: () => isServing(address), stop: child.stop });
  return {
    pid: child.pid,
    address,
    uiUrl: `http://127.0.0.1:${String(uiPort)}`,
    namespace: 'default',
    stop: child.stop,
  };
}

interface ServerPlace {
  readonly port: number;
  readonly uiPort: number;
  readonly host: string;
  readonly directory: string;
}

function serverArgs(place: ServerPlace): string[] {
  return [
    'server',
    'start-dev',
    `--ip=${place.host}`,
    '--ui-ip=127.0.0.1',
    `--port=${String(place.port)}`,
    `--ui-port=${String(place.uiPort)}`,
    `--db-filename=${databaseFile(place.directory)}`,
    ...sqliteArgs,
    '--log-level=error',
    '--log-format=json',
    // As docs/agencies.md asks of a server for many agencies.
    '--dynamic-config-value=matching.enableFairness=true',
    ...searchAttributes.map((name) => `--search-attribute=${name}=Keyword`),
  ];
}

/** The CLI reads TEMPORAL_* too; what a shell holds for a real server has no business in a private one. */
function environmentWithoutTemporal(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

/** Whether the namespace answers and the search attributes, which are added late, are there. */
export async function isServing(address: string): Promise<boolean> {
  const connection = await connectTo({ address, connectTimeout: connectSeconds * 1000 }).catch(
    () => undefined,
  );
  if (connection === undefined) return false;
  try {
    await connection.workflowService.describeNamespace({ namespace: 'default' });
    const known = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    return searchAttributes.every((name) => known.customAttributes?.[name] !== undefined);
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}

function databaseFile(directory: string): string {
  return path.join(directory, 'temporal.sqlite');
}
