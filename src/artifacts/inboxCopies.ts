import { readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { StillWritten } from '../domain/fileSources.ts';
import { removeAbandoned } from './abandoned.ts';
import { ifMissing, translated } from './disk.ts';
import { inboxSealer } from './inbox.ts';
import { sealedLength, type DataKeys, type Sealer } from './seal.ts';
import { SpooledFile } from './spool.ts';

/** Within the inbox, a folder for each source. */
export const copiesFolder = 'sources';

interface Copy {
  readonly source: string;
  readonly id: string;
  readonly modifiedAt: number;
}

/** Copies of files from the sources, below the inbox and readable by their owner only: they hold patient data. */
export function createInboxCopies(inbox: string, keys: DataKeys = []) {
  return {
    async keep(copy: Copy, bytes: number, read: () => Promise<AsyncIterable<Buffer>>): Promise<string> {
      const name = copyName(copy);
      const file = path.join(inbox, name);
      const kept = await translated(() => stat(file).catch(ifMissing));
      const isWhole = kept?.size === bytes || kept?.size === sealedLength(bytes);
      if (!isWhole) await write(file, { bytes, read, sealer: inboxSealer(name, keys) });
      return name;
    },
    remove: (copy: Copy) => translated(() => rm(path.join(inbox, copyName(copy)), { force: true })),
  };
}

/** A source that is no longer configured, or a worker that died, leaves copies behind. */
export async function removeAbandonedCopies(inbox: string, now: Date = new Date()): Promise<void> {
  const folder = path.join(inbox, copiesFolder);
  for (const source of (await readdir(folder).catch(ifMissing)) ?? []) {
    await removeAbandoned(path.join(folder, source), { now });
  }
}

/** The path of a copy within the inbox. */
export function copyName({ source, id, modifiedAt }: Copy): string {
  return `${copiesFolder}/${source}/${id}-${String(modifiedAt)}.csv`;
}

/** The file appears under its name only once it is whole and on disk. */
async function write(
  file: string,
  {
    bytes,
    read,
    sealer,
  }: {
    readonly bytes: number;
    readonly read: () => Promise<AsyncIterable<Buffer>>;
    readonly sealer: Sealer | undefined;
  },
): Promise<void> {
  const spooled = await SpooledFile.create(path.dirname(file), path.basename(file), sealer);
  try {
    await fill(spooled, bytes, await read());
    await spooled.finish();
  } catch (error) {
    await spooled.remove();
    throw error;
  }
  await translated(() => rename(spooled.path, file));
}

async function fill(spooled: SpooledFile, bytes: number, chunks: AsyncIterable<Buffer>): Promise<void> {
  let written = 0;
  for await (const chunk of chunks) {
    written += chunk.length;
    // A file that grows on must not fill the disk.
    if (written > bytes) break;
    await spooled.add(chunk);
  }
  if (written !== bytes) throw new StillWritten();
}
