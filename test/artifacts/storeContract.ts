import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  resealFiles,
  type KeptPlace,
  type Resealed,
  type ResealingKeys,
} from '../../src/artifacts/resealing.ts';
import type { ArtifactRef, ArtifactStore, StoredFile } from '../../src/domain/artifacts.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import { artifactPurpose as purpose } from '../../src/artifacts/reference.ts';
import {
  dataKey,
  headerBytes,
  keyIdIn,
  sealedLength,
  sealWhole,
  type DataKeys,
} from '../../src/artifacts/seal.ts';
import type { RunIdentity } from '../../src/domain/runIdentity.ts';
import { randomFrom, type Random } from '../mutations/random.ts';

const run: RunIdentity = {
  runId: '6f4c1c1e-0000-4000-8000-000000000001',
  workflowId: 'notes:2026-10-16..2026-10-31',
  report: 'notes',
  period: { from: '2026-10-16' as IsoDate, to: '2026-10-31' as IsoDate },
  source: 'file',
  startedAt: '2026-11-01T08:30:00.000Z',
};
export const place = { run, step: 'clean', file: 'rows.tsv' } as const;
export const rowsText = '2\tSMITH, JOHN\n3\tNÚÑEZ, INÉS\n';

/** A store under test, and what a stranger could do to it. */
export interface StoreSite {
  /** Another one over the same files, with the given keys. */
  open(keys: DataKeys): ArtifactStore;
  /** The bytes that are kept for a reference. */
  kept(ref: ArtifactRef): Promise<Buffer>;
  /** Puts other bytes in their place, whatever they are. */
  replace(ref: ArtifactRef, bytes: Buffer): Promise<void>;
  remove(ref: ArtifactRef): Promise<void>;
  readonly keptAt: KeptPlace;
  /** Names of all files, whole or in the making. */
  files(): Promise<string[]>;
  close(): Promise<void>;
}

export async function write(store: ArtifactStore, text: string | Buffer = rowsText, rows = 2) {
  const sink = await store.create(place);
  await sink.add(text);
  return sink.commit(rows);
}

export async function read(store: ArtifactStore, ref: ArtifactRef): Promise<string> {
  return textOf(await store.open(ref));
}

/** Reads once the whole file has come, or its failure. */
export async function readLate(store: ArtifactStore, ref: ArtifactRef): Promise<string> {
  const opened = await store.open(ref);
  await new Promise((resolve) => opened.on('close', resolve));
  return textOf(opened);
}

/** The errors that nobody listened for, each of which would end a worker. */
export async function uncaughtDuring(work: () => Promise<void>): Promise<unknown[]> {
  const uncaught: unknown[] = [];
  const note = (error: unknown) => uncaught.push(error);
  process.on('uncaughtException', note);
  try {
    await work();
  } finally {
    process.off('uncaughtException', note);
  }
  return uncaught;
}

async function textOf(opened: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of opened) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

const key = dataKey(Buffer.alloc(32, 1));
const newer = dataKey(Buffer.alloc(32, 2));

async function listed(store: ArtifactStore): Promise<string[]> {
  const uris: string[] = [];
  for await (const page of store.list()) uris.push(...page.map(({ uri }) => uri));
  return uris.sort();
}

/** Holds for every store of artifacts, whatever it is made of, with a data key and without. */
export function storeContract(openSite: () => Promise<StoreSite>, alteredFiles = 1000): void {
  describe('whose files are plain', () => {
    contract(openSite, []);
  });
  describe('whose files are sealed', () => {
    contract(openSite, [key]);
    sealedContract(openSite, alteredFiles);
  });
  describe('whose files get a new key', () => {
    resealingContract(openSite);
  });
}

function contract(openSite: () => Promise<StoreSite>, keys: DataKeys): void {
  let site: StoreSite;
  let store: ArtifactStore;
  beforeAll(async () => {
    site = await openSite();
    store = site.open(keys);
  });
  afterAll(() => site.close());

  describe('what was written is read', () => {
    test('the same bytes, described by their reference', async () => {
      const ref = await write(store);
      expect(ref).toEqual({
        uri: expect.stringMatching(
          /^artifact:notes\/2026-10-16\.\.2026-10-31\/6f4c1c1e-[\w-]+\/clean-[0-9a-f]{12}-rows\.tsv$/,
        ) as string,
        sha256: createHash('sha256').update(rowsText).digest('hex'),
        bytes: Buffer.byteLength(rowsText),
        rows: 2,
      });
      expect(await read(store, ref)).toBe(rowsText);
    });

    test('an empty file', async () => {
      expect(await read(store, await write(store, '', 0))).toBe('');
    });

    test('more than goes to the disk at once, in the order it came', async () => {
      const lines = Array.from({ length: 40_000 }, (_, line) => `${String(line)}\tÉÉÉÉÉÉ\n`);
      const sink = await store.create(place);
      for (const line of lines) await sink.add(line);
      const ref = await sink.commit(lines.length);
      expect(await read(store, ref)).toBe(lines.join(''));
      expect(ref.bytes).toBe(Buffer.byteLength(lines.join('')));
    });
  });

  describe('what is not as it was made is ArtifactMissing, naming the step that makes it', () => {
    const losses: readonly {
      title: string;
      lose: (ref: ArtifactRef) => Promise<void>;
      says: RegExp;
    }[] = [
      { title: 'a file that is gone', lose: (ref) => site.remove(ref), says: /clean made is not there/ },
      {
        title: 'a file cut short',
        lose: (ref) => site.replace(ref, Buffer.from(rowsText).subarray(0, 5)),
        says: /another size/,
      },
      {
        title: 'a file that grew',
        lose: (ref) => site.replace(ref, Buffer.from(`${rowsText}x`)),
        says: /another size/,
      },
      {
        title: 'a file of the same size with another byte',
        lose: (ref) => site.replace(ref, Buffer.from(rowsText.replace('JOHN', 'JOAN'))),
        says: /other bytes/,
      },
    ];

    test.each(losses)('$title', async ({ lose, says }) => {
      const ref = await write(store);
      await lose(ref);
      await expect(read(store, ref)).rejects.toMatchObject({
        type: 'ArtifactMissing',
        message: expect.stringMatching(says) as string,
        details: { uri: ref.uri, madeBy: 'clean' },
      });
      await site.remove(ref);
    });

    test('a file with another byte that is read only when all of it has come', async () => {
      const ref = await write(store);
      const kept = await site.kept(ref);
      kept[kept.length - 1]! ^= 1;
      await site.replace(ref, kept);
      const uncaught = await uncaughtDuring(async () => {
        await expect(readLate(store, ref)).rejects.toMatchObject({ type: 'ArtifactMissing' });
      });
      expect(uncaught).toEqual([]);
      await site.remove(ref);
    });
  });

  describe('an attempt that fails or comes late', () => {
    test('leaves nothing behind when discarded, also twice', async () => {
      const before = await site.files();
      const sink = await store.create(place);
      await sink.add(rowsText);
      await sink.discard();
      await sink.discard();
      expect(await site.files()).toEqual(before);
    });

    test('shows no file before it is whole', async () => {
      const before = await site.files();
      const sink = await store.create(place);
      await sink.add('of another run\n');
      expect((await site.files()).filter((name) => !name.endsWith('.part'))).toEqual(before);
      await sink.discard();
    });

    test('never changes what another attempt made, whatever it writes', async () => {
      const late = await store.create(place);
      await late.add('2\tSMITH, JOAN\n');
      const first = await write(store);
      const second = await late.commit(1);
      expect(second.uri).not.toBe(first.uri);
      expect(await read(store, first)).toBe(rowsText);
      expect(await read(store, second)).toBe('2\tSMITH, JOAN\n');
    });

    test('that made the same bytes has the same reference', async () => {
      const made = await write(store, 'made twice\n');
      const files = await site.files();
      const [first, second] = await Promise.all([write(store, 'made twice\n'), write(store, 'made twice\n')]);
      expect(first).toEqual(made);
      expect(second).toEqual(made);
      expect(await site.files()).toEqual(files);
    });
  });

  describe('what is there is listed, and goes for good', () => {
    test('a whole file, with its size and the time of its writing', async () => {
      const { uri } = await write(store, 'to be listed\n');
      const found: StoredFile[] = [];
      for await (const page of store.list()) found.push(...page.filter((file) => file.uri === uri));
      expect(found).toHaveLength(1);
      expect(found[0]!.bytes).toBeGreaterThanOrEqual(13);
      // The clock of a server of files may be another one.
      expect(Math.abs(found[0]!.writtenAt.getTime() - Date.now())).toBeLessThan(3_600_000);
    });

    test('not one that is being written', async () => {
      const before = await listed(store);
      const sink = await store.create(place);
      await sink.add('half of it');
      expect(await listed(store)).toEqual(before);
      await sink.discard();
    });

    test('a removed file is gone, others stay; removing it again is no failure', async () => {
      const stays = await write(store, 'stays\n');
      const goes = await write(store, 'goes\n');
      await store.remove(goes.uri);
      await store.remove(goes.uri);
      const uris = await listed(store);
      expect(uris).toContain(stays.uri);
      expect(uris).not.toContain(goes.uri);
      await expect(read(store, goes)).rejects.toMatchObject({ type: 'ArtifactMissing' });
    });

    test('nothing outside of the store can be removed', async () => {
      const strange = 'artifact:../../etc/passwd';
      await expect((async () => store.remove(strange))()).rejects.toMatchObject({ type: 'InvalidInput' });
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
}

function sealedContract(openSite: () => Promise<StoreSite>, alteredFiles: number): void {
  let site: StoreSite;
  let store: ArtifactStore;
  beforeAll(async () => {
    site = await openSite();
    store = site.open([key]);
  });
  afterAll(() => site.close());

  test('keeps no plain byte, and names the key', async () => {
    const ref = await write(store, rowsText.repeat(10_000));
    const kept = await site.kept(ref);
    expect(keyIdIn(kept)).toBe(key.id);
    expect(kept.length).toBe(sealedLength(ref.bytes));
    for (const plain of ['SMITH, ', 'NÚÑEZ, ']) expect(kept.includes(plain)).toBe(false);
    expect(await read(store, ref)).toBe(rowsText.repeat(10_000));
    await site.remove(ref);
  });

  test('opens what was kept before there was a key, and what an older key has sealed', async () => {
    const plain = await write(site.open([]), 'kept in plain text\n');
    expect(await read(store, plain)).toBe('kept in plain text\n');
    const sealed = await write(store, 'sealed\n');
    expect(await read(site.open([newer, key]), sealed)).toBe('sealed\n');
    expect(await write(site.open([newer, key]), 'sealed\n')).toEqual(sealed);
    for (const ref of [plain, sealed]) await site.remove(ref);
  });

  test.each([{ keys: [] }, { keys: [newer] }])(
    'is ArtifactMissing without the key: $keys.length others',
    async ({ keys }) => {
      const ref = await write(store, 'sealed\n');
      await expect(read(site.open(keys), ref)).rejects.toMatchObject({
        type: 'ArtifactMissing',
        message: expect.stringContaining(`data key ${key.id}`) as string,
        details: { uri: ref.uri, madeBy: 'clean' },
      });
      await site.remove(ref);
    },
  );

  test('notices each of many files that were flipped, cut, grown, reordered or swapped', async () => {
    const [ref, other] = [
      await write(store, rowsText.repeat(2_200)),
      await write(store, rowsText.replace('JOHN', 'JOAN').repeat(2_200)),
    ];
    expect(ref.bytes).toBe(other.bytes);
    const [good, strange] = [await site.kept(ref), await site.kept(other)];
    const random = randomFrom('sealed files');
    const passed: string[] = [];
    for (let round = 0; round < alteredFiles; round += 1) {
      const [kind, alter] = random.pick(alterations);
      await site.replace(ref, alter(Buffer.from(good), strange, random));
      const type = await read(store, ref).then(
        () => 'none',
        (error: { type?: string }) => error.type ?? 'untyped',
      );
      if (type !== 'ArtifactMissing') passed.push(`${String(round)} ${kind}: ${type}`);
    }
    expect(passed).toEqual([]);
    await site.replace(ref, good);
    expect(await read(store, ref)).toBe(rowsText.repeat(2_200));
    for (const each of [ref, other]) await site.remove(each);
  }, 300_000);
}

export async function reseal(kept: KeptPlace, keys: ResealingKeys): Promise<Resealed> {
  const all: Resealed = { resealed: 0, already: 0, notOpened: [] };
  for await (const { resealed, already, notOpened } of resealFiles(kept, keys)) {
    all.resealed += resealed;
    all.already += already;
    all.notOpened.push(...notOpened);
  }
  return all;
}

class Killed extends Error {}

/** Ends at its first file: before the new one takes the place of the old one, or after. */
function killedAtFirst(kept: KeptPlace, when: 'before' | 'after'): KeptPlace {
  return {
    ...kept,
    replace: async (name, file) => {
      if (when === 'after') await kept.replace(name, file);
      throw new Killed();
    },
  };
}

function resealingContract(openSite: () => Promise<StoreSite>): void {
  let site: StoreSite;
  let refs: ArtifactRef[];
  const texts = ['', 'short\n', rowsText.repeat(9_000), 'plain\n', 'sealed with the new key\n'];

  beforeAll(async () => {
    site = await openSite();
    for (const file of await filesOf(site.keptAt))
      await site.remove({ uri: `artifact:${file}` } as ArtifactRef);
    const [old, plain, renewed] = [site.open([key]), site.open([]), site.open([newer, key])];
    const stores = [old, old, old, plain, renewed];
    refs = [];
    for (const [index, store] of stores.entries()) refs.push(await write(store, texts[index]));
  });
  afterAll(() => site.close());

  const readAll = (keys: DataKeys) => Promise.all(refs.map((ref) => read(site.open(keys), ref)));

  test('nothing is lost wherever it stops, the last call completes, and the old key can go', async () => {
    const files = await site.files();
    for (let file = 0; file < 4; file += 1) {
      for (const when of ['before', 'after'] as const) {
        await expect(reseal(killedAtFirst(site.keptAt, when), [newer, key])).rejects.toThrow(Killed);
        expect(await readAll([newer, key])).toEqual(texts);
      }
    }
    expect(await reseal(site.keptAt, [newer, key])).toEqual({ resealed: 0, already: 5, notOpened: [] });
    expect(await readAll([newer])).toEqual(texts);
    expect(await site.files()).toEqual(files);
  });

  test('the files that were not stopped at are sealed in one call', async () => {
    const third = dataKey(Buffer.alloc(32, 3));
    expect(await reseal(site.keptAt, [third, newer])).toEqual({ resealed: 5, already: 0, notOpened: [] });
    expect(await readAll([third])).toEqual(texts);
    await reseal(site.keptAt, [newer, third]);
  });

  test('a file that cannot be opened is named and stays as it is', async () => {
    const [altered, unknown] = [refs[1]!, refs[2]!];
    const good = await site.kept(altered);
    await site.replace(altered, Buffer.concat([good.subarray(0, good.length - 1), Buffer.from('x')]));
    const bad = await site.kept(altered);
    await site.replace(unknown, sealWhole(dataKey(Buffer.alloc(32, 9)), purpose, Buffer.from(rowsText)));
    const { notOpened } = await reseal(site.keptAt, [dataKey(Buffer.alloc(32, 4)), newer]);
    expect(notOpened.sort()).toEqual(
      [altered, unknown].map(({ uri }) => uri.replace('artifact:', '')).sort(),
    );
    expect(await site.kept(altered)).toEqual(bad);
  });
}

async function filesOf(kept: KeptPlace): Promise<string[]> {
  const names: string[] = [];
  for await (const page of kept.list()) names.push(...page.map(({ name }) => name));
  return names;
}

const sealedChunk = 64 * 1024 + 16;

type Alter = (good: Buffer, strange: Buffer, random: Random) => Buffer;

const alterations: readonly (readonly [string, Alter])[] = [
  [
    'a bit of the file',
    (good, _strange, random) => {
      good[random.whole(0, good.length - 1)]! ^= 1 << random.whole(0, 7);
      return good;
    },
  ],
  [
    'a bit of the header',
    (good, _strange, random) => {
      good[random.whole(0, headerBytes - 1)]! ^= 1 << random.whole(0, 7);
      return good;
    },
  ],
  ['cut', (good, _strange, random) => good.subarray(0, random.whole(0, good.length - 1))],
  ['cut after a chunk', (good, _strange, random) => good.subarray(0, startOf(random.whole(0, 1)))],
  [
    'grown',
    (good, strange, random) => Buffer.concat([good, strange.subarray(0, random.whole(1, strange.length))]),
  ],
  [
    'two chunks swapped',
    (good) =>
      Buffer.concat([
        good.subarray(0, startOf(0)),
        good.subarray(startOf(1)),
        good.subarray(startOf(0), startOf(1)),
      ]),
  ],
  [
    'a chunk of another file',
    (good, strange, random) => {
      const at = random.whole(0, 1);
      strange.copy(good, startOf(at), startOf(at), startOf(at + 1));
      return good;
    },
  ],
  [
    'the header of another file',
    (good, strange) => Buffer.concat([strange.subarray(0, startOf(0)), good.subarray(startOf(0))]),
  ],
  ['another file', (_good, strange) => strange],
];

/** Of a file of two chunks. */
function startOf(chunk: number): number {
  return headerBytes + chunk * sealedChunk;
}
