import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { tidyLeftBehindUntil } from '../../src/wiring/leftBehind.ts';
import { openStores } from '../../src/wiring/openStores.ts';

const hour = 3_600_000;
const leftAt = new Date('2026-11-16T08:30:00Z');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ehr-left-'));
  vi.useFakeTimers({ now: leftAt, toFake: ['Date'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true, force: true });
});

async function leave(name: string): Promise<void> {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, 'CSV');
  for (const each of [file, path.dirname(file)]) await utimes(each, leftAt, leftAt);
}

async function files(): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

test('a worker that stays up removes what another left, a day after it was left', async () => {
  const names = [
    'memory/attempt/export.csv',
    'scratch/step/part',
    'spool/.handed-in.0123456789ab.part',
    'inbox/handed-in/0123456789abcdef.csv',
    'inbox/sources/vendor/0123456789abcdef-1700000000000.csv',
  ];
  for (const name of names) await leave(name);
  await leave('inbox/of-a-person.csv');
  const env = { EHR_ARTIFACTS: folder, EHR_DOWNLOADS: path.join(folder, 'memory') };
  const stores = openStores({ folder, inbox: path.join(folder, 'inbox'), env });

  const ended = new AbortController();
  const after: Record<number, number> = {};
  // An hour takes no time here.
  const pause = async (milliseconds: number) => {
    after[(Date.now() - leftAt.getTime()) / hour] = (await files()).length;
    vi.setSystemTime(Date.now() + milliseconds);
    if (Date.now() > leftAt.getTime() + 97 * hour) ended.abort();
  };
  vi.setSystemTime(leftAt.getTime() + hour);
  await tidyLeftBehindUntil(stores, ended.signal, pause);
  // What was handed in waits for its run, which may wait for a worker.
  expect(after).toMatchObject({ 1: 6, 24: 6, 25: 2, 96: 2, 97: 1 });
  expect(await files()).toEqual(['of-a-person.csv']);
});

test('goes on where a folder for downloads cannot be its own', async () => {
  const downloads = path.join(folder, 'memory');
  await leave('spool/.handed-in.0123456789ab.part');
  await writeFile(downloads, 'no folder');
  const env = { EHR_ARTIFACTS: folder, EHR_DOWNLOADS: downloads };
  vi.setSystemTime(leftAt.getTime() + 25 * hour);
  await openStores({ folder, inbox: path.join(folder, 'inbox'), env }).tidyLeftBehind();
  expect(await files()).toEqual(['memory']);
});
