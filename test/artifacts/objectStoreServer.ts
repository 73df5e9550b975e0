import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../scripts/services/ports.ts';

/** Undefined where the set-up found none; where CI=true, it fails then. */
export const objectStoreProgram = process.env['TEST_OBJECT_STORE'];

export interface ObjectStoreServer {
  readonly endpoint: string;
  readonly bucket: string;
  /** Where the server keeps the bucket's objects, as files. */
  readonly folder: string;
  stop(): Promise<void>;
}

const bucket = 'agency';

/** Against hangs only. */
const readySeconds = 300;

export interface ObjectStoreOptions {
  /** Where the server listens. Default: the loopback. */
  readonly host?: string;
  /** Files of a certificate, without which the server speaks plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Path of the program. Default: the one that the set-up of the tests found. */
  readonly program?: string;
}

/** A real S3 server on this machine with an empty bucket; its credentials are put into this process's environment. */
export async function startObjectStore(options: ObjectStoreOptions = {}): Promise<ObjectStoreServer> {
  const { host = '127.0.0.1', tls, program = objectStoreProgram! } = options;
  const root = await mkdtemp(path.join(tmpdir(), 'ehr-objects-'));
  const folder = path.join(root, bucket);
  await mkdir(folder);
  const port = await freePort();
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'an-invented-id',
    AWS_SECRET_ACCESS_KEY: 'an-invented-secret',
  });
  const server = spawn(
    program,
    [
      '--access',
      'an-invented-id',
      '--secret',
      'an-invented-secret',
      '--port',
      `${host}:${String(port)}`,
      ...(tls === undefined ? [] : ['--cert', tls.cert, '--key', tls.key]),
      '--quiet',
      'posix',
      root,
    ],
    { stdio: 'ignore' },
  );
  const endpoint = `${tls === undefined ? 'http' : 'https'}://${host}:${String(port)}`;
  await untilListening(port, host);
  return {
    endpoint,
    bucket,
    folder,
    stop: async () => {
      if (server.exitCode === null) {
        server.kill('SIGKILL');
        await once(server, 'exit');
      }
      await rm(root, { recursive: true, force: true });
    },
  };
}

async function untilListening(port: number, host: string): Promise<void> {
  const deadline = Date.now() + readySeconds * 1000;
  for (;;) {
    const socket = connect(port, host);
    try {
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(100);
    } finally {
      socket.destroy();
    }
  }
}
