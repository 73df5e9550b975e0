import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { dayMilliseconds } from '../domain/dates.ts';
import type { LooseFiles } from '../domain/fileRetention.ts';
import { pageFile } from './pageFiles.ts';
import { translated } from './replaceFiles.ts';

/**
 * Files that newer ones have lain beside for so many days: the page of a QP who left, a PDF that is not wanted any
 * more. What was written last stays, however old.
 */
export function oldDashboards(folder: string): LooseFiles {
  return {
    class: 'dashboards',
    async *old({ days }) {
      const files = await translated(() => ownFiles(folder));
      const newest = Math.max(...files.map(({ writtenAt }) => writtenAt));
      yield files
        .filter(({ writtenAt }) => writtenAt < newest - days * dayMilliseconds)
        .map(({ path, bytes }) => ({ bytes, remove: () => translated(() => rm(path, { force: true })) }));
    },
  };
}

async function ownFiles(folder: string): Promise<{ path: string; bytes: number; writtenAt: number }[]> {
  const names = (await readdir(folder).catch(ifAbsent)) ?? [];
  // Other files in the folder are not ours.
  const files = names
    .filter((name) => pageFile.test(name))
    .map(async (name) => {
      const path = join(folder, name);
      const found = await stat(path).catch(ifAbsent);
      return found?.isFile() === true ? [{ path, bytes: found.size, writtenAt: found.mtimeMs }] : [];
    });
  return (await Promise.all(files)).flat();
}

/** The step that writes there reports a folder that cannot exist. */
function ifAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
}
