import { chmod, lstat, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PipelineError } from '../domain/failures.ts';

/** A file as it lies in its folder. */
export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
}

/** A private folder beside the files to be replaced, on the same disk, so that renaming is all that is left to do. */
export interface Unfinished {
  pathOf(name: string): string;
  write(name: string, text: string): Promise<void>;
}

/**
 * Lets `make` write files, and puts them into the folder when all are there: each takes the place of its predecessor at
 * once, so that a reader finds the old or the new one. Only who wrote them may read them. Fails without a trace.
 */
export async function replaceFiles(
  folder: string,
  make: (unfinished: Unfinished) => Promise<void>,
): Promise<WrittenFile[]> {
  const place = await translated(() => placeIn(folder));
  try {
    await make({
      pathOf: (name) => join(place, name),
      write: (name, text) =>
        // Flushed before it is renamed: after a power cut the new name must not lead to an empty file.
        translated(() => writeFile(join(place, name), text, { mode: 0o600, flush: true })),
    });
    return await translated(() => moveAll(place, folder));
  } finally {
    await translated(() => rm(place, { recursive: true, force: true }));
  }
}

const prefix = '.unfinished-';
/** Many times what writing takes: the process that made such a folder was killed. */
const abandonedHours = 24;

async function placeIn(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await removeAbandoned(folder);
  return mkdtemp(join(folder, prefix));
}

/** Another user's is left to that user: to remove it may be forbidden, and no reason to write nothing. */
async function removeAbandoned(folder: string): Promise<void> {
  const before = Date.now() - abandonedHours * 3_600_000;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix)) continue;
    const found = await lstat(join(folder, name)).catch(absent);
    if (found !== undefined && found.mtimeMs < before && isOurs(found.uid)) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}

/** Windows has no such numbers: there all are 0. */
function isOurs(uid: number): boolean {
  return uid === (process.getuid?.() ?? uid);
}

/** Another writer has just finished with it. */
function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

async function moveAll(place: string, folder: string): Promise<WrittenFile[]> {
  const files: WrittenFile[] = [];
  for (const name of (await readdir(place)).sort()) {
    const [unfinished, path] = [join(place, name), join(folder, name)];
    // A browser writes its PDFs with rights of its own.
    await chmod(unfinished, 0o600);
    const { size: bytes } = await stat(unfinished);
    await rename(unfinished, path);
    files.push({ path, bytes });
  }
  return files;
}

/** Rights and names stay wrong until a person fixes them; a full disk or a lost share may come back. */
const lasting: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EISDIR']);

/** @throws PipelineError DashboardsNotWritten where the file system refuses */
export async function translated<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throwIfFolderFailed(error);
    throw error;
  }
}

/** Errors of the file system carry a code that begins with E. @throws PipelineError DashboardsNotWritten for them */
export function throwIfFolderFailed(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) return;
  throw new PipelineError(
    'DashboardsNotWritten',
    `the folder for the dashboards cannot be written (${code})`,
    {
      hint: 'Check that the folder (dashboards.folder in pipeline.yaml, or --out) may be written and has room.',
      retry: !lasting.has(code),
      cause: error,
    },
  );
}
