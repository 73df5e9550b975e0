import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { PipelineError } from '../domain/failures.ts';
import type { FileForm } from '../domain/fileForm.ts';
import { mostUnpackedBytes, openArchive } from './archive.ts';
import { askForAnother } from './exportBytes.ts';

/** The export in a packed file: gzip, or a zip archive with one export in it. */
export function unpacked(
  source: AsyncIterable<Buffer>,
  { packed, format }: Pick<FileForm, 'packed' | 'format'>,
): AsyncIterable<Buffer> {
  switch (packed) {
    case 'none':
      return source;
    case 'gzip':
      return gunzipped(source);
    case 'zip':
      return onlyFile(source, format);
  }
}

async function* gunzipped(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const packed = new PackedBytes(source);
  const gunzip = createGunzip();
  let size = 0;
  // The reader below gets every error.
  const stream = pipeline(Readable.from(packed), gunzip, () => undefined);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > mostUnpackedBytes) throw notGzip('ExportNotCsv', 'holds too much');
      yield chunk;
    }
    // Node ends where zero bytes follow, though another part of the file may follow these.
    if ((await packed.lastByteAt()) >= gunzip.bytesWritten) {
      throw notGzip('ExportNotCsv', 'goes on after its end');
    }
  } catch (error) {
    throw asFailure(error);
  } finally {
    await packed.close();
  }
}

/** Can be read on after its reader has gone. */
class PackedBytes implements AsyncIterable<Buffer> {
  readonly #chunks: AsyncIterator<Buffer>;
  #size = 0;
  #lastByteAt = -1;

  constructor(source: AsyncIterable<Buffer>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer> {
    return { next: () => this.#next() };
  }

  /** The place of the last byte that is not zero, counted from 0. Reads to the end. */
  async lastByteAt(): Promise<number> {
    for (let each = await this.#next(); each.done !== true;) each = await this.#next();
    return this.#lastByteAt;
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #next(): Promise<IteratorResult<Buffer>> {
    const result = await this.#chunks.next();
    if (result.done === true) return result;
    const chunk = result.value;
    const last = chunk.findLastIndex((byte) => byte !== 0);
    if (last !== -1) this.#lastByteAt = this.#size + last;
    this.#size += chunk.length;
    return result;
  }
}

function asFailure(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'Z_BUF_ERROR') return notGzip('ExportTruncated', 'stops before its end');
  return typeof code === 'string' && code.startsWith('Z_')
    ? notGzip('ExportNotCsv', 'is damaged or is none')
    : error;
}

function notGzip(type: 'ExportNotCsv' | 'ExportTruncated', why: string): PipelineError {
  return new PipelineError(type, `the export cannot be read as a gzip file: it ${why}`, {
    hint: askForAnother,
  });
}

const endings = { csv: /\.(?:csv|tsv|txt)$/i, xlsx: /\.xlsx$/i } as const;

async function* onlyFile(source: AsyncIterable<Buffer>, format: FileForm['format']): AsyncGenerator<Buffer> {
  const archive = await openArchive(source);
  // macOS adds a second file to each.
  const names = archive.names.filter((name) => endings[format].test(name) && !name.startsWith('__MACOSX/'));
  const [name] = names;
  if (name === undefined || names.length > 1) {
    throw new PipelineError(
      'ExportNotCsv',
      `the zip archive holds ${String(names.length)} files that may be the export (${format}), and one was expected`,
      { hint: 'Have the portal export one report at a time.', details: { files: names.length } },
    );
  }
  yield* archive.read(name);
}
