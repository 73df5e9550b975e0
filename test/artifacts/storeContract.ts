import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
export const place = { run, step: 'clean', file: 'rows.tsv' } as const;
export const rowsText = '2\tSMITH, JOHN\n3\tNÚÑEZ, INÉS\n';

/** A store under test, and what a stranger could do to it. */
export interface StoreSite {
  readonly store: ArtifactStore;
  /** The bytes that are kept for a reference, whatever they are. */
  replace(ref: ArtifactRef, bytes: Buffer): Promise<void>;
  remove(ref: ArtifactRef): Promise<void>;
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
  const chunks: Buffer[] = [];
  for await (const chunk of await store.open(ref)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Holds for every store of artifacts, whatever it is made of. */
export function storeContract(openSite: () => Promise<StoreSite>): void {
  let site: StoreSite;
  let store: ArtifactStore;
  beforeAll(async () => {
    site = await openSite();
    store = site.store;
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
