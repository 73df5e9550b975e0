import { createReadStream } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { ArtifactPlace, ArtifactRef, ArtifactSink, ArtifactStore } from '../domain/artifacts.ts';
import { PipelineError } from '../domain/failures.ts';
import { folderOf, HashCheck, missing, nameIn, nameOf, otherSize, uriOf } from './reference.ts';
import { flushBytes, SpooledFile } from './spool.ts';

/**
 * Artifacts as files below one folder that every worker reaches. Only their owner can read them, since they hold
 * patient data. The name contains the content's hash, so an existing file never changes, and a late attempt cannot
 * overwrite what another step has already read.
 */
export function createFolderStore(root: string): ArtifactStore {
  return {
    create: (place) => translated(() => createSink(root, place)),
    open: (ref) => translated(() => openVerified(root, ref)),
  };
}

async function createSink(root: string, place: ArtifactPlace): Promise<ArtifactSink> {
  // Written beside its final place: only within one disk is a rename all or nothing.
  const spooled = await SpooledFile.create(
    path.join(root, folderOf(place.run)),
    `${place.step}-${place.file}`,
  );
  return {
    add: (text) => {
      const behind = spooled.add(text);
      return behind === undefined ? undefined : translated(() => behind);
    },
    commit: (rows) =>
      translated(async () => {
        const { sha256, bytes } = await spooled.finish();
        const name = nameOf(place, sha256);
        await rename(spooled.path, path.join(root, name));
        return { uri: uriOf(name), sha256, bytes, rows };
      }),
    discard: () => translated(() => spooled.remove()),
  };
}

async function openVerified(root: string, ref: ArtifactRef): Promise<Readable> {
  const filePath = path.join(root, nameIn(ref));
  const found = await stat(filePath).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) throw missing(ref, 'is not there');
    throw error;
  });
  if (found.size !== ref.bytes) throw missing(ref, otherSize);
  const source = createReadStream(filePath, { highWaterMark: flushBytes });
  const check = new HashCheck(ref);
  source.on('error', (error) => check.destroy(asStoreFailure(error)));
  check.on('close', () => source.destroy());
  return source.pipe(check);
}

/** Runs work on this machine's disk. @throws PipelineError ArtifactStoreUnavailable if the disk fails it. */
export async function translated<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw asStoreFailure(error);
  }
}

function asStoreFailure(error: unknown): Error {
  if (error instanceof PipelineError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return new PipelineError('ArtifactStoreUnavailable', `the artifacts folder cannot be used (${code})`, {
    hint:
      code === 'ENOSPC'
        ? 'The disk is full: make room; the step continues by itself.'
        : 'Check that the folder named by EHR_ARTIFACTS is there and that the worker may write to it.',
    details: { code },
    cause: error,
  });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
