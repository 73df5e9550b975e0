import { chmod, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { uploadToInbox, type UploadedFile } from '../artifacts/bucketInbox.ts';
import { translated } from '../artifacts/disk.ts';
import { handedInFolder, handedInName, inboxSealer } from '../artifacts/inbox.ts';
import { spoolCopy } from '../artifacts/spool.ts';
import { scratchDirectory } from '../config.ts';
import { dataKeysInUse, openBucket, spoolName } from './openStores.ts';

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
