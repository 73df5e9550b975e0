import { isUtf8 } from 'node:buffer';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse, type Parser } from 'csv-parse';
import { PipelineError } from '../domain/failures.ts';
import type { ExportRecord } from '../domain/readRecord.ts';

// A record of an export is a few hundred characters. A megabyte means that a quote was lost and the rest of
// the file is being read as one cell.
const maximumRecordCharacters = 1_000_000;

const askForAnother =
  'Download the export again. If it stays so, save it by hand and run the period with `file`.';

/**
 * Reads an export record by record, the header first. csv-parse is the judge of what is CSV; blank lines are
 * passed over.
 * @throws PipelineError ExportNotCsv where the bytes are no CSV, ExportTruncated where the file stops short:
 *   without a final newline nobody can tell `$700.00)` from the beginning of a longer cell.
 */
export async function* readCsv(source: Readable): AsyncGenerator<ExportRecord> {
  const bytes = new ByteCheck();
  const parser = parse({
    bom: true,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    max_record_size: maximumRecordCharacters,
  });
  const flow = pipeline(source, bytes, parser);
  // The parser hands every error to whoever reads from it; this only keeps the rejection from being unhandled.
  flow.catch(() => undefined);
  try {
    yield* recordsOf(parser, bytes);
  } catch (error) {
    throw asExportFailure(error);
  } finally {
    source.destroy();
  }
  bytes.assertComplete();
}

async function* recordsOf(parser: Parser, bytes: ByteCheck): AsyncGenerator<ExportRecord> {
  let line = 1;
  for await (const cells of parser as AsyncIterable<string[]>) {
    if (cells.length > 1 || cells[0] !== '') {
      // A header that is cut off looks like another one.
      if (!bytes.hasLine) bytes.assertComplete();
      yield { line, cells };
    }
    line += 1 + lineBreaksWithin(cells);
  }
}

/** The parser's own count takes a CRLF within quotes for two lines. */
function lineBreaksWithin(cells: readonly string[]): number {
  let breaks = 0;
  for (const cell of cells) {
    for (let at = cell.indexOf('\n'); at !== -1; at = cell.indexOf('\n', at + 1)) breaks += 1;
  }
  return breaks;
}

const newline = 0x0a;

/** Looks at the bytes as they pass by: how they begin, that they are UTF-8, how they end. */
class ByteCheck extends Transform {
  #bytes = 0;
  /** Up to the first byte that is neither a mark nor a blank; undefined once that has been judged. */
  #start: Buffer | undefined = Buffer.alloc(0);
  #lastByte = -1;
  /** Whether a line break has been seen. */
  hasLine = false;
  /** Since the last newline, which is never a part of another character. */
  #line: Buffer = Buffer.alloc(0);

  override _transform(
    chunk: Buffer,
    _encoding: string,
    done: (error: Error | null, data?: Buffer) => void,
  ): void {
    const problem = this.#notCsv(chunk) ?? this.#notUtf8(chunk);
    this.#bytes += chunk.length;
    this.#lastByte = chunk.at(-1) ?? this.#lastByte;
    if (problem === undefined) done(null, chunk);
    else done(problem);
  }

  /** A NUL is looked for everywhere: csv-parse takes one after a closing quote for the end of the cell. */
  #notCsv(chunk: Buffer): PipelineError | undefined {
    if (chunk.includes(0)) return notCsv('binary or UTF-16');
    if (this.#start === undefined) return undefined;
    this.#start = Buffer.concat([this.#start, chunk.subarray(0, startBytes - this.#start.length)]);
    const first = firstCharacter(this.#start);
    if (first === undefined && this.#start.length < startBytes) return undefined;
    this.#start = undefined;
    const what = first === undefined ? undefined : notCsvBeginnings[first];
    return what === undefined ? undefined : notCsv(what);
  }

  /** Decoding would put a mark in place of such bytes, and a name would silently become another. */
  #notUtf8(chunk: Buffer): PipelineError | undefined {
    const end = chunk.lastIndexOf(newline) + 1;
    if (end === 0) {
      this.#line = Buffer.concat([this.#line, chunk]);
      return undefined;
    }
    this.hasLine = true;
    const lines = Buffer.concat([this.#line, chunk.subarray(0, end)]);
    this.#line = chunk.subarray(end);
    return isUtf8(lines) ? undefined : notUtf8();
  }

  assertComplete(): void {
    if (this.#bytes === 0) {
      throw new PipelineError('ExportTruncated', 'the export is empty: not even a header is there', {
        hint: askForAnother,
      });
    }
    if (this.#lastByte !== newline) {
      throw new PipelineError(
        'ExportTruncated',
        `the export stops after ${String(this.#bytes)} bytes without the line break that ends a record`,
        { hint: askForAnother, details: { bytes: this.#bytes } },
      );
    }
  }
}

function notUtf8(): PipelineError {
  return new PipelineError('ExportNotCsv', 'the export holds bytes that are no UTF-8', {
    hint: askForAnother,
  });
}

// Blanks before a web page are a few; a file of nothing but blanks is judged by its header.
const startBytes = 1024;

/** What a failed export often is, by its first character. */
const notCsvBeginnings: Readonly<Record<string, string>> = { '<': 'a web page', '{': 'JSON', '[': 'JSON' };

/** After a byte order mark, of which a part may be here, and blanks; undefined where there is none yet. */
function firstCharacter(start: Buffer): string | undefined {
  return start
    .toString('latin1')
    .replace(/^\u00ef(?:$|\u00bb(?:$|\u00bf))/, '')
    .trimStart()[0];
}

function notCsv(what: string): PipelineError {
  return new PipelineError('ExportNotCsv', `the export is ${what}, not CSV in UTF-8`, {
    hint: askForAnother,
  });
}

function asExportFailure(error: unknown): unknown {
  if (!(error instanceof CsvError)) return error;
  // The parser's own message quotes the record, so only its code and line go on.
  const line = typeof error['lines'] === 'number' ? error['lines'] : 0;
  const details = { parser: error.code, line };
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
    return new PipelineError(
      'ExportTruncated',
      `the export stops within a quoted cell near line ${String(line)}`,
      {
        hint: askForAnother,
        details,
      },
    );
  }
  return new PipelineError('ExportNotCsv', `the export breaks the rules of CSV near line ${String(line)}`, {
    hint: askForAnother,
    details,
  });
}
