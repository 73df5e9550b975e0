import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ifMissing } from './disk.ts';

/**
 * Longer than any step may take: older entries belong to no live worker on any machine. Several may share the folder.
 */
const abandonedAfterHours = 24;

/** A run may wait so long for a worker before it takes a file that was handed in: no run lasts longer than 72 hours. */
export const handedInHours = 96;

interface Age {
  readonly hours?: number;
  readonly now?: Date;
}

export function isAbandoned(
  writtenAt: Date,
  { hours = abandonedAfterHours, now = new Date() }: Age,
): boolean {
  return writtenAt.getTime() < now.getTime() - hours * 3_600_000;
}

/** Removes what killed workers left in a folder for downloads or scratch files: it is patient data. */
export async function removeAbandoned(folder: string, age: Age = {}): Promise<void> {
  // The folder is created on demand: if it does not exist, nothing is left in it.
  const names = (await readdir(folder).catch(ifMissing)) ?? [];
  for (const name of names) {
    const entry = path.join(folder, name);
    // Another worker may be removing it at this moment.
    const found = await stat(entry).catch(() => undefined);
    if (found !== undefined && isAbandoned(found.mtime, age))
      await rm(entry, { recursive: true, force: true });
  }
}
