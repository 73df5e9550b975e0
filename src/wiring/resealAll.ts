import { uriIfArtifact } from '../artifacts/reference.ts';
import { resealFiles, type KeptPlace, type Resealed, type ResealingKeys } from '../artifacts/resealing.ts';
import type { ArtifactStore } from '../domain/artifacts.ts';
import type { Warehouse } from '../warehouse/connect.ts';
import { notedForRemoval } from '../warehouse/fileRemovals.ts';

interface ResealRequest {
  readonly places: readonly KeptPlace[];
  readonly files: Pick<ArtifactStore, 'remove'>;
  readonly keys: ResealingKeys;
}

/** Seals all kept files with the first key. */
export async function resealAll(
  warehouse: Warehouse,
  { places, files, keys }: ResealRequest,
): Promise<Resealed> {
  const all: Resealed = { resealed: 0, already: 0, notOpened: [] };
  for (const place of places) {
    for await (const { names, ...counts } of resealFiles(place, keys)) {
      // Retention may have removed a file at the moment when its newly sealed form took its place.
      const uris = names.map(uriIfArtifact).filter((uri) => uri !== undefined);
      for (const uri of await notedForRemoval(warehouse, uris)) await files.remove(uri);
      all.resealed += counts.resealed;
      all.already += counts.already;
      all.notOpened.push(...counts.notOpened);
    }
  }
  return all;
}
