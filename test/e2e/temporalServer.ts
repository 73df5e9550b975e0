import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';

import { startChild, waitUntilReady, type Child } from '../../scripts/services/child.ts';
import { freePort } from '../../scripts/services/ports.ts';
import { sqliteArgs } from '../../scripts/services/temporal.ts';
import { withoutOwnSettings } from './system.ts';
import { connectTo } from '../../src/temporal/connection.ts';

/** Against hangs only. */
const readySeconds = 600;
const stopSeconds = 60;
const connectMilliseconds = 2_000;

/** A Temporal server of a test's own, which may take it away and give it back empty. */
export interface TemporalServer {
  readonly address: string;
  /** With what it knew, if it is not a wiped one. @param flags further ones for this time */
  start(...flags: string[]): Promise<void>;
  /** SIGKILL, by its pid. */
  kill(): Promise<void>;
  /** Kills it and removes all that it knows. */
  wipe(): Promise<void>;
  stop(): Promise<void>;
}

/** @param flags for `temporal server start-dev` */
export async function temporalServer(folder: string, flags: readonly string[] = []): Promise<TemporalServer> {
  const [port, uiPort] = [await freePort(), await freePort()];
  const address = `127.0.0.1:${String(port)}`;
  const data = path.join(folder, 'data');
  const database = path.join(data, 'temporal.sqlite');
  let child: Child | undefined;
  const kill = async () => {
    if (child === undefined) return;
    process.kill(child.pid, 'SIGKILL');
    await child.ended;
  };
  return {
    address,
    async start(...more) {
      await mkdir(data, { recursive: true });
      child = await startChild({
        name: 'The Temporal server of this test',
        command: process.env['TEST_TEMPORAL_CLI']!,
        args: [
          'server',
          'start-dev',
          '--ip=127.0.0.1',
          '--ui-ip=127.0.0.1',
          `--port=${String(port)}`,
          `--ui-port=${String(uiPort)}`,
          `--db-filename=${database}`,
          ...sqliteArgs,
          '--log-level=error',
          ...flags,
          ...more,
        ],
        env: withoutOwnSettings(process.env),
        logFile: path.join(folder, 'temporal.log'),
        stopSeconds,
        pidFile: path.join(folder, 'temporal.pid'),
        mark: database,
      });
      await waitUntilReady(child, { seconds: readySeconds, isReady: () => answers(address) });
    },
    kill,
    async wipe() {
      await kill();
      await rm(data, { recursive: true });
    },
    async stop() {
      await child?.stop();
    },
  };
}

async function answers(address: string): Promise<boolean> {
  const connection = await connectTo({ address, connectTimeout: connectMilliseconds }).catch(() => undefined);
  if (connection === undefined) return false;
  try {
    await connection.workflowService.describeNamespace({ namespace: 'default' });
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}
