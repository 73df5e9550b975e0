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
  let size = 0;
  // The reader below gets every error.
  const stream = pipeline(Readable.from(source), createGunzip(), () => undefined);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > mostUnpackedBytes) throw notGzip('ExportNotCsv', 'holds too much');
      yield chunk;
    }
  } catch (error) {
    throw asFailure(error);
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
