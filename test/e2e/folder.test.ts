import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataKey, keyIdIn } from '../../src/artifacts/seal.ts';
import { exitCodes } from '../../src/cli/exitCodes.ts';
import { filesAt, golden, killedWhileDownloading, namingSomebody } from './plainNames.ts';
import { System } from './system.ts';

const cycle = ['--from', '2026-10-16', '--to', '2026-10-31'] as const;
const [old, newest] = [7, 8].map((byte) => Buffer.alloc(32, byte).toString('base64')) as [string, string];
const idOf = (key: string) => dataKey(Buffer.from(key, 'base64')).id;

describe('with a folder and a data key', () => {
  let system: System;
  let downloads: string;
  let artifacts: string;

  beforeAll(async () => {
    downloads = await mkdtemp(path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'ehr-downloads-'));
    system = await System.start({
      sharedClient: true,
      portal: { delays: { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 }, data: { scale: 0.1 } },
      config: [[['portal', 'attempts'], 1]],
      environment: { EHR_DATA_KEY: old, EHR_DOWNLOADS: downloads },
    });
    artifacts = system.environment['EHR_ARTIFACTS']!;
  });
  afterAll(async () => {
    await system.stop();
    await rm(downloads, { recursive: true, force: true });
  });

  const keysOfFiles = async () => {
    const files = (await filesAt(artifacts)).filter((file) => !path.basename(file).startsWith('.'));
    return new Set(await Promise.all(files.map(async (file) => keyIdIn(await readFile(file)))));
  };

  test('no name is on the disk in plain text after a success, a hold, a failure and a kill', async () => {
    const worker = await system.startWorker();
    await system.run('run', 'notes', ...cycle);
    // Ten times as many rows: a gate holds them.
    const held = await system.tryRun('run', 'notes', ...cycle, '--file', golden, '--json');
    expect(held.stdout).toMatch(/"outcome":\s*"held"/);
    system.portal.settings.faults.http500Always = 'export';
    const month = ['--from', '2026-09-01', '--to', '2026-09-30'];
    expect((await system.tryRun('run', 'utilization', ...month)).code).not.toBe(0);
    system.portal.settings.faults.http500Always = false;
    await worker.stop();
    expect((await filesAt(path.join(artifacts, 'evidence'))).length).toBeGreaterThan(1);

    const secret = await killedWhileDownloading(system, { downloads });
    expect((await filesAt(artifacts)).length).toBeGreaterThan(10);
    expect(await namingSomebody([artifacts, path.join(system.folder, 'tmp')], secret)).toEqual([]);
    expect(await keysOfFiles()).toEqual(new Set([idOf(old)]));
  });

  test('every file gets the newest data key, and the old one can go', async () => {
    system.environment['EHR_DATA_KEY'] = `${newest} ${old}`;
    expect(await system.run('rekey', 'data')).toContain(`sealed with the data key ${idOf(newest)}`);
    expect(await keysOfFiles()).toEqual(new Set([idOf(newest)]));
    system.environment['EHR_DATA_KEY'] = newest;
    const exported = (await filesAt(path.join(artifacts, 'notes'))).find((file) =>
      /loginAndDownload-.*export\.csv$/.test(file),
    );
    const opened = await system.run('artifact', 'open', `artifact:${path.relative(artifacts, exported!)}`);
    expect(opened).toContain('Client,Caregiver');
    const events = await system.query("SELECT details FROM audit_event WHERE action = 'rekey'");
    expect(events.map(({ details }) => JSON.parse(String(details)) as unknown)).toEqual([
      { what: 'data', key: idOf(newest), stage: 'begun' },
      expect.objectContaining({ what: 'data', stage: 'done', already: 0, notOpened: 0 }),
    ]);
  });

  test('people get a new name key, and a run of the same export changes nothing', async () => {
    const former = path.join(system.folder, 'former-name-key');
    await writeFile(former, system.environment['EHR_NAME_KEY']!);
    const shown = await system.query('SELECT run_id FROM published_period WHERE run_id IS NOT NULL');
    expect(shown).toHaveLength(1);
    system.environment['EHR_NAME_KEY'] = 'another invented key for the tests, 0123456789';
    expect(await system.run('rekey', 'names', '--former-key-file', former)).toContain(
      '1 periods have the keys',
    );
    await system.startWorker();
    expect(await system.run('run', 'notes', ...cycle, '--json')).toMatch(/"outcome":\s*"unchanged"/);

    system.environment['EHR_NAME_KEY'] = 'a third invented key for the tests, 0123456789';
    const wrong = await system.tryRun('rekey', 'names', '--former-key-file', golden);
    expect(wrong).toMatchObject({
      code: exitCodes.wrongCall,
      stderr: expect.stringContaining('the tables were loaded with another key') as string,
    });
  });
});
