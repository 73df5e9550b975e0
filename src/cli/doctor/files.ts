import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { open, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { artifactsPlace, downloadsDirectory } from '../../config.ts';
import { dataKeysInUse, keptKeys } from '../../wiring/openStores.ts';
import { tryBucket } from '../../wiring/tryBucket.ts';
import { note, ok, problem, type PartExamination, type Verdict } from './examination.ts';

/** Whether artifacts can be kept: in the bucket, if there is one. */
export async function examineBucket(part: PartExamination): Promise<void> {
  await part.check('the bucket for artifacts', async () => {
    const place = await tryBucket();
    return place === undefined ? [] : ok(`an object can be written to ${place}, read and removed`);
  });
}

/** Whether kept files can be opened, in a sample. */
export async function examineKeptFiles(part: PartExamination): Promise<void> {
  await part.check('the keys of kept files', async () => {
    const ids = dataKeysInUse().map(({ id }) => id);
    return keptKeysVerdict(await keptKeys(), ids);
  });
}

/**
 * @param found the key of each file of a sample, undefined for a plain one
 * @param ids of the keys here, newest first
 */
export function keptKeysVerdict(
  found: readonly (string | undefined)[],
  ids: readonly string[],
): Verdict | Verdict[] {
  if (found.length === 0) return [];
  const missing = found.filter((id) => id !== undefined && !ids.includes(id));
  if (missing.length > 0) {
    return problem(
      `${String(missing.length)} of ${String(found.length)} kept files that were looked at are sealed with a data key that is not given here: ${[...new Set(missing)].join(', ')}`,
      'Add that key to EHR_DATA_KEY, after the others, for all workers and clients. If it is lost: docs/disasters.md.',
    );
  }
  const others = ids.length === 0 ? 0 : found.filter((id) => id !== ids[0]).length;
  const rest = others === 0 ? '' : `; ${String(others)} not with the first key: npm run client -- rekey data`;
  return ok(`the ${String(found.length)} kept files that were looked at can be opened${rest}`);
}

/** Linux's numbers of tmpfs and ramfs, as `statfs` gives them. */
const inMemory = new Set([0x01021994, 0x858458f6]);

/** The browser writes downloads itself, in plain text: with a data key they belong into memory. */
export async function examineDownloads(part: PartExamination, folder: string): Promise<void> {
  await part.check('the folder for downloads', async () => {
    if (dataKeysInUse().length === 0) return [];
    const downloads = downloadsDirectory() ?? path.join(folder, 'downloads');
    const { type, bavail, bsize } = await statfs(await thereOrAbove(downloads));
    return downloadsVerdict({ isInMemory: inMemory.has(type), freeBytes: bavail * bsize }, downloads);
  });
}

/** Far more than an export of one period. */
const neededDownloadMegabytes = 256;

export function downloadsVerdict(
  { isInMemory, freeBytes }: { readonly isInMemory: boolean; readonly freeBytes: number },
  folder: string,
): Verdict {
  if (!isInMemory) {
    return note(
      `downloads are written to ${folder} in plain text, on a disk: a worker that is killed leaves one there for a day`,
      'Name a private folder on a tmpfs as EHR_DOWNLOADS.',
    );
  }
  const megabytes = Math.floor(freeBytes / 1024 / 1024);
  const what = `downloads are in memory, in ${folder}; ${String(megabytes)} MB are free there`;
  if (megabytes >= neededDownloadMegabytes) return ok(what);
  return problem(
    `${what}, and ${String(neededDownloadMegabytes)} MB should be`,
    'Enlarge that tmpfs (shm_size of a container), or name another one as EHR_DOWNLOADS.',
  );
}

/** Whether the folder can hold the evidence of a walk safely. */
export async function examineFiles(part: PartExamination, folder: string): Promise<boolean> {
  const isScratch = artifactsPlace().kind === 'bucket';
  const named = isScratch ? 'the scratch folder' : 'the artifacts folder';
  const found = await part.look(named, () => folderFacts(folder));
  if (found === undefined) return false;
  if (found === 'missing') {
    part.add(
      problem(
        `${named} ${folder} is not there`,
        isScratch
          ? `mkdir -p -m 700 ${quoted(folder)} — or set EHR_SCRATCH to another folder of this machine`
          : `mkdir -p -m 700 ${quoted(folder)} — or set EHR_ARTIFACTS to the folder that every worker reaches`,
      ),
    );
    for (const check of ['writing', 'free space']) part.unchecked(check, 'there is no folder');
    return false;
  }
  part.add(modeVerdict(found.mode, folder));
  const owner = ownerVerdict(found.uid, process.getuid?.() ?? found.uid, folder);
  part.add(owner);
  const written = await part.look(`writing to ${named}`, () =>
    tryWriting(
      folder,
      `Let the user of the worker own it: chown -R <user> ${quoted(folder)} && chmod 700 ${quoted(folder)}`,
    ),
  );
  if (written !== undefined) part.add(written);
  await part.check('free space', async () => {
    const { bavail, bsize } = await statfs(folder);
    return spaceVerdict(bavail * bsize, folder);
  });
  return owner.state === 'ok' && written?.state === 'ok';
}

async function folderFacts(folder: string): Promise<{ mode: number; uid: number } | 'missing'> {
  const found = await whatIsAt(folder);
  return found?.isDirectory() === true ? found : 'missing';
}

async function whatIsAt(place: string): Promise<Stats | undefined> {
  try {
    return await stat(place);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    throw error;
  }
}

/** Windows and some network shares have no such bits; Node then derives them from the user's rights. */
export function modeVerdict(mode: number, folder: string): Verdict {
  if ((mode & 0o007) === 0) return ok(`only its owner and group reach ${folder}`);
  return problem(
    `everybody on this machine may look into ${folder}, which holds patient data`,
    `chmod 700 ${quoted(folder)}`,
  );
}

/** Files that this command creates as its own user, such as the evidence folder, would shut the worker out. */
export function ownerVerdict(owner: number, runsAs: number, folder: string): Verdict {
  if (owner === runsAs) return ok(`${folder} belongs to the user of this command`);
  return note(
    `${folder} belongs to user ${String(owner)}, and this command runs as user ${String(runsAs)}`,
    `Run it as the worker's user: sudo -E -u '#${String(owner)}' npm run client -- doctor`,
  );
}

/** The folder for each daily run's pages. The first run creates it, so its nearest existing parent is tested. */
export async function examineDashboardFolder(part: PartExamination, folder: string): Promise<void> {
  await part.check('the folder for dashboards', async () =>
    tryWriting(
      await thereOrAbove(folder),
      `Let the user of the worker write it, or name another folder as dashboards.folder in pipeline.yaml, for ${folder}`,
    ),
  );
}

/** The folder, or its nearest existing parent; the root always exists. */
async function thereOrAbove(folder: string): Promise<string> {
  let place = folder;
  while (place !== path.dirname(place) && (await whatIsAt(place)) === undefined) place = path.dirname(place);
  return place;
}

async function tryWriting(folder: string, remedy: string): Promise<Verdict> {
  const file = path.join(folder, `.doctor-${randomBytes(6).toString('hex')}`);
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile('written to see that it can be');
      await handle.sync();
    } finally {
      await handle.close();
      await rm(file, { force: true });
    }
    return ok(`${folder} can be written to`);
  } catch (error) {
    return problem(`${folder} cannot be written to (${codeOf(error)})`, remedy);
  }
}

/** A year of both reports takes about one; a run that finds no space fails and changes nothing. */
const neededGigabytes = 2;

export function spaceVerdict(freeBytes: number, folder: string): Verdict {
  const gigabytes = freeBytes / 1e9;
  const what = `${gigabytes.toFixed(1)} GB are free for ${folder}`;
  if (gigabytes >= neededGigabytes) return ok(what);
  return problem(
    `${what}; ${String(neededGigabytes)} GB should be`,
    'Make room on that disk, or move the folder and set EHR_ARTIFACTS for every worker.',
  );
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown';
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
