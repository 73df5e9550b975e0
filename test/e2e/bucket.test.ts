import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  objectStoreProgram,
  startObjectStore,
  type ObjectStoreServer,
} from '../artifacts/objectStoreServer.ts';
import { keyIdIn } from '../../src/artifacts/seal.ts';
import { filesAt, golden, killedWhileDownloading, namingSomebody } from './plainNames.ts';
import { System } from './system.ts';

const cycle = ['--from', '2026-10-16', '--to', '2026-10-31'] as const;

async function filesIn(folder: string): Promise<string[]> {
  return (await filesAt(folder)).map((file) => path.basename(file));
}

/** Two machines that share no folder: each worker has a scratch folder of its own, the client a third. */
describe.skipIf(objectStoreProgram === undefined)('with a bucket and a data key', () => {
  let store: ObjectStoreServer;
  let system: System;
  let downloads: string;

  beforeAll(async () => {
    store = await startObjectStore();
    downloads = await mkdtemp(path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'ehr-downloads-'));
    system = await System.start({
      sharedClient: true,
      portal: { delays: { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 }, data: { scale: 0.1 } },
      config: [[['portal', 'attempts'], 1]],
      environment: {
        EHR_ARTIFACTS: `s3://${store.bucket}/ehr`,
        EHR_INBOX: '',
        EHR_DATA_KEY: Buffer.alloc(32, 7).toString('base64'),
        EHR_DOWNLOADS: downloads,
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
    await rm(downloads, { recursive: true, force: true });
  });

  function scratchOf(machine: string): NodeJS.ProcessEnv {
    return { EHR_SCRATCH: path.join(system.folder, machine) };
  }

  test('a run of the portal on one machine, a file by hand and a failure on another, all files sealed in the bucket', async () => {
    const first = await system.startWorker(scratchOf('first'));
    await system.run('run', 'notes', ...cycle);
    expect(await first.stop()).toBe(0);

    const second = await system.startWorker(scratchOf('second'));
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

    const evidence = (await filesAt(path.join(store.folder, 'ehr/evidence'))).find((file) =>
      file.endsWith('step.json'),
    );
    expect(keyIdIn(await readFile(evidence!))).toBeDefined();
    const named = path.relative(path.join(store.folder, 'ehr'), evidence!);
    const step = await system.run('artifact', 'open', named);
    expect(JSON.parse(step)).toMatchObject({ report: 'utilization', type: 'PortalUnavailable' });

    const exported = (await filesAt(path.join(store.folder, 'ehr/notes'))).find((file) =>
      /takeFile-.*export\.csv$/.test(file),
    );
    const uri = `artifact:${path.relative(path.join(store.folder, 'ehr'), exported!)}`;
    const out = path.join(system.folder, 'saved by hand', 'opened.csv');
    await system.run('artifact', 'open', uri, '--out', out, '--json');
    expect(await readFile(out)).toEqual(await readFile(golden));
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    const there = await system.tryRun('artifact', 'open', uri, '--out', out);
    expect(there).toMatchObject({
      stdout: '',
      stderr: expect.stringContaining('is there already') as string,
    });
    const events = await system.query("SELECT details FROM audit_event WHERE action = 'open-artifact'");
    expect(events.map(({ details }) => JSON.parse(String(details)) as unknown)).toEqual(
      [named, uri, uri].map((each) => ({ uri: each })),
    );

    // The session of the first run is over, and nothing under way is left on any machine.
    for (const machine of ['first', 'second', 'of-the-client']) {
      await expect.poll(() => filesIn(path.join(system.folder, machine)), { timeout: 300_000 }).toEqual([]);
    }
    await second.stop();

    system.portal.settings.faults.http500Always = false;
    const secret = await killedWhileDownloading(system, { downloads, worker: scratchOf('third') });
    const machines = ['first', 'second', 'third', 'of-the-client', 'tmp'].map((each) =>
      path.join(system.folder, each),
    );
    expect((await filesIn(store.folder)).length).toBeGreaterThan(10);
    expect(await namingSomebody([store.folder, ...machines], secret)).toEqual([]);
  });
});
