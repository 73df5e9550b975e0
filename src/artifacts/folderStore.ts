import { createReadStream } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { ArtifactPlace, ArtifactRef, ArtifactSink, ArtifactStore } from '../domain/artifacts.ts';
import { asDiskFailure, translated } from './disk.ts';
import { artifactSealer, folderOf, missing, nameIn, nameOf, openKept, uriOf } from './reference.ts';
import type { DataKeys } from './seal.ts';
import { flushBytes, SpooledFile } from './spool.ts';

/**
 * Artifacts as files below one folder that every worker reaches. Only their owner can read them, since they hold
 * patient data. The name contains the content's hash, so an existing file never changes, and a late attempt cannot
 * overwrite what another step has already read.
 */
export function createFolderStore(root: string, keys: DataKeys = []): ArtifactStore {
  return {
    create: (place) => createSink(root, place, keys),
    open: (ref) => translated(() => openVerified(root, ref, keys)),
  };
}

async function createSink(root: string, place: ArtifactPlace, keys: DataKeys): Promise<ArtifactSink> {
  // Written beside its final place: only within one disk is a rename all or nothing.
  const spooled = await SpooledFile.create(
    path.join(root, folderOf(place.run)),
    `${place.step}-${place.file}`,
    artifactSealer(keys),
  );
  return {
    add: (text) => spooled.add(text),
    commit: async (rows) => {
      const { sha256, bytes } = await spooled.finish();
      const name = nameOf(place, sha256);
      await translated(() => rename(spooled.path, path.join(root, name)));
      return { uri: uriOf(name), sha256, bytes, rows };
    },
    discard: () => spooled.remove(),
  };
}

async function openVerified(root: string, ref: ArtifactRef, keys: DataKeys): Promise<Readable> {
  const filePath = path.join(root, nameIn(ref));
  const found = await stat(filePath).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) throw missing(ref, 'is not there');
    throw error;
  });
  const body = createReadStream(filePath, { highWaterMark: flushBytes });
  return openKept({ body, bytes: found.size }, ref, { keys, asFailure: asDiskFailure });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
