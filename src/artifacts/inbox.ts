import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, constants, mkdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import isPathInside from 'is-path-inside';
import type { InboxFile } from '../domain/artifacts.ts';
import { PipelineError } from '../domain/failures.ts';
import { writtenAt } from '../domain/fileSources.ts';
import { OpeningStream, Sealer, type DataKeys, type NotOpened } from './seal.ts';
import { flushBytes } from './spool.ts';

/** What names of files in the inbox begin with, in a bucket and as what they are sealed for. */
export const inboxFolder = 'inbox';
/** A folder in the inbox of the agency without an id, for those of the others: none of it is handed in to that one. */
const agenciesFolder = 'agencies';
/** A folder in the inbox for the client's copies, each kept for one run. */
export const handedInFolder = 'handed-in';

/** A name in the inbox that says nothing about the file. */
export function handedInName(): string {
  return `${handedInFolder}/${randomBytes(8).toString('hex')}.csv`;
}

/** Opens files of the folder's inbox, sealed or not. */
export function createFolderInbox(folder: string, keys: DataKeys = []): (file: string) => Promise<InboxFile> {
  const find = createInbox(folder);
  return async (file) => {
    const found = await find(file);
    const name = path.relative(await realpath(folder), found);
    return { read: () => readInboxFile(found, name, keys), release: () => Promise.resolve() };
  };
}

/** `name` is that within the inbox: a sealed file opens under its own name only. */
export function readInboxFile(file: string, name: string, keys: DataKeys): Readable {
  return openInboxBytes(createReadStream(file, { highWaterMark: flushBytes }), name, keys);
}

/**
 * The plain bytes. The stream fails with InvalidInput if they cannot be opened, and with the errors of `source`.
 */
export function openInboxBytes(source: Readable, name: string, keys: DataKeys): Readable {
  const opening = new OpeningStream(keys, inboxPurpose(name), notOpened);
  return pipeline(source, opening, failsForReader);
}

/** The reader of the stream gets the failure. */
function failsForReader(): void {}

export function inboxSealer(name: string, [first]: DataKeys): Sealer | undefined {
  return first === undefined ? undefined : new Sealer(first, inboxPurpose(name));
}

function inboxPurpose(name: string): string {
  return `${inboxFolder}/${name.replaceAll(path.sep, '/')}`;
}

function notOpened({ message }: NotOpened): PipelineError {
  return new PipelineError('InvalidInput', `file: it ${message}`, {
    hint: 'Hand the file in again, with the EHR_DATA_KEY that the workers have.',
  });
}

/**
 * Finds files that people hand in, below one folder. A path comes from anyone who can start a run, so no other file of
 * the machine may reach the tables this way. A relative path starts at that folder; links are resolved before the
 * check.
 * @returns the real path of the file
 */
export function createInbox(folder: string): (file: string) => Promise<string> {
  return async (file) => {
    // If the folder cannot be created, it contains nothing.
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch(() => undefined);
    const root = await realpath(folder).catch(() => path.resolve(folder));
    const named = path.resolve(root, file);
    // Outside the folder the answer is the same whether the file exists or not.
    if (!isPathInside(named, root) && !isPathInside(named, path.resolve(folder))) throw outside();
    if (isOfAgency(named, root) || isOfAgency(named, path.resolve(folder))) throw outside();
    const real = await realpath(named).catch(() => undefined);
    if (real === undefined) throw writtenAt(file) === undefined ? missing() : copyElsewhere();
    if (!isPathInside(real, root) || isOfAgency(real, root)) throw outside();
    const found = await stat(real).catch(() => undefined);
    if (found === undefined) throw missing();
    if (!found.isFile()) throw notAFile();
    await access(real, constants.R_OK).catch(() => {
      throw new PipelineError('InvalidInput', 'file: the worker may not read it', {
        hint: 'Let the user of the worker read the file, then start the run again.',
      });
    });
    return real;
  };
}

function isOfAgency(file: string, root: string): boolean {
  const agencies = path.join(root, agenciesFolder);
  return file === agencies || isPathInside(file, agencies);
}

function outside(): PipelineError {
  return new PipelineError('InvalidInput', 'file: it does not lie in the folder EHR_INBOX of the worker', {
    hint: 'Copy it there (inbox in EHR_ARTIFACTS, unless EHR_INBOX is set), or hand it in with: npm run client -- run … --file <export>',
  });
}

/** A device or a pipe would never end, and a folder has nothing to read. */
function notAFile(): PipelineError {
  return new PipelineError('InvalidInput', 'file: it is a folder, a device or a pipe and no file', {
    hint: 'Give the name of a CSV in the folder EHR_INBOX of the worker.',
  });
}

function missing(): PipelineError {
  return new PipelineError(
    'InvalidInput',
    'file: there is no such file in the folder EHR_INBOX of the worker',
    {
      hint: 'Give the name of a CSV in that folder: inbox in EHR_ARTIFACTS, unless EHR_INBOX is set.',
    },
  );
}

/** The file itself still lies at its source: another attempt, or the next round, makes or finds a copy. */
function copyElsewhere(): PipelineError {
  return new PipelineError(
    'ArtifactStoreUnavailable',
    'the copy of a file from a source is not in the folder EHR_INBOX of this worker',
    { hint: 'Let the EHR_INBOX of all workers be one folder, or keep artifacts in a bucket: docs/files.md.' },
  );
}
