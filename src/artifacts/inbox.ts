import { access, constants, mkdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { PipelineError } from '../domain/failures.ts';

/**
 * Finds files that people hand in, below one folder. A path comes from anyone who can start a run, so no other file of
 * the machine may reach the tables this way. A relative path starts at that folder; links are resolved before the
 * check.
 * @returns the real path of the file
 */
export function createInbox(folder: string): (file: string) => Promise<string> {
  return async (file) => {
    // If the folder cannot be created, it contains nothing.
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch(() => undefined);
    const root = await realpath(folder).catch(() => path.resolve(folder));
    const named = path.resolve(root, file);
    // Outside the folder the answer is the same whether the file exists or not.
    if (!isWithin(root, named) && !isWithin(path.resolve(folder), named)) throw outside();
    const real = await realpath(named).catch(() => undefined);
    if (real === undefined) throw missing();
    if (!isWithin(root, real)) throw outside();
    const found = await stat(real).catch(() => undefined);
    if (found === undefined) throw missing();
    if (!found.isFile()) throw notAFile();
    await access(real, constants.R_OK).catch(() => {
      throw new PipelineError('InvalidInput', 'file: the worker may not read it', {
        hint: 'Let the user of the worker read the file, then start the run again.',
      });
    });
    return real;
  };
}

function isWithin(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return (
    relative !== '' &&
    relative !== '..' &&
    !relative.startsWith(`..${path.sep}`) &&
    !path.isAbsolute(relative)
  );
}

function outside(): PipelineError {
  return new PipelineError('InvalidInput', 'file: it does not lie in the folder EHR_INBOX of the worker', {
    hint: 'Copy it there (inbox in EHR_ARTIFACTS, unless EHR_INBOX is set), or hand it in with: npm run client -- run … --file <csv>',
  });
}

/** A device or a pipe would never end, and a folder has nothing to read. */
function notAFile(): PipelineError {
  return new PipelineError('InvalidInput', 'file: it is a folder, a device or a pipe and no file', {
    hint: 'Give the name of a CSV in the folder EHR_INBOX of the worker.',
  });
}

function missing(): PipelineError {
  return new PipelineError(
    'InvalidInput',
    'file: there is no such file in the folder EHR_INBOX of the worker',
    {
      hint: 'Give the name of a CSV in that folder: inbox in EHR_ARTIFACTS, unless EHR_INBOX is set.',
    },
  );
}
