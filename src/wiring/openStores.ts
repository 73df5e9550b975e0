import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { handedInHours, removeAbandoned } from '../artifacts/abandoned.ts';
import {
  createBucketCopies,
  createBucketInbox,
  removeAbandonedObjects,
  uploadToInbox,
  type UploadedFile,
} from '../artifacts/bucketInbox.ts';
import { BucketObjects, createBucketPlace, createBucketStore } from '../artifacts/bucketStore.ts';
import { ifMissing, translated } from '../artifacts/disk.ts';
import { createFolderPlace, createFolderStore } from '../artifacts/folderStore.ts';
import {
  evidenceFolders,
  evidenceInBucket,
  evidenceInFolder,
  leftoversInFolder,
} from '../artifacts/looseFiles.ts';
import { createFolderInbox, handedInFolder, handedInName, inboxSealer } from '../artifacts/inbox.ts';
import { createInboxCopies, removeAbandonedCopies } from '../artifacts/inboxCopies.ts';
import { keysOfSample } from '../artifacts/keysOfFiles.ts';
import { findInFolder, namedFile, noSuchFile, openNamed } from '../artifacts/keptFile.ts';
import type { KeptPlace } from '../artifacts/resealing.ts';
import { createScratch } from '../artifacts/scratch.ts';
import { dataKey, type DataKeys } from '../artifacts/seal.ts';
import { spoolCopy } from '../artifacts/spool.ts';
import {
  figuresAreOf,
  artifactsPlace,
  databaseSettings,
  databaseUrl,
  dataKeys,
  downloadsDirectory,
  inboxDirectory,
  scratchDirectory,
  sharedMemory,
  type Environment,
  type PipelineConfig,
} from '../config.ts';
import type { Agency } from '../domain/agencyId.ts';
import type { ArtifactStore, Scratch } from '../domain/artifacts.ts';
import { PipelineError } from '../domain/failures.ts';
import { respiteUnsaid } from '../domain/respite.ts';
import type { LooseFiles } from '../domain/fileRetention.ts';
import { log } from '../observability/log.ts';
import type { Ports } from '../ports.ts';
import { openWarehouse, type Warehouse } from '../warehouse/connect.ts';
import { checkVersion } from '../warehouse/migrate.ts';
import { recordFiguresAre } from '../warehouse/figuresSetting.ts';
import { recordServices } from '../warehouse/serviceSettings.ts';

/** Folders below that of EHR_SCRATCH. */
export const scratchName = 'scratch';
const spoolName = 'spool';

/** The keys of EHR_DATA_KEY. */
export function dataKeysInUse(env?: Environment): DataKeys {
  return dataKeys(env).map(dataKey);
}

/** Creates the folder that steps need. */
export async function prepareFolders(folder: string): Promise<void> {
  await mkdir(path.join(folder, scratchName), { recursive: true, mode: 0o700 });
}

/** Where browsers write downloads, in plain text. */
export function downloadsFolder(folder: string, env?: Environment): string {
  return downloadsDirectory(env) ?? path.join(folder, 'downloads');
}

/** Where files are kept and handed in. */
export interface Stores {
  readonly artifacts: ArtifactStore;
  readonly inbox: Ports['inbox'];
  /** Copies of files from the sources, in the inbox. */
  readonly copies: Ports['sources']['copies'];
  /** Undefined if evidence stays where it is written. */
  readonly keepEvidence: ((folder: string) => Promise<void>) | undefined;
  /**
   * Removes what killed workers left on this machine, and files of the inbox that nobody removed; moves evidence that
   * could not be moved. Throws nothing.
   */
  readonly tidyLeftBehind: () => Promise<void>;
  /** What lies beside the files of runs. */
  readonly loose: readonly LooseFiles[];
}

interface Place {
  readonly folder: string;
  readonly inbox: string;
  readonly env?: Environment;
}

/** Connects to the folder or the bucket that EHR_ARTIFACTS names; a bucket is first used by the first step. */
export function openStores({ folder, inbox, env = process.env }: Place): Stores {
  const keys = dataKeysInUse(env);
  const fromFolder = createFolderInbox(inbox, keys);
  const copies = createInboxCopies(inbox, keys);
  // With a bucket too, evidence that could not be moved there.
  const loose = [evidenceInFolder(folder), leftoversInFolder(folder)];
  // Read once: browsers were given this folder too.
  const downloads = downloadsFolder(folder, env);
  const tidyHere = () => removeLeft({ folder, inbox, downloads });
  const objects = openBucket(env);
  if (objects === undefined) {
    return {
      artifacts: createFolderStore(folder, keys),
      inbox: fromFolder,
      copies,
      keepEvidence: undefined,
      tidyLeftBehind: tidyHere,
      loose,
    };
  }
  const spoolFolder = path.join(folder, spoolName);
  return {
    artifacts: createBucketStore(objects, spoolFolder, keys),
    inbox: createBucketInbox(objects, { spoolFolder, elsewhere: fromFolder, keys }),
    copies: createBucketCopies(objects, { inbox, local: copies }),
    keepEvidence: (each) => moveEvidence(objects, each),
    tidyLeftBehind: async () => {
      await tidyHere();
      await orNextRound('evidence on this machine', () => moveEvidenceLeft(objects, folder));
      await orNextRound('the inbox of the bucket', () => removeAbandonedObjects(objects));
    },
    loose: [evidenceInBucket(objects), ...loose],
  };
}

/** Hands a local file in through the bucket's inbox; undefined if artifacts are kept in a folder. */
export async function handInToBucket(file: string): Promise<UploadedFile | undefined> {
  const objects = openBucket();
  if (objects === undefined) return undefined;
  const spoolFolder = path.join(scratchDirectory(), spoolName);
  return uploadToInbox(objects, file, { spoolFolder, keys: dataKeysInUse() });
}

/** Copies a local file into the folder of the inbox, sealed if there is a data key. Returns the copy's path. */
export async function handInToFolder(file: string, inbox: string): Promise<string> {
  const name = handedInName();
  const folder = path.join(inbox, handedInFolder);
  const spooled = await spoolCopy(file, {
    folder,
    label: 'copy',
    sealer: inboxSealer(name, dataKeysInUse()),
  });
  const copy = path.join(inbox, name);
  await translated(async () => {
    // Everyone who may read the file may read its copy: the worker may be another user.
    await chmod(spooled.path, (await stat(file)).mode & 0o777);
    await rename(spooled.path, copy);
  });
  return copy;
}

/** Undefined if artifacts are kept in a folder. */
function openBucket(env: Environment = process.env): BucketObjects | undefined {
  const place = artifactsPlace(env);
  return place.kind === 'bucket' ? new BucketObjects(place) : undefined;
}

/**
 * Writes, reads and removes an object. Returns the bucket's address, or undefined if artifacts are kept in a folder.
 * @throws PipelineError ArtifactStoreUnavailable
 */
export async function tryBucket(): Promise<string | undefined> {
  const place = artifactsPlace();
  if (place.kind === 'folder') return undefined;
  const objects = new BucketObjects(place);
  const name = `doctor/${randomBytes(8).toString('hex')}`;
  const folder = await mkdtemp(path.join(tmpdir(), 'ehr-doctor-'));
  try {
    const file = path.join(folder, 'object');
    await writeFile(file, name);
    await objects.put(name, file);
    const kept = await objects.get(name);
    if (kept === undefined || (await text(kept.body)) !== name) throw otherObject();
    await objects.remove(name);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return `s3://${path.posix.join(place.bucket, place.prefix)}`;
}

function otherObject(): PipelineError {
  return new PipelineError('ArtifactStoreUnavailable', 'the bucket gave other bytes than it was sent', {
    hint: 'Look at the object store, and at what stands between it and this machine.',
  });
}

/** If the bucket cannot be used, evidence stays on this machine: the failure that it explains matters more. */
async function moveEvidence(objects: BucketObjects, folder: string): Promise<void> {
  try {
    for (const file of await readdir(folder)) {
      await objects.put(`evidence/${path.basename(folder)}/${file}`, path.join(folder, file));
    }
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    log.warn(
      { evidence: path.basename(folder), type: error instanceof Error ? error.name : 'unknown' },
      'evidence could not be moved to the bucket and stays on this machine',
    );
  }
}

/** Evidence younger than this may still be written, by another worker of this machine. */
const evidenceWrittenDays = 1 / 24;

/**
 * Only this machine can move what lies on it, and only retention in the bucket removes it in time, whichever machine
 * tidies.
 */
async function moveEvidenceLeft(objects: BucketObjects, root: string): Promise<void> {
  const age = { days: evidenceWrittenDays, now: new Date() };
  for (const folder of await evidenceFolders(root, age)) await moveEvidence(objects, folder);
}

/** Patient data, some of it in plain text: a worker that runs for weeks does not leave it until the next one starts. */
async function removeLeft({
  folder,
  inbox,
  downloads,
}: {
  folder: string;
  inbox: string;
  downloads: string;
}): Promise<void> {
  await orNextRound('downloads', async () => {
    await assertOwn(downloads);
    await removeAbandoned(downloads);
  });
  const folders = { 'scratch files': scratchName, 'spooled files': spoolName };
  for (const [what, name] of Object.entries(folders)) {
    await orNextRound(what, () => removeAbandoned(path.join(folder, name)));
  }
  await orNextRound('files that were handed in', () =>
    removeAbandoned(path.join(inbox, handedInFolder), { hours: handedInHours }),
  );
  await orNextRound('copies of files from sources', () => removeAbandonedCopies(inbox));
}

/**
 * Shared memory is open to every user of the machine: the folder may be somebody else's, or a link.
 * @throws PipelineError ArtifactStoreUnavailable
 */
export async function assertOwn(folder: string): Promise<void> {
  const found = await lstat(folder).catch(ifMissing);
  if (found === undefined) return;
  const isOurs = found.isDirectory() && found.uid === (process.getuid?.() ?? found.uid);
  if (isOurs || !folder.startsWith(`${sharedMemory}/`)) return;
  throw new PipelineError(
    'ArtifactStoreUnavailable',
    `the folder for downloads ${folder} belongs to another user`,
    {
      hint: 'Remove it, or name a private folder on a tmpfs as EHR_DOWNLOADS.',
    },
  );
}

/** Nobody waits for it. */
async function orNextRound(what: string, tidy: () => Promise<void>): Promise<void> {
  try {
    await tidy();
  } catch (error) {
    log.warn(
      { type: error instanceof Error ? error.name : 'unknown' },
      `${what}: what was left there cannot be tidied`,
    );
  }
}

/**
 * The database, after a check that its tables are the agency's and fit this version; its views follow this
 * configuration.
 */
export async function openTables(
  config: Pick<PipelineConfig, 'services' | 'reports'>,
  { agency, env, poolSize }: { agency: Agency; env: Environment; poolSize: number | undefined },
): Promise<Warehouse> {
  const warehouse = await openWarehouse({
    ...databaseSettings(env),
    agency,
    currentUrl: () => databaseUrl(env),
    ...(poolSize === undefined ? {} : { poolSize }),
  });
  try {
    await checkVersion(warehouse);
    await recordServices(warehouse, config.services);
    await recordFiguresAre(warehouse, figuresAreOf(config));
  } catch (error) {
    // Its connections would stay, one pool for each try.
    await warehouse.close();
    throw error;
  }
  if (config.services.length === 0) log.warn(respiteUnsaid);
  return warehouse;
}

/**
 * Finds a kept file: an artifact by its uri, or `evidence/<folder>/<file>`. Returns what reads its plain bytes.
 * @throws PipelineError InvalidInput if there is none.
 */
export async function openKeptFile(named: string): Promise<() => AsyncIterable<Buffer>> {
  const file = namedFile(named);
  // Evidence that could not be moved to a bucket lies in the folder.
  const body =
    (await openBucket()?.get(file.name))?.body ?? (await findInFolder(scratchDirectory(), file.name));
  if (body !== undefined) return () => openNamed(body, file, dataKeysInUse());
  throw noSuchFile();
}

/** Where kept files are that this machine reaches. */
export function keptPlaces(): KeptPlace[] {
  const folder = scratchDirectory();
  const objects = openBucket();
  const local = createFolderPlace(folder, inboxDirectory());
  return objects === undefined ? [local] : [createBucketPlace(objects, path.join(folder, spoolName)), local];
}

/** Where a command keeps rows that are too many for its memory, until it ends. */
export function clientScratch(): () => Promise<Scratch> {
  return createScratch(path.join(scratchDirectory(), scratchName));
}

/** The ids of the keys that sealed some kept files, undefined for a plain one. */
export function keptKeys(): Promise<(string | undefined)[]> {
  return keysOfSample(keptPlaces());
}

/** As a worker opens them. */
export function keptStores(): Stores {
  return openStores({ folder: scratchDirectory(), inbox: inboxDirectory() });
}

/** The files that runs kept. */
export function keptFiles(): ArtifactStore {
  return keptStores().artifacts;
}
