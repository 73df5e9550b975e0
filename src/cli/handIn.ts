import { realpath, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import isPathInside from 'is-path-inside';
import { PipelineError } from '../domain/failures.ts';
import { inboxDirectory, scratchDirectory } from '../config.ts';
import { handInToBucket, handInToFolder } from '../wiring/handInFile.ts';

export interface HandedIn {
  /** The path in the run's input. */
  readonly path: string;
  /** Removes the copy, if one was made. */
  readonly remove: () => Promise<void>;
}

/**
 * Makes a local file available to the workers, which read files only from the folder EHR_INBOX: a file elsewhere is
 * copied there for the time of the run, or to the bucket that EHR_ARTIFACTS names. If that folder or the file is not on
 * this machine, the path is passed on as it is and the worker checks it.
 */
export async function handIn(file: string): Promise<HandedIn> {
  const asItIs = { path: path.resolve(file), remove: () => Promise.resolve() };
  const uploaded = (await isFile(file)) ? await handInToBucket(file) : undefined;
  if (uploaded !== undefined) return { path: uploaded.name, remove: uploaded.remove };
  const inbox = inboxDirectory();
  if (!(await isThere(inbox)) && !(await isThere(scratchDirectory()))) return asItIs;
  const real = await realpath(file).catch(() => undefined);
  if (real === undefined) return asItIs;
  // By its real path: the given name may lead into the folder through a link from elsewhere.
  const root = await realpath(inbox).catch(() => inbox);
  if (isPathInside(real, root)) return { ...asItIs, path: path.join(inbox, path.relative(root, real)) };
  try {
    const copy = await handInToFolder(real, inbox);
    return { path: copy, remove: () => rm(copy, { force: true }) };
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    // The folder is not writable: the worker says what is wrong with the path, and names the setting.
    return asItIs;
  }
}

async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isFile() === true;
}

async function isThere(folder: string): Promise<boolean> {
  return (await stat(folder).catch(() => undefined))?.isDirectory() === true;
}
