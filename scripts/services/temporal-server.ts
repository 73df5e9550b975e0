import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { stringify } from 'yaml';
import { startChild, waitOrStop } from './child.ts';
import type { Running } from './parts.ts';
import { freeLowPort, startOnFreePort } from './ports.ts';
import { isServing, searchAttributes } from './temporal.ts';
import { connectTo } from '../../src/temporal/connection.ts';

/** All four services start, and each takes its share of the history shards. */
const readySeconds = 180;
const stopSeconds = 60;
/** A whole schema takes seconds; on a busy machine it took a minute. */
const schemaSeconds = 600;
/** The server looks at its dynamic configuration this often. */
const pollSeconds = 5;
/** As docker-compose.yml has it. Cannot be changed later. */
const historyShards = 512;
/** For each of its four services and two stores; MySQL allows 151 unless told otherwise. */
const connections = { default: 20, visibility: 5 };

const execute = promisify(execFile);

export interface TemporalServer extends Running {
  readonly address: string;
  /** Returns once the server deals steps out by turns, or no longer does. */
  setFairness(on: boolean): Promise<void>;
}

export interface TemporalServerOptions {
  readonly server: string;
  readonly sqlTool: string;
  /** A MySQL server whose account may create databases. */
  readonly databaseUrl: string;
  /** Configuration, log and pid lie here. */
  readonly directory: string;
}

/** Starts the Temporal server of production on MySQL, as one process, with the namespace `default`. */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  await mkdir(options.directory, { recursive: true });
  await makeSchema(options, 'temporal', 'temporal');
  await makeSchema(options, 'temporal_visibility', 'visibility');
  return startOnFreePort(() => startOnce(options));
}

async function makeSchema(
  { sqlTool, databaseUrl }: TemporalServerOptions,
  database: string,
  schema: string,
): Promise<void> {
  const { hostname, port, username, password } = new URL(databaseUrl);
  const env = { ...process.env, SQL_PASSWORD: password };
  const tool = (...args: string[]) =>
    execute(
      sqlTool,
      ['--plugin', 'mysql8', '--ep', hostname, '--port', port, '--user', username, '--db', database, ...args],
      { env, timeout: schemaSeconds * 1000 },
    );
  await tool('create');
  await tool('setup-schema', '--version', '0.0');
  await tool('update-schema', '--schema-name', `mysql/v8/${schema}`);
}

async function startOnce(options: TemporalServerOptions): Promise<TemporalServer> {
  const { server, directory } = options;
  const [port, ...others] = await Promise.all(Array.from({ length: 8 }, freeLowPort));
  const dynamic = path.join(directory, 'dynamic.yaml');
  await writeDynamic(dynamic, true);
  await writeFile(
    path.join(directory, 'fleet.yaml'),
    stringify(configOf(options, { ports: [port!, ...others], dynamic })),
    { mode: 0o600 },
  );
  const child = await startChild({
    name: 'The Temporal server',
    command: server,
    args: ['--root', directory, '--config', '.', '--env', 'fleet', '--allow-no-auth', 'start'],
    logFile: path.join(directory, 'temporal.log'),
    stopSeconds,
    pidFile: path.join(directory, 'temporal.pid'),
    mark: directory,
  });
  const address = `127.0.0.1:${String(port)}`;
  await waitOrStop(child, { seconds: readySeconds, isReady: () => isPrepared(address), stop: child.stop });
  return {
    pid: child.pid,
    address,
    stop: child.stop,
    async setFairness(on) {
      await writeDynamic(dynamic, on);
      await sleep(2 * pollSeconds * 1000);
    },
  };
}

async function writeDynamic(file: string, fairness: boolean): Promise<void> {
  await writeFile(file, stringify({ 'matching.enableFairness': [{ value: fairness }] }));
}

function configOf(
  { databaseUrl }: TemporalServerOptions,
  { ports, dynamic }: { readonly ports: readonly number[]; readonly dynamic: string },
): object {
  const { host, username, password } = new URL(databaseUrl);
  const store = (databaseName: string, maxConns: number) => ({
    sql: {
      pluginName: 'mysql8',
      databaseName,
      connectAddr: host,
      connectProtocol: 'tcp',
      user: username,
      password,
      maxConns,
      maxIdleConns: maxConns,
    },
  });
  const services = ['frontend', 'matching', 'history', 'worker'].map((name, index) => [
    name,
    {
      rpc: { grpcPort: ports[2 * index], membershipPort: ports[2 * index + 1], bindOnIP: '127.0.0.1' },
    },
  ]);
  return {
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: historyShards,
      datastores: {
        default: store('temporal', connections.default),
        visibility: store('temporal_visibility', connections.visibility),
      },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: Object.fromEntries(services) as object,
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `127.0.0.1:${String(ports[0])}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    dynamicConfigClient: { filepath: dynamic, pollInterval: `${String(pollSeconds)}s` },
  };
}

/** Makes the namespace and the search attributes as soon as the server lets us. */
async function isPrepared(address: string): Promise<boolean> {
  if (await isServing(address)) return true;
  const connection = await connectTo({ address, connectTimeout: 2000 }).catch(() => undefined);
  if (connection === undefined) return false;
  try {
    await connection.workflowService
      .registerNamespace({
        namespace: 'default',
        workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
      })
      .catch(() => undefined);
    await connection.operatorService
      .addSearchAttributes({
        namespace: 'default',
        searchAttributes: Object.fromEntries(searchAttributes.map((name) => [name, keyword])),
      })
      .catch(() => undefined);
    return false;
  } finally {
    await connection.close();
  }
}

/** `INDEXED_VALUE_TYPE_KEYWORD` of temporal/api/enums/v1/common.proto. */
const keyword = 2;
