import { readLines } from '../rows/lines.ts';
import type { ArtifactRef } from '../domain/artifacts.ts';
import { keptFiles } from '../wiring/openStores.ts';

/** The lines of a file that a run kept. Only its end proves that it is whole. */
export async function* keptLines(file: ArtifactRef): AsyncGenerator<string> {
  yield* readLines(await keptFiles().open(file));
}
