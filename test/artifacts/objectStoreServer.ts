import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { vi } from 'vitest';
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

/** A real S3 server on this machine with an empty bucket; its credentials are put into this process's environment. */
export async function startObjectStore(): Promise<ObjectStoreServer> {
  const root = await mkdtemp(path.join(tmpdir(), 'ehr-objects-'));
  const folder = path.join(root, bucket);
  await mkdir(folder);
  const port = await freePort();
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'an-invented-id',
    AWS_SECRET_ACCESS_KEY: 'an-invented-secret',
  });
  const server = spawn(
    objectStoreProgram!,
    [
      '--access',
      'an-invented-id',
      '--secret',
      'an-invented-secret',
      '--port',
      `127.0.0.1:${String(port)}`,
      '--quiet',
      'posix',
      root,
    ],
    { stdio: 'ignore' },
  );
  const endpoint = `http://127.0.0.1:${String(port)}`;
  await vi.waitFor(() => fetch(endpoint), { timeout: 300_000, interval: 100 });
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
