import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { handedInHours, removeAbandoned } from '../artifacts/abandoned.ts';
import { createBucketCopies, createBucketInbox, removeAbandonedObjects } from '../artifacts/bucketInbox.ts';
import { BucketObjects, createBucketPlace, createBucketStore } from '../artifacts/bucketStore.ts';
import { ifMissing } from '../artifacts/disk.ts';
import { createFolderPlace, createFolderStore } from '../artifacts/folderStore.ts';
import {
  evidenceFolders,
  evidenceInBucket,
  evidenceInFolder,
  leftoversInFolder,
} from '../artifacts/looseFiles.ts';
import { createFolderInbox, handedInFolder } from '../artifacts/inbox.ts';
import { createInboxCopies, removeAbandonedCopies } from '../artifacts/inboxCopies.ts';
import { keysOfSample } from '../artifacts/keysOfFiles.ts';
import { findInFolder, namedFile, noSuchFile, openNamed } from '../artifacts/keptFile.ts';
import type { KeptPlace } from '../artifacts/resealing.ts';
import { createScratch } from '../artifacts/scratch.ts';
import { dataKey, type DataKeys } from '../artifacts/seal.ts';
import {
  artifactsPlace,
  dataKeys,
  downloadsDirectory,
  inboxDirectory,
  scratchDirectory,
  sharedMemory,
  type Environment,
} from '../config.ts';
import type { ArtifactStore, Scratch } from '../domain/artifacts.ts';
import { PipelineError } from '../domain/failures.ts';
import type { LooseFiles } from '../domain/fileRetention.ts';
import { log } from '../observability/log.ts';
import type { Ports } from '../ports.ts';

/** Folders below that of EHR_SCRATCH. */
export const scratchName = 'scratch';
export const spoolName = 'spool';

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

/** Undefined if artifacts are kept in a folder. */
export function openBucket(env: Environment = process.env): BucketObjects | undefined {
  const place = artifactsPlace(env);
  return place.kind === 'bucket' ? new BucketObjects(place) : undefined;
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
