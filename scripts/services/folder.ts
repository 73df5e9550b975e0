import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isAlive } from './leftover.ts';

/** Where everything local lies: EHR_LOCAL_DIR, else `.local` in the folder that the command runs in. */
export function localFolder(): string {
  return path.resolve(process.env['EHR_LOCAL_DIR'] || '.local');
}

/**
 * Claims a folder for this program: two at once would each end the other's servers as leftovers.
 * @returns what gives the folder back
 * @throws where another living program holds it
 */
export async function claimFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, 'owner.pid');
  const owner = await ownerOf(folder);
  if (owner !== undefined) {
    throw new Error(
      `${folder} is in use by process ${String(owner)}. Stop that one first, or run this copy beside it with ` +
        'another folder, for example EHR_LOCAL_DIR=.local-2.',
    );
  }
  await writeFile(file, String(process.pid));
  return () => rm(file, { force: true });
}

/** The living program that holds the folder. */
export async function ownerOf(folder: string): Promise<number | undefined> {
  const pid = Number(await readFile(path.join(folder, 'owner.pid'), 'utf8').catch(() => ''));
  return pid > 0 && pid !== process.pid && isAlive(pid) ? pid : undefined;
}
