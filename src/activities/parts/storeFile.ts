import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import type { ArtifactPlace, ArtifactRef, ArtifactSink, ArtifactStore } from '../../domain/artifacts.ts';

/** Does the work that writes and commits these files, and discards all of them if it fails. */
export async function writeArtifact<Result>(
  sinks: readonly ArtifactSink[],
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    await Promise.all(sinks.map((sink) => sink.discard()));
    throw error;
  }
}

/** Larger than Node's own, since each block costs a round through the event loop whatever its size. */
const blockBytes = 256 * 1024;

/** A local file, as the steps read it. */
export function readFileInBlocks(path: string): Readable {
  return createReadStream(path, { highWaterMark: blockBytes });
}

/** Copies a file into the store, and opens it once the store takes it: nothing would close it before. */
export async function storeFile(
  store: ArtifactStore,
  place: ArtifactPlace,
  openFile: () => Readable,
  rows: number,
): Promise<ArtifactRef> {
  const sink = await store.create(place);
  return writeArtifact([sink], async () => {
    for await (const chunk of openFile() as AsyncIterable<Buffer>) await sink.add(chunk);
    return sink.commit(rows);
  });
}
