import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { PipelineError } from '../domain/failures.ts';
import type { OpenSource, SourceFile } from '../domain/fileSources.ts';
import { assertListable, chunksOf, filePath, folderPath, notReadable } from './places.ts';

/** A folder that every worker reaches under the same path. */
export function openFolder({ name, folder }: { name: string; folder: string }): Promise<OpenSource> {
  const at = (place: Parameters<typeof filePath>[1]) => filePath(folder, place);
  const here = <Result>(work: () => Promise<Result>) => translated(name, work);
  return here(async () => {
    if (!(await stat(folder)).isDirectory()) throw systemError('ENOTDIR');
    return {
      list: (of) => here(() => regularFiles(name, folderPath(folder, of), of !== 'left')),
      move: (from, to) =>
        here(async () => {
          await mkdir(folderPath(folder, to.folder), { recursive: true, mode: 0o700 });
          return moved(at(from), at(to));
        }),
      read: (place) =>
        here(async () => {
          // A link that has taken the file's place could lead to any other file of this machine.
          const file = await open(at(place), constants.O_RDONLY | constants.O_NOFOLLOW).catch(
            (error: unknown) => {
              throw ['EACCES', 'EPERM'].includes(codeOf(error)) ? notReadable(error) : error;
            },
          );
          return chunksOf(file.createReadStream({ highWaterMark: 256 * 1024 }), (error) =>
            asFailure(name, error),
          );
        }),
      write: (place, text) => here(() => written(at(place), text)),
      remove: (place) => here(() => rm(at(place), { force: true })),
      close: () => Promise.resolve(),
    };
  });
}

async function regularFiles(source: string, folder: string, mayBeMissing: boolean): Promise<SourceFile[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (mayBeMissing && codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  const files = entries.filter((entry) => entry.isFile());
  assertListable(source, files.length);
  const found: SourceFile[] = [];
  for (const { name } of files) {
    const facts = await factsOf(path.join(folder, name));
    if (facts?.isFile() === true)
      found.push({ name, bytes: facts.size, modifiedAt: Math.max(0, Math.round(facts.mtimeMs)) });
  }
  return found;
}

async function factsOf(file: string): Promise<Stats | undefined> {
  try {
    return await lstat(file);
  } catch (error) {
    // It was moved since the folder was listed.
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function moved(from: string, to: string): Promise<boolean> {
  if ((await factsOf(to)) !== undefined) throw systemError('EEXIST');
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function written(file: string, text: string): Promise<void> {
  const { dir, base } = path.parse(file);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const unfinished = path.join(dir, `.${base.slice(0, 16)}.${randomBytes(6).toString('hex')}.part`);
  const handle = await open(unfinished, 'wx', 0o600);
  try {
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
  await rename(unfinished, file);
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^E[A-Z0-9]{2,20}$/.test(code) ? code : 'unknown';
}

async function translated<Result>(source: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw asFailure(source, error);
  }
}

function asFailure(source: string, error: unknown): PipelineError {
  if (error instanceof PipelineError) return error;
  // Not the path: it may name a person.
  const code = codeOf(error);
  return new PipelineError(
    'SourceUnavailable',
    `the folder of the source ${source} cannot be used (${code})`,
    {
      hint: 'Check that it is there on the machine of the worker, and that the user of the worker may read it, write to it and move files in it.',
      details: { source, code },
      cause: error,
    },
  );
}
