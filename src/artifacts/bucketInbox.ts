import path from 'node:path';
import type { InboxFile } from '../domain/artifacts.ts';
import { handedInHours, isAbandoned } from './abandoned.ts';
import type { BucketObjects } from './bucketStore.ts';
import {
  handedInFolder,
  handedInName,
  inboxFolder,
  inboxSealer,
  openInboxBytes,
  readInboxFile,
} from './inbox.ts';
import { copiesFolder, copyName, type createInboxCopies } from './inboxCopies.ts';
import type { DataKeys } from './seal.ts';
import { SpooledFile, spoolCopy } from './spool.ts';

type InboxCopies = ReturnType<typeof createInboxCopies>;

/** Names below the inbox; nothing in them can leave it. */
const namePattern = /^(?:\w[\w. -]{0,200}\/){0,5}\w[\w. -]{0,200}$/;

/**
 * Finds files that people hand in below `inbox/` of the bucket, and takes them to this machine for the time of a step.
 * One that is not there is looked for with `elsewhere`.
 */
export function createBucketInbox(
  objects: BucketObjects,
  {
    spoolFolder,
    elsewhere,
    keys = [],
  }: { spoolFolder: string; elsewhere: (file: string) => Promise<InboxFile>; keys?: DataKeys },
): (file: string) => Promise<InboxFile> {
  return async (file) => {
    const found = namePattern.test(file) ? await objects.get(`${inboxFolder}/${file}`) : undefined;
    if (found === undefined) return elsewhere(file);
    const local = await SpooledFile.create(spoolFolder, 'inbox', inboxSealer(file, keys));
    const release = () => local.remove();
    try {
      const plain = openInboxBytes(found.body, file, keys);
      for await (const chunk of plain as AsyncIterable<Buffer>) await local.add(chunk);
      await local.finish();
    } catch (error) {
      await release().catch(() => undefined);
      throw error;
    }
    return { read: () => readInboxFile(local.path, file, keys), release };
  };
}

/**
 * Copies of files from the sources, in the inbox of the bucket, which every worker reaches. `local` makes each on this
 * machine first.
 */
export function createBucketCopies(
  objects: BucketObjects,
  { inbox, local }: { inbox: string; local: InboxCopies },
): InboxCopies {
  return {
    keep: async (copy, bytes, read) => {
      const name = await local.keep(copy, bytes, read);
      await objects.put(`${inboxFolder}/${name}`, path.join(inbox, name));
      await local.remove(copy);
      return name;
    },
    remove: (copy) => objects.remove(`${inboxFolder}/${copyName(copy)}`),
  };
}

/**
 * Removes what clients handed in without waiting for the run, once no run can be about to take it, and copies of files
 * from the sources, which the next round makes again. Other files of the inbox are people's own.
 */
export async function removeAbandonedObjects(objects: BucketObjects, now: Date = new Date()): Promise<void> {
  const ages = { [handedInFolder]: { hours: handedInHours, now }, [copiesFolder]: { now } };
  for (const [folder, age] of Object.entries(ages)) {
    for await (const page of objects.list(`${inboxFolder}/${folder}`)) {
      for (const { name, writtenAt } of page) if (isAbandoned(writtenAt, age)) await objects.remove(name);
    }
  }
}

export interface UploadedFile {
  /** What a run's input names as `file`. */
  readonly name: string;
  readonly remove: () => Promise<void>;
}

/** Puts a local file into the bucket's inbox under a name that says nothing. A sealed copy is made on the way. */
export async function uploadToInbox(
  objects: BucketObjects,
  file: string,
  { spoolFolder, keys }: { readonly spoolFolder: string; readonly keys: DataKeys },
): Promise<UploadedFile> {
  const name = handedInName();
  const object = `${inboxFolder}/${name}`;
  const sealer = inboxSealer(name, keys);
  if (sealer === undefined) {
    await objects.put(object, file);
  } else {
    const sealed = await spoolCopy(file, { folder: spoolFolder, label: 'handed-in', sealer });
    try {
      await objects.put(object, sealed.path);
    } finally {
      await sealed.remove();
    }
  }
  return { name, remove: () => objects.remove(object) };
}
