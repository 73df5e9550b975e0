import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { removeAbandoned } from '../../src/artifacts/abandoned.ts';
import { removeAbandonedCopies } from '../../src/artifacts/inboxCopies.ts';

test('what has lain for a day is removed, files and folders alike, and nothing younger', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'downloads-test-'));
  const now = new Date('2026-10-02T12:00:00Z');
  const yesterday = new Date('2026-10-01T11:59:00Z');
  const thisMorning = new Date('2026-10-02T03:30:00Z');
  await writeFile(path.join(folder, 'old'), 'CSV');
  await writeFile(path.join(folder, 'young'), 'CSV');
  await mkdir(path.join(folder, 'attempt-old'));
  await writeFile(path.join(folder, 'attempt-old', 'export.csv'), 'CSV');
  await mkdir(path.join(folder, 'attempt-young'));
  for (const name of ['old', 'attempt-old']) await utimes(path.join(folder, name), yesterday, yesterday);
  for (const name of ['young', 'attempt-young'])
    await utimes(path.join(folder, name), thisMorning, thisMorning);

  await removeAbandoned(folder, { now });
  expect((await readdir(folder)).toSorted()).toEqual(['attempt-young', 'young']);
  await rm(folder, { recursive: true, force: true });
});

test('so are the copies of files from any source, configured or not', async () => {
  const inbox = await mkdtemp(path.join(tmpdir(), 'inbox-test-'));
  await removeAbandonedCopies(inbox);
  const now = new Date('2026-10-02T12:00:00Z');
  for (const [name, written] of [
    ['gone/old.csv', '2026-10-01T11:59:00Z'],
    ['vendor/young.csv', '2026-10-02T03:30:00Z'],
  ] as const) {
    const file = path.join(inbox, 'sources', name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, 'CSV');
    await utimes(file, new Date(written), new Date(written));
  }
  await removeAbandonedCopies(inbox, now);
  expect(await readdir(path.join(inbox, 'sources', 'gone'))).toEqual([]);
  expect(await readdir(path.join(inbox, 'sources', 'vendor'))).toEqual(['young.csv']);
  await rm(inbox, { recursive: true, force: true });
});
