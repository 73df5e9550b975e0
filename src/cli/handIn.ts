import { randomBytes } from 'node:crypto';
import { copyFile, constants, mkdir, realpath, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { artifactsDirectory, inboxDirectory } from '../config.ts';
import { handedInFolder } from '../wiring/openStores.ts';

export interface HandedIn {
  /** As the worker is told it. */
  readonly path: string;
  /** Removes the copy that was made, if one was. */
  readonly remove: () => Promise<void>;
}

/**
 * A file of this machine where workers may take it from: workers take files from the folder EHR_INBOX alone, so one that
 * lies elsewhere is copied there for the time of the run. Where that folder is not on this machine, or there is no such
 * file here, the path is handed on as it is, and the worker judges it.
 */
export async function handIn(file: string): Promise<HandedIn> {
  const asItIs = { path: path.resolve(file), remove: () => Promise.resolve() };
  const inbox = inboxDirectory();
  if (!(await isThere(inbox)) && !(await isThere(artifactsDirectory()))) return asItIs;
  const real = await realpath(file).catch(() => undefined);
  if (real === undefined) return asItIs;
  // Not by the name that it was given: that may lead there through a link from elsewhere.
  const root = await realpath(inbox).catch(() => inbox);
  if (isWithin(root, real)) return { ...asItIs, path: path.join(inbox, path.relative(root, real)) };
  const folder = path.join(inbox, handedInFolder);
  const copy = path.join(folder, `${randomBytes(8).toString('hex')}.csv`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await copyFile(real, copy, constants.COPYFILE_EXCL);
  } catch {
    // Not ours to write: the worker says what is wrong with the path, and names the setting.
    await rm(copy, { force: true }).catch(() => undefined);
    return asItIs;
  }
  return { path: copy, remove: () => rm(copy, { force: true }) };
}

async function isThere(folder: string): Promise<boolean> {
  return (await stat(folder).catch(() => undefined))?.isDirectory() === true;
}

function isWithin(root: string, file: string): boolean {
  return file.startsWith(root.endsWith(path.sep) ? root : `${root}${path.sep}`);
}
