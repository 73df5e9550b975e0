import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** A build takes minutes, so an unfinished folder of yesterday belongs to a set-up that was killed. */
const staleHours = 24;

/** Debian keeps servers here, off the PATH of ordinary users. */
const serverFolders = ['/usr/local/sbin', '/usr/sbin'];

/** Where set-ups of this user leave what was slow to get. */
function cacheFolder() {
  const base = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
  return path.join(base, 'ehr-pipeline');
}

/** @param {string} name */
export function cachedBinary(name) {
  return path.join(cacheFolder(), 'bin', name);
}

/** @param {string} file */
export async function isExecutable(file) {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

/**
 * The first of `names` found on the PATH.
 * @param {...string} names
 * @returns {Promise<string | undefined>}
 */
export function onPath(...names) {
  return firstIn(pathFolders(), names);
}

/**
 * The first of `names` found on the PATH, or in the folders for servers.
 * @param {...string} names
 * @returns {Promise<string | undefined>}
 */
export function serverOnPath(...names) {
  return firstIn([...pathFolders(), ...serverFolders], names);
}

function pathFolders() {
  return (process.env.PATH ?? '').split(path.delimiter);
}

/**
 * @param {readonly string[]} folders
 * @param {readonly string[]} names
 */
async function firstIn(folders, names) {
  for (const name of names) {
    for (const folder of folders) {
      const file = path.join(folder, name);
      if (folder !== '' && (await isExecutable(file))) return file;
    }
  }
  return undefined;
}

/**
 * Lets `make` put a binary into a folder of its own and moves it into the cache only when it is whole, so
 * that set-ups in two clones at once cannot hand each other half a file.
 * @param {string} name
 * @param {(folder: string) => Promise<void>} make must leave an executable called `name` in the folder
 * @returns {Promise<string>} the binary in the cache
 */
export async function installIntoCache(name, make) {
  await mkdir(path.dirname(cachedBinary(name)), { recursive: true });
  await removeStaleFolders();
  const folder = await mkdtemp(path.join(cacheFolder(), 'unfinished-'));
  try {
    await make(folder);
    await rename(path.join(folder, name), cachedBinary(name));
    return cachedBinary(name);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function removeStaleFolders() {
  for (const entry of await readdir(cacheFolder())) {
    const folder = path.join(cacheFolder(), entry);
    if (entry.startsWith('unfinished-') && (await hoursOld(folder)) > staleHours) {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** @param {string} folder */
async function hoursOld(folder) {
  const found = await stat(folder).catch(() => undefined);
  return found === undefined ? 0 : (Date.now() - found.mtimeMs) / 3_600_000;
}
