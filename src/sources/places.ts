import type { Readable } from 'node:stream';
import pTimeout from 'p-timeout';
import { PipelineError } from '../domain/failures.ts';
import type { PlacedName, SourceFolder } from '../domain/fileSources.ts';

/** The folder's path below that of the source; slashes part names on every system here. */
export function folderPath(root: string, folder: SourceFolder): string {
  return folder === 'left' ? root : `${root}/${folder}`;
}

/** @throws Error if a name could lead out of its folder: that would be a defect, as names come from listings. */
export function filePath(root: string, { folder, name }: PlacedName): string {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name))
    throw new Error('no name of a file');
  return `${folderPath(root, folder)}/${name}`;
}

/** More files than this in one folder are not an inbox. */
const mostFiles = 100_000;

export function assertListable(source: string, files: number): void {
  if (files <= mostFiles) return;
  throw new PipelineError(
    'SourceUnavailable',
    `the source ${source} has more than ${String(mostFiles)} files in one folder`,
    { hint: 'Move old files out of its folders done and refused, or name a folder for this pipeline alone.' },
  );
}

/** One file that may not be read keeps no other one back: it is refused. */
export function notReadable(cause: unknown): PipelineError {
  return new PipelineError('InvalidInput', 'the user of the worker may not read the file', {
    hint: 'Let that user, or the group that it shares with those who leave files, read them.',
    cause,
  });
}

/** A transfer that brings nothing for so long has died. */
const silentSeconds = 60;

/**
 * The stream's chunks; `asFailure` converts its errors, also one that comes before anybody reads. Destroys the stream
 * however the reading ends.
 */
export function chunksOf(
  stream: Readable,
  asFailure: (error: unknown) => PipelineError,
): AsyncGenerator<Buffer> {
  let failure: unknown;
  // From the first moment, and for good: before the first chunk and after the last nobody else listens, and an error
  // without a listener would end the worker.
  stream.on('error', (error) => (failure ??= error));
  return read();

  async function* read(): AsyncGenerator<Buffer> {
    const chunks = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    const next = async () => {
      try {
        if (failure !== undefined) throw failure;
        return await pTimeout(chunks.next(), { milliseconds: silentSeconds * 1000 });
      } catch (error) {
        throw asFailure(failure ?? error);
      }
    };
    try {
      for (let each = await next(); each.done !== true; each = await next()) yield each.value;
    } finally {
      stream.destroy();
    }
  }
}
