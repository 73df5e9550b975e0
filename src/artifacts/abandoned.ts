import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Longer than any step may take: what is older belongs to no worker that lives, wherever it runs, and
 * the folder may be shared by several.
 */
const abandonedAfterHours = 24;

/** Removes what killed workers left in a folder for downloads or scratch files: it is patient data. */
export async function removeAbandoned(folder: string, now: Date = new Date()): Promise<void> {
  const abandonedBefore = now.getTime() - abandonedAfterHours * 3_600_000;
  // Made when it is needed: where it is not there yet, nothing is left in it.
  const names = await readdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) {
    const entry = path.join(folder, name);
    // Another worker may be removing it at this moment.
    const found = await stat(entry).catch(() => undefined);
    if (found !== undefined && found.mtimeMs < abandonedBefore)
      await rm(entry, { recursive: true, force: true });
  }
}
