import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFolderPlace, createFolderStore } from '../../src/artifacts/folderStore.ts';
import { keysOfSample } from '../../src/artifacts/keysOfFiles.ts';
import type { ArtifactRef, ArtifactStore } from '../../src/domain/artifacts.ts';
import { dataKey, keyIdIn, sealWhole } from '../../src/artifacts/seal.ts';
import { place, read, reseal, rowsText, storeContract, write } from './storeContract.ts';

const mayMount = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()]).status === 0;

function newFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'ehr-store-'));
}

function pathOf(root: string, ref: ArtifactRef): string {
  return path.join(root, ref.uri.replace('artifact:', ''));
}

describe('a folder', () => {
  storeContract(async () => {
    const folder = await newFolder();
    return {
      open: (keys) => createFolderStore(folder, keys),
      keptAt: createFolderPlace(folder, path.join(folder, 'inbox')),
      kept: (ref) => readFile(pathOf(folder, ref)),
      replace: (ref, bytes) => writeFile(pathOf(folder, ref), bytes),
      remove: (ref) => rm(pathOf(folder, ref), { force: true }),
      files: async () => {
        const entries = await readdir(folder, { recursive: true, withFileTypes: true });
        return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
      },
      close: () => rm(folder, { recursive: true, force: true }),
    };
  });
});

let root: string;
let store: ArtifactStore;

beforeEach(async () => {
  root = await newFolder();
  store = createFolderStore(root);
});
afterEach(() => rm(root, { recursive: true, force: true }));

test('only their owner can read the files', async () => {
  const { mode } = await stat(pathOf(root, await write(store)));
  expect(mode & 0o077).toBe(0);
});

test('a whole folder that is gone is a lost file', async () => {
  const ref = await write(store);
  await rm(path.join(root, 'notes'), { recursive: true });
  await expect(read(store, ref)).rejects.toMatchObject({ type: 'ArtifactMissing' });
});

async function put(file: string, bytes: Buffer): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, bytes);
}

test('evidence and our copies in the inbox get the new key; what others put there stays plain', async () => {
  const [old, newest] = [dataKey(Buffer.alloc(32, 1)), dataKey(Buffer.alloc(32, 2))];
  const inbox = path.join(root, 'elsewhere');
  const sealed = (name: string) => sealWhole(old, name, Buffer.from(rowsText));
  const files = {
    'evidence/notes-1/page.txt': path.join(root, 'evidence/notes-1/page.txt'),
    'inbox/handed-in/a.csv': path.join(inbox, 'handed-in/a.csv'),
    'inbox/sources/office/b-1.csv': path.join(inbox, 'sources/office/b-1.csv'),
  };
  for (const [name, file] of Object.entries(files)) await put(file, sealed(name));
  await put(path.join(root, 'evidence/notes-1/old.txt'), Buffer.from(rowsText));
  await put(path.join(inbox, 'handed-in/plain.csv'), Buffer.from(rowsText));
  await put(path.join(inbox, 'theirs.csv'), Buffer.from(rowsText));
  await put(path.join(root, 'scratch/compare-1/part'), sealed('part'));
  await put(path.join(root, 'evidence/notes-1/.half.part'), sealed('half').subarray(0, 60));

  const done = await reseal(createFolderPlace(root, inbox), [newest, old]);
  expect(done).toEqual({ resealed: 4, already: 1, notOpened: [] });
  for (const file of [...Object.values(files), path.join(root, 'evidence/notes-1/old.txt')]) {
    expect(keyIdIn(await readFile(file))).toBe(newest.id);
  }
  for (const name of ['handed-in/plain.csv', 'theirs.csv']) {
    expect(await readFile(path.join(inbox, name), 'utf8')).toBe(rowsText);
  }
  expect(keyIdIn(await readFile(path.join(root, 'scratch/compare-1/part')))).toBe(old.id);
});

test('a sample of the kept files says which keys they need', async () => {
  const [old, newest] = [dataKey(Buffer.alloc(32, 1)), dataKey(Buffer.alloc(32, 2))];
  await write(createFolderStore(root, [old]), 'of the old key\n');
  await write(createFolderStore(root, [newest]), 'of the new key\n');
  await write(createFolderStore(root), rowsText.repeat(3));
  const keys = await keysOfSample([createFolderPlace(root, path.join(root, 'inbox'))]);
  expect(keys).toHaveLength(3);
  expect(new Set(keys)).toEqual(new Set([old.id, newest.id, undefined]));
});

describe('a folder that cannot be used is ArtifactStoreUnavailable, with what to look at', () => {
  test('a folder that is a file', async () => {
    await writeFile(path.join(root, 'notes'), '');
    await expect(store.create(place)).rejects.toMatchObject({
      type: 'ArtifactStoreUnavailable',
      hint: expect.stringContaining('EHR_ARTIFACTS') as string,
      details: { code: expect.stringMatching(/^E(NOTDIR|EXIST)$/) as string },
    });
  });

  test('reading where a folder has become a file', async () => {
    const ref = await write(store);
    await rm(path.join(root, 'notes'), { recursive: true });
    await writeFile(path.join(root, 'notes'), '');
    await expect(read(store, ref)).rejects.toMatchObject({ type: 'ArtifactStoreUnavailable' });
  });

  // A file system of its own needs root and the right to mount, which a container may not have.
  test.runIf(mayMount)('a folder that may not be written, not even by root', async () => {
    await withMount('ro', async (folder) => {
      await expect(createFolderStore(folder).create(place)).rejects.toMatchObject({
        type: 'ArtifactStoreUnavailable',
        details: { code: expect.stringMatching(/^E[A-Z]+$/) as string },
      });
    });
  });

  test.runIf(mayMount)('a full disk, which the hint calls by name; and there is room again', async () => {
    await withMount('size=64k', async (folder) => {
      store = createFolderStore(folder);
      const full = await store.create(place);
      const writing = async () => {
        await full.add('x'.repeat(300_000));
        await full.commit(1);
      };
      await expect(writing()).rejects.toMatchObject({
        type: 'ArtifactStoreUnavailable',
        message: expect.stringContaining('ENOSPC') as string,
        hint: expect.stringContaining('disk is full') as string,
      });
      await full.discard();
      expect(await read(store, await write(store))).toBe(rowsText);
    });
  });
});

async function withMount(options: string, work: (folder: string) => Promise<void>): Promise<void> {
  const folder = path.join(root, 'mounted');
  await mkdir(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  try {
    await work(folder);
  } finally {
    // A file that was read is closed a moment later.
    execFileSync('umount', ['--lazy', folder]);
  }
}
