import { Readable } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { storeFile } from '../../src/activities/parts/storeFile.ts';
import type { ArtifactPlace, ArtifactSink, ArtifactStore } from '../../src/domain/artifacts.ts';

const place = { run: {}, step: 'takeFile', file: 'export.csv' } as ArtifactPlace;
const storeWith = (create: ArtifactStore['create']) => ({ create }) as ArtifactStore;

test('a file is not even opened for a store that takes none', async () => {
  const openFile = vi.fn<() => Readable>(() => Readable.from([]));
  const store = storeWith(() => Promise.reject(new Error('the disk is full')));
  await expect(storeFile(store, place, openFile, 0)).rejects.toThrow('the disk is full');
  expect(openFile).not.toHaveBeenCalled();
});

test('a file is closed where the store fails in the middle of it', async () => {
  const file = Readable.from([Buffer.from('one'), Buffer.from('two')]);
  const discard = vi.fn<() => Promise<void>>(() => Promise.resolve());
  const sink: Partial<ArtifactSink> = { add: () => Promise.reject(new Error('the disk is full')), discard };
  const store = storeWith(() => Promise.resolve(sink as ArtifactSink));
  await expect(storeFile(store, place, () => file, 0)).rejects.toThrow('the disk is full');
  expect(file.destroyed).toBe(true);
  expect(discard).toHaveBeenCalledOnce();
});
