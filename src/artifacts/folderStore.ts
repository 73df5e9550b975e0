import { createReadStream } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type {
  ArtifactPlace,
  ArtifactRef,
  ArtifactSink,
  ArtifactStore,
  StoredFile,
} from '../domain/artifacts.ts';
import { asDiskFailure, translated } from './disk.ts';
import {
  artifactSealer,
  folderOf,
  missing,
  nameIn,
  nameOf,
  openKept,
  uriIfArtifact,
  uriOf,
} from './reference.ts';
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
    list: () => listRuns(root),
    remove: (uri) => translated(() => rm(path.join(root, nameIn({ uri })), { force: true })),
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

/** The folders of a report, its periods and their runs. */
const levelsAboveFiles = 3;

/** One page for each run. */
async function* listRuns(root: string): AsyncGenerator<readonly StoredFile[]> {
  let folders = [''];
  for (let level = 0; level < levelsAboveFiles; level += 1) {
    const below: string[] = [];
    for (const folder of folders) {
      const entries = await entriesOf(root, folder);
      below.push(...entries.filter((entry) => entry.isFolder).map(({ name }) => name));
    }
    folders = below;
  }
  for (const folder of folders) yield await filesOf(root, folder);
}

async function filesOf(root: string, folder: string): Promise<StoredFile[]> {
  const files: StoredFile[] = [];
  for (const { name } of await entriesOf(root, folder)) {
    const uri = uriIfArtifact(name);
    const found = uri === undefined ? undefined : await ifThere(() => stat(path.join(root, name)));
    if (uri !== undefined && found !== undefined) {
      files.push({ uri, bytes: found.size, writtenAt: found.mtime });
    }
  }
  return files;
}

async function entriesOf(root: string, folder: string): Promise<{ name: string; isFolder: boolean }[]> {
  const entries = await ifThere(() => readdir(path.join(root, folder), { withFileTypes: true }));
  return (entries ?? []).map((entry) => ({
    name: path.posix.join(folder, entry.name),
    isFolder: entry.isDirectory(),
  }));
}

/** Undefined if it is gone: another process may have removed it at this moment. */
async function ifThere<Found>(look: () => Promise<Found>): Promise<Found | undefined> {
  return translated(async () => {
    try {
      return await look();
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  });
}
