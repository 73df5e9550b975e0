import { finished } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { fromBufferPromise, type Entry, type ZipFile } from 'yauzl';
import { PipelineError } from '../domain/failures.ts';
import { askForAnother } from './exportBytes.ts';

/** A packed export is a few megabytes. Its index is at its end, so that all of it must be there to read any of it. */
const mostPackedBytes = 256 * 1024 * 1024;

/** As large as an export may be where no setting says otherwise. More is no export but a trap. */
export const mostUnpackedBytes = 2048 * 1024 * 1024;

/** A workbook with pictures has dozens. */
const mostEntries = 1000;

/** A zip archive. Names of its files may name patients, so that no message repeats one. */
export interface Archive {
  readonly names: readonly string[];
  /** The content of a file, checked against the archive's checksum. */
  read(name: string): AsyncGenerator<Buffer>;
}

/**
 * Reads an archive whole.
 * @throws PipelineError ExportNotCsv if it is none, or damaged, encrypted or beyond a limit
 */
export async function openArchive(source: AsyncIterable<Buffer>): Promise<Archive> {
  const zip = await opened(await whole(source));
  const entries = new Map<string, Entry>();
  const folded = new Set<string>();
  try {
    for await (const entry of zip.eachEntry()) {
      if (entries.size === mostEntries) throw unreadable('it holds too many files');
      // Which of two counts differs from program to program, and the names of parts of a workbook ignore case.
      const name = entry.fileName.toUpperCase();
      if (folded.has(name)) throw unreadable('two files in it have the same name');
      folded.add(name);
      entries.set(entry.fileName, entry);
    }
  } catch (error) {
    throw asFailure(error);
  }
  return {
    names: [...entries.keys()],
    read: (name) => contentOf(zip, entries.get(name)!),
  };
}

async function whole(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > mostPackedBytes) throw unreadable(`it has more than ${String(mostPackedBytes)} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function opened(bytes: Buffer): Promise<ZipFile> {
  try {
    return await fromBufferPromise(bytes, { lazyEntries: true });
  } catch (error) {
    throw asFailure(error);
  }
}

async function* contentOf(zip: ZipFile, entry: Entry): AsyncGenerator<Buffer> {
  if (entry.uncompressedSize > mostUnpackedBytes) throw unreadable('a file in it is too large');
  let checksum = 0;
  try {
    const stream = await zip.openReadStreamPromise(entry);
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        checksum = crc32(chunk, checksum);
        yield chunk;
      }
    } finally {
      stream.destroy();
      await finished(stream).catch(() => undefined);
    }
  } catch (error) {
    throw asFailure(error);
  }
  if (checksum !== entry.crc32) throw unreadable('a file in it differs from its checksum');
}

/** A message of the library may repeat a file's name. */
function asFailure(error: unknown): unknown {
  return error instanceof PipelineError ? error : unreadable('it is damaged, cut off, encrypted or none');
}

function unreadable(why: string): PipelineError {
  return new PipelineError('ExportNotCsv', `the export cannot be read as a zip archive: ${why}`, {
    hint: askForAnother,
  });
}
