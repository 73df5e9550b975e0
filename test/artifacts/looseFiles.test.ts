import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { evidenceInFolder, leftoversInFolder } from '../../src/artifacts/looseFiles.ts';
import { SpooledFile } from '../../src/artifacts/spool.ts';
import type { LooseFiles } from '../../src/domain/fileRetention.ts';

const now = new Date('2026-11-27T12:00:00Z');
let root: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'ehr-loose-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function leave(name: string, age: { readonly days: number } = { days: 0 }): Promise<void> {
  const file = path.join(root, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, 'four');
  await passDays(file, age.days);
}

async function passDays(file: string, days: number): Promise<void> {
  const then = new Date(now.getTime() - days * 86_400_000);
  await utimes(file, then, then);
}

async function left(): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((file) => path.relative(root, path.join(file.parentPath, file.name))).sort();
}

/** Removes the old ones, and returns how many bytes went. */
async function removeOld(files: LooseFiles, days: number): Promise<number> {
  let bytes = 0;
  for await (const page of files.old({ days, now })) {
    for (const file of page) {
      bytes += file.bytes;
      await file.remove();
    }
  }
  return bytes;
}

describe('evidence', () => {
  test('goes by the moment in the name of its folder, with the folder', async () => {
    // Sealed again a day ago.
    await leave('evidence/notes-2026-10-01..2026-10-15-20261027t115959z-0a1b2c/step.json', { days: 1 });
    await leave('evidence/notes-2026-10-01..2026-10-15-20261027t115959z-0a1b2c/outline.txt', { days: 1 });
    await leave('evidence/notes-2026-10-01..2026-10-15-20261028t120001z-0a1b2c/step.json', { days: 300 });
    await leave('evidence/of-somebody-else/note.txt', { days: 300 });
    await leave('notes/2026-10-01..2026-10-15/run/clean-0123456789ab-rows.tsv', { days: 300 });
    expect(await removeOld(evidenceInFolder(root), 30)).toBe(8);
    expect(await left()).toEqual([
      'evidence/notes-2026-10-01..2026-10-15-20261028t120001z-0a1b2c/step.json',
      'evidence/of-somebody-else/note.txt',
      'notes/2026-10-01..2026-10-15/run/clean-0123456789ab-rows.tsv',
    ]);
    expect(await readdir(path.join(root, 'evidence'))).toHaveLength(2);
  });

  test('need not be there', async () => {
    expect(await removeOld(evidenceInFolder(root), 30)).toBe(0);
    expect(await removeOld(evidenceInFolder(path.join(root, 'absent')), 30)).toBe(0);
  });

  test('that cannot be read is a failure of the store', async () => {
    await writeFile(path.join(root, 'evidence'), 'no folder');
    await expect(removeOld(evidenceInFolder(root), 30)).rejects.toMatchObject({
      type: 'ArtifactStoreUnavailable',
    });
  });
});

describe('leftovers of writes that broke off', () => {
  const run = 'notes/2026-10-01..2026-10-15/0197f3c2-5a1e-7c44-9d2b-6f0a1b2c3d4e';

  test('go when no step can be writing them any more, and no other file does', async () => {
    const brokenOff = await SpooledFile.create(path.join(root, run), 'clean-rows.tsv');
    await brokenOff.finish();
    await passDays(brokenOff.path, 1.1);
    const underWay = await SpooledFile.create(path.join(root, run), 'clean-rows.tsv');
    await underWay.finish();
    await passDays(underWay.path, 0.9);
    await leave(`${run}/clean-0123456789ab-rows.tsv`, { days: 300 });
    await leave(`${run}/.hidden`, { days: 300 });
    await leave('evidence/a-folder/.rekey.0123456789ab.part', { days: 300 });
    expect(await removeOld(leftoversInFolder(root), 1)).toBe(4);
    expect(await left()).toEqual(
      [path.relative(root, underWay.path), `${run}/.hidden`, `${run}/clean-0123456789ab-rows.tsv`].sort(),
    );
  });
});
