import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFolderStore } from '../../src/artifacts/folderStore.ts';
import type { ArtifactRef, ArtifactStore } from '../../src/domain/artifacts.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import type { RunIdentity } from '../../src/domain/runIdentity.ts';

const run: RunIdentity = {
  runId: '6f4c1c1e-0000-4000-8000-000000000001',
  workflowId: 'notes:2026-10-16..2026-10-31',
  report: 'notes',
  period: { from: '2026-10-16' as IsoDate, to: '2026-10-31' as IsoDate },
  source: 'file',
  startedAt: '2026-11-01T08:30:00.000Z',
};
const place = { run, step: 'clean', file: 'rows.tsv' } as const;
const rowsText = '2\tSMITH, JOHN\n3\tNÚÑEZ, INÉS\n';

const mayMount = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()]).status === 0;

let root: string;
let store: ArtifactStore;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'ehr-store-'));
  store = createFolderStore(root);
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function write(text: string | Buffer = rowsText, rows = 2): Promise<ArtifactRef> {
  const sink = await store.create(place);
  await sink.add(text);
  return sink.commit(rows);
}

async function read(ref: ArtifactRef): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of await store.open(ref)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function pathOf(ref: ArtifactRef): string {
  return path.join(root, ref.uri.replace('artifact:', ''));
}

async function filesLeft(): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

describe('what was written is read', () => {
  test('the same bytes, described by their reference', async () => {
    const ref = await write();
    expect(ref).toEqual({
      uri: expect.stringMatching(
        /^artifact:notes\/2026-10-16\.\.2026-10-31\/6f4c1c1e-[\w-]+\/clean-[0-9a-f]{12}-rows\.tsv$/,
      ) as string,
      sha256: createHash('sha256').update(rowsText).digest('hex'),
      bytes: Buffer.byteLength(rowsText),
      rows: 2,
    });
    expect(await read(ref)).toBe(rowsText);
  });

  test('an empty file', async () => {
    expect(await read(await write('', 0))).toBe('');
  });

  test('more than goes to the disk at once, in the order it came', async () => {
    const lines = Array.from({ length: 40_000 }, (_, line) => `${String(line)}\tÉÉÉÉÉÉ\n`);
    const sink = await store.create(place);
    for (const line of lines) await sink.add(line);
    const ref = await sink.commit(lines.length);
    expect(await read(ref)).toBe(lines.join(''));
    expect(ref.bytes).toBe(Buffer.byteLength(lines.join('')));
  });

  test('by its owner only', async () => {
    const { mode } = await stat(pathOf(await write()));
    expect(mode & 0o077).toBe(0);
  });
});

describe('what is not as it was made is ArtifactMissing, naming the step that makes it', () => {
  const losses: readonly { title: string; lose: (file: string) => Promise<void>; says: RegExp }[] = [
    { title: 'a file that is gone', lose: (file) => rm(file), says: /clean made is not there/ },
    { title: 'a file cut short', lose: (file) => truncate(file, 5), says: /another size/ },
    { title: 'a file that grew', lose: (file) => writeFile(file, 'x', { flag: 'a' }), says: /another size/ },
    {
      title: 'a file of the same size with another byte',
      lose: async (file) => writeFile(file, (await readFile(file, 'utf8')).replace('JOHN', 'JOAN')),
      says: /other bytes/,
    },
  ];

  test.each(losses)('$title', async ({ lose, says }) => {
    const ref = await write();
    await lose(pathOf(ref));
    await expect(read(ref)).rejects.toMatchObject({
      type: 'ArtifactMissing',
      message: expect.stringMatching(says) as string,
      details: { uri: ref.uri, madeBy: 'clean' },
    });
  });

  test('its whole folder', async () => {
    const ref = await write();
    await rm(path.join(root, 'notes'), { recursive: true });
    await expect(read(ref)).rejects.toMatchObject({ type: 'ArtifactMissing' });
  });
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
    const ref = await write();
    await rm(path.join(root, 'notes'), { recursive: true });
    await writeFile(path.join(root, 'notes'), '');
    await expect(read(ref)).rejects.toMatchObject({ type: 'ArtifactStoreUnavailable' });
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
      expect(await read(await write())).toBe(rowsText);
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
    execFileSync('umount', [folder]);
  }
}

describe('an attempt that fails or comes late', () => {
  test('leaves nothing behind when discarded, also twice', async () => {
    const sink = await store.create(place);
    await sink.add(rowsText);
    await sink.discard();
    await sink.discard();
    expect(await filesLeft()).toEqual([]);
  });

  test('shows no file before it is whole', async () => {
    const sink = await store.create(place);
    await sink.add(rowsText);
    expect((await filesLeft()).filter((name) => !name.endsWith('.part'))).toEqual([]);
    await sink.discard();
  });

  test('never changes what another attempt made, whatever it writes', async () => {
    const late = await store.create(place);
    await late.add('2\tSMITH, JOAN\n');
    const first = await write();
    const second = await late.commit(1);
    expect(second.uri).not.toBe(first.uri);
    expect(await read(first)).toBe(rowsText);
    expect(await read(second)).toBe('2\tSMITH, JOAN\n');
  });

  test('that made the same bytes has the same reference', async () => {
    const [first, second] = await Promise.all([write(), write()]);
    expect(second).toEqual(first);
    expect(await filesLeft()).toHaveLength(1);
  });
});

describe('a reference that no store of ours made is refused', () => {
  const uris = [
    'artifact:../../etc/passwd',
    'artifact:notes/2026-10-16..2026-10-31/../../../clean-0123456789ab-rows.tsv',
    'artifact:notes/2026-10-16..2026-10-31/run/clean-0123456789ab-../x',
    'artifact:/etc/clean-0123456789ab-rows.tsv',
    'artifact:notes/2026-10-16..2026-10-31/run/clean-0123456789ab-rows.tsv\0',
    'artifact:notes/2026-10-16..2026-10-31/run/clean-0123456789ab-rows.tsv\n',
    'file:///etc/passwd',
    's3://bucket/notes/2026-10-16..2026-10-31/run/clean-0123456789ab-rows.tsv',
    '',
  ];

  test.each(uris)('%j', async (uri) => {
    const ref = { uri, sha256: '0'.repeat(64), bytes: 0, rows: 0 };
    await expect(store.open(ref)).rejects.toMatchObject({ type: 'InvalidInput' });
  });
});
