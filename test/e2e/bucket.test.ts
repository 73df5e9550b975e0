import { copyFile, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  objectStoreProgram,
  startObjectStore,
  type ObjectStoreServer,
} from '../artifacts/objectStoreServer.ts';
import { System } from './system.ts';

const cycle = ['--from', '2026-10-16', '--to', '2026-10-31'] as const;
const golden = fileURLToPath(new URL('../golden/notes-2026-10-16/reportExport.csv', import.meta.url));

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

/** Two machines that share no folder: each worker has a scratch folder of its own, the client a third. */
describe.skipIf(objectStoreProgram === undefined)('with a bucket', () => {
  let store: ObjectStoreServer;
  let system: System;

  beforeAll(async () => {
    store = await startObjectStore();
    system = await System.start({
      portal: { delays: { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 }, data: { scale: 0.1 } },
      config: [[['portal', 'attempts'], 1]],
      environment: {
        EHR_ARTIFACTS: `s3://${store.bucket}/ehr`,
        EHR_INBOX: '',
        AWS_ENDPOINT_URL_S3: store.endpoint,
        AWS_ACCESS_KEY_ID: process.env['AWS_ACCESS_KEY_ID'],
        AWS_SECRET_ACCESS_KEY: process.env['AWS_SECRET_ACCESS_KEY'],
      },
    });
    system.environment['EHR_SCRATCH'] = path.join(system.folder, 'of-the-client');
  });
  afterAll(async () => {
    await system.stop();
    await store.stop();
  });

  function scratchOf(machine: string): NodeJS.ProcessEnv {
    return { EHR_SCRATCH: path.join(system.folder, machine) };
  }

  test('a run of the portal on one machine, a file by hand and a failure on another, all files in the bucket', async () => {
    const first = await system.startWorker(scratchOf('first'));
    await system.run('run', 'notes', ...cycle);
    expect(await first.stop()).toBe(0);

    await system.startWorker(scratchOf('second'));
    const byHand = path.join(system.folder, 'saved by hand', 'notes.csv');
    await mkdir(path.dirname(byHand));
    await copyFile(golden, byHand);
    const handedIn = await system.tryRun('run', 'notes', ...cycle, '--file', byHand, '--json');
    expect(handedIn.stdout).toMatch(/"outcome":\s*"(published|held)"/);
    expect(await filesIn(path.join(store.folder, 'ehr/inbox'))).toEqual([]);
    // The client reads the files of that run itself.
    const preview = await system.tryRun('preview', 'notes', ...cycle, '--file', byHand);
    expect(preview.stdout).toContain('481 added, 51 removed');

    system.portal.settings.faults.http500Always = 'export';
    expect(
      (await system.tryRun('run', 'utilization', '--from', '2026-09-01', '--to', '2026-09-30')).code,
    ).not.toBe(0);
    expect(await filesIn(path.join(store.folder, 'ehr/evidence'))).toEqual(
      expect.arrayContaining(['outline.txt', 'screenshot.png', 'step.json']),
    );

    // The session of the first run is over, and nothing under way is left on any machine.
    for (const machine of ['first', 'second', 'of-the-client']) {
      await expect.poll(() => filesIn(path.join(system.folder, machine)), { timeout: 300_000 }).toEqual([]);
    }
  });
});
