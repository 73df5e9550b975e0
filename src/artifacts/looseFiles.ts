import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { dayMilliseconds } from '../domain/dates.ts';
import type { LooseFiles } from '../domain/fileRetention.ts';
import type { BucketObjects } from './bucketStore.ts';
import { translated } from './disk.ts';
import { evidenceFolder, ifThere, levelsAboveFiles } from './folderStore.ts';

/** The folders of evidence below that of a machine that are more than so many days old. */
export async function evidenceFolders(root: string, age: EvidenceAge): Promise<string[]> {
  const names = await foldersIn(path.join(root, evidenceFolder));
  return names
    .filter((name) => isOldEvidence(name, age))
    .map((name) => path.join(root, evidenceFolder, name));
}

/** Evidence of failed portal steps, below the folder that this machine keeps files in. */
export function evidenceInFolder(root: string): LooseFiles {
  return {
    class: 'evidence',
    async *old(age) {
      for (const folder of await evidenceFolders(root, age)) {
        yield (await filesIn(folder)).map(({ file, bytes }) => ({
          bytes,
          remove: () =>
            translated(async () => {
              await rm(file, { force: true });
              await rmdir(folder).catch(unlessFilled);
            }),
        }));
      }
    },
  };
}

/** Evidence files in a bucket. */
export function evidenceInBucket(objects: BucketObjects): LooseFiles {
  return {
    class: 'evidence',
    async *old(age) {
      for await (const page of objects.list(evidenceFolder)) {
        yield page
          .filter(({ name }) => isOldEvidence(name.split('/')[1] ?? '', age))
          .map(({ name, bytes }) => ({ bytes, remove: () => objects.remove(name) }));
      }
    },
  };
}

/** Partial files of interrupted writes, below a store's folder. A write in progress keeps changing its file. */
export function leftoversInFolder(root: string): LooseFiles {
  return {
    class: 'leftovers',
    async *old({ days, now }) {
      for await (const folder of foldersWithFiles(root)) {
        const files = await filesIn(folder, (name) => leftoverPattern.test(name));
        yield files
          .filter(({ writtenAt }) => writtenAt < now.getTime() - days * dayMilliseconds)
          .map(({ file, bytes }) => ({ bytes, remove: () => translated(() => rm(file, { force: true })) }));
      }
    },
  };
}

/** As `SpooledFile` names them. */
const leftoverPattern = /^\..{1,240}\.[0-9a-f]{12}\.part$/;

/** The folders of runs and of evidence. Workers tidy the others each hour. */
async function* foldersWithFiles(root: string): AsyncGenerator<string> {
  for (const first of await foldersIn(root)) {
    const levels = first === evidenceFolder ? 2 : levelsAboveFiles;
    yield* foldersBelow(path.join(root, first), levels - 1);
  }
}

async function* foldersBelow(folder: string, levels: number): AsyncGenerator<string> {
  if (levels === 0) {
    yield folder;
    return;
  }
  for (const name of await foldersIn(folder)) yield* foldersBelow(path.join(folder, name), levels - 1);
}

/** The name ends with the moment of the failure, which no copy changes: `…-20261101t083000z-0a1b2c`. */
const evidencePattern = /-(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)z-[0-9a-f]{6}$/;

interface EvidenceAge {
  readonly days: number;
  readonly now: Date;
}

function isOldEvidence(name: string, { days, now }: EvidenceAge): boolean {
  const [, year, month, day, hour, minute, second] = (evidencePattern.exec(name) ?? []).map(Number);
  if (year === undefined) return false;
  const at = Date.UTC(year, month! - 1, day, hour, minute, second);
  return at < now.getTime() - days * dayMilliseconds;
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await ifThere(() => readdir(folder, { withFileTypes: true }));
  return (entries ?? []).filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function filesIn(
  folder: string,
  wanted: (name: string) => boolean = () => true,
): Promise<{ file: string; bytes: number; writtenAt: number }[]> {
  const names = (await ifThere(() => readdir(folder))) ?? [];
  const files = names.filter(wanted).map(async (name) => {
    const file = path.join(folder, name);
    const found = await ifThere(() => stat(file));
    return found?.isFile() === true ? [{ file, bytes: found.size, writtenAt: found.mtimeMs }] : [];
  });
  return (await Promise.all(files)).flat();
}

/** Evidence that is being written keeps its folder, and another call may have removed it. */
function unlessFilled(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOTEMPTY' && error.code !== 'ENOENT') throw error;
}
