import { open, readdir, rename, rm, stat } from 'node:fs/promises';
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
import { handedInFolder, inboxFolder } from './inbox.ts';
import { copiesFolder } from './inboxCopies.ts';
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
import type { KeptPlace } from './resealing.ts';
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

/** All kept files below a folder, and those that the pipeline put into the inbox. */
export function createFolderPlace(root: string, inbox: string): KeptPlace {
  const at = (name: string) =>
    name.startsWith(`${inboxFolder}/`)
      ? path.join(inbox, name.slice(inboxFolder.length + 1))
      : path.join(root, name);
  return {
    async *list() {
      for await (const page of listRuns(root)) {
        yield page.map(({ uri, bytes }) => ({ name: nameIn({ uri }), bytes }));
      }
      for (const folder of [
        evidenceFolder,
        `${inboxFolder}/${handedInFolder}`,
        `${inboxFolder}/${copiesFolder}`,
      ]) {
        yield await translated(() => wholeFilesBelow(at, folder));
      }
    },
    read: (name, firstBytes) => translated(() => openIfThere(at(name), firstBytes)),
    spoolFolder: (name) => path.dirname(at(name)),
    replace: (name, file) => translated(() => rename(file, at(name))),
  };
}

async function wholeFilesBelow(
  at: (name: string) => string,
  folder: string,
): Promise<{ name: string; bytes: number }[]> {
  const entries = await ifThere(() => readdir(at(folder), { recursive: true, withFileTypes: true }));
  const files: { name: string; bytes: number }[] = [];
  for (const entry of entries ?? []) {
    // One that is being written begins with a dot.
    if (!entry.isFile() || entry.name.startsWith('.')) continue;
    const file = path.join(entry.parentPath, entry.name);
    const found = await ifThere(() => stat(file));
    const name = path.posix.join(folder, path.relative(at(folder), file).replaceAll(path.sep, '/'));
    if (found !== undefined) files.push({ name, bytes: found.size });
  }
  return files;
}

async function openIfThere(file: string, firstBytes: number | undefined): Promise<Readable | undefined> {
  const handle = await ifThere(() => open(file));
  const range = firstBytes === undefined ? {} : { start: 0, end: firstBytes - 1 };
  return handle?.createReadStream({ highWaterMark: flushBytes, ...range });
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
  const handle = await ifThere(() => open(path.join(root, nameIn(ref))));
  if (handle === undefined) throw missing(ref, 'is not there');
  // The size of the open file: another one may take its name now, sealed with a newer key.
  const { size } = await handle.stat();
  // A stream takes a block of this size twice, once for the end.
  const body = handle.createReadStream({ highWaterMark: Math.min(flushBytes, size + 1) });
  return openKept({ body, bytes: size }, ref, { keys, asFailure: asDiskFailure });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Holds a folder for each portal step that failed. */
export const evidenceFolder = 'evidence';

/** The folders of a report, its periods and their runs. */
export const levelsAboveFiles = 3;

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
export async function ifThere<Found>(look: () => Promise<Found>): Promise<Found | undefined> {
  return translated(async () => {
    try {
      return await look();
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  });
}
