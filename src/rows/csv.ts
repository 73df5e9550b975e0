import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse, type Parser } from 'csv-parse';
import { PipelineError } from '../domain/failures.ts';
import { plainFile, quotes, separators, type FileForm } from '../domain/fileForm.ts';
import { isBlank, widthOf, type ExportRecord } from './exportRecord.ts';
import { ExportBytes, askForAnother, lineBreaksIn, lineTooLong, longestLine } from './exportBytes.ts';
import { createTranscoder, utf8Chunks } from './exportEncoding.ts';
import { sampled, type FileSample } from './fileSample.ts';
import { unpacked } from './unpacking.ts';
import { readWorkbook } from './workbook.ts';
import { RecordScanner } from './recordScanner.ts';

/**
 * Which parser splits the bytes into records: csv-parse alone, or the faster scanner for the forms that it understands.
 */
export type CsvReader = 'scanner' | 'csv-parse';

/** The form of an export's text. */
export type CsvForm = Pick<FileForm, 'encoding' | 'separator' | 'quote' | 'packed' | 'format'>;

/**
 * Reads an export in blocks of records, the header first; no block is empty. csv-parse decides what is CSV: a scanner
 * splits records of the plain form that exports have, in a fraction of the time, and from the first record of any other
 * form on csv-parse reads the rest. Other separators and quotes are left to csv-parse. Blank lines are skipped.
 * @throws PipelineError ExportNotCsv if the bytes are no CSV, ExportTruncated if the file is empty or is cut within a
 *   quoted cell or a character. Whether a last line without a line break is whole is for `assertLastLineWhole`.
 */
export async function* readCsv(
  source: Readable,
  reader: CsvReader = 'scanner',
  bytes: ExportBytes = new ExportBytes(),
  form: CsvForm = plainFile,
): AsyncGenerator<readonly ExportRecord[]> {
  const scanner = new RecordScanner(bytes.firstLine);
  const transcoder = createTranscoder(form.encoding);
  const asGiven = unpacked(source, form);
  const utf8 = transcoder === undefined ? asGiven : utf8Chunks(asGiven, transcoder);
  const chunks = utf8[Symbol.asyncIterator]();
  const isPlain = form.separator === plainFile.separator && form.quote === plainFile.quote;
  try {
    if (reader === 'scanner' && isPlain) yield* scan(scanner, bytes, chunks);
    // What the scanner leaves: the records from the first one of another form on, or what follows the last line break.
    yield* readOn(scanner, bytes, chunks, form);
  } catch (error) {
    throw asExportFailure(error, scanner.line - 1);
  } finally {
    source.destroy();
  }
  bytes.assertComplete();
}

/** An export whose first record has been read. */
export interface OpenedExport {
  /** Undefined if there is no record at all. */
  readonly header: ExportRecord | undefined;
  /** The records after the header, in blocks. */
  readonly blocks: AsyncIterable<readonly ExportRecord[]>;
  /** Counts of what has been read so far. */
  readonly seen: SeenRecords;
}

interface SeenRecords {
  /** Records without any content, skipped as blank lines are. */
  readonly blank: number;
  /** Cells of the last record, even if it is blank or the header. */
  readonly lastWidth: number;
}

/**
 * Reads the header separately.
 * @param sample gets the beginning and the end of the file as they pass, and the first rows of a workbook
 * @throws what `readCsv` and `readWorkbook` throw, also from `blocks`
 */
export async function openExport(
  source: Readable,
  bytes?: ExportBytes,
  form: FileForm = plainFile,
  sample?: FileSample,
): Promise<OpenedExport> {
  const seen = { blank: 0, lastWidth: 0 };
  const file = sample === undefined ? source : sampled(source, sample);
  const records =
    form.format === 'xlsx'
      ? sampledRows(readWorkbook(unpacked(file, form), form), sample)
      : readCsv(file, 'scanner', bytes, form);
  const reading = withContent(records, seen);
  const first = await reading.next();
  if (first.done === true) return { header: undefined, blocks: reading, seen };
  const [header, ...rest] = first.value;
  return { header, blocks: withBlock(rest, reading), seen };
}

async function* sampledRows(
  blocks: AsyncIterable<readonly ExportRecord[]>,
  sample: FileSample | undefined,
): AsyncGenerator<readonly ExportRecord[]> {
  for await (const block of blocks) {
    sample?.addRows(block);
    yield block;
  }
}

/** Skips records of nothing but blanks, which spreadsheets write for empty rows. */
async function* withContent(
  blocks: AsyncIterable<readonly ExportRecord[]>,
  seen: { -readonly [Count in keyof SeenRecords]: number },
): AsyncGenerator<readonly ExportRecord[]> {
  for await (const block of blocks) {
    seen.lastWidth = widthOf(block.at(-1)!);
    const records = block.some(isBlank) ? block.filter((record) => !isBlank(record)) : block;
    seen.blank += block.length - records.length;
    if (records.length > 0) yield records;
  }
}

async function* withBlock(
  first: readonly ExportRecord[],
  others: AsyncIterable<readonly ExportRecord[]>,
): AsyncGenerator<readonly ExportRecord[]> {
  yield first;
  yield* others;
}

/** The records up to the first one that the scanner does not understand. */
async function* scan(
  scanner: RecordScanner,
  bytes: ExportBytes,
  chunks: AsyncIterator<Buffer>,
): AsyncGenerator<ExportRecord[]> {
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    const lines = bytes.wholeLines(next.value, () => scanner.line + lineBreaksIn(scanner.rest));
    const records = scanner.take(lines);
    if (records.length > 0) yield records;
    if (scanner.gaveUp) return;
  }
}

/** How csv-parse reads the records of this form. */
export function csvOptions({ separator, quote }: Pick<CsvForm, 'separator' | 'quote'>) {
  const quotedBy = quotes[quote] ?? null;
  return {
    delimiter: separators[separator],
    quote: quotedBy,
    // A quote within a quoted cell is doubled.
    ...(quotedBy === null ? {} : { escape: quotedBy }),
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
  };
}

/** Everything from the scanner's place on, read by csv-parse. */
async function* readOn(
  scanner: RecordScanner,
  bytes: ExportBytes,
  chunks: AsyncIterator<Buffer>,
  form: CsvForm,
): AsyncGenerator<ExportRecord[]> {
  const given = { bytesSinceRecord: 0 };
  const parser = parse({
    ...csvOptions(form),
    bom: scanner.isAtStart,
    // A longer record means that a quote was lost and the rest of the file is being read as one cell.
    max_record_size: longestLine,
  });
  const flow = pipeline(remaining(scanner, bytes, chunks, given), parser);
  // The parser passes every error to its reader; this only marks the rejection as handled.
  flow.catch(() => undefined);
  yield* recordsOf(parser, scanner.line, given);
}

/** @param given bytes since the last record that the parser made; its own limit does not count commas and quotes */
async function* remaining(
  { rest, line: firstLine }: RecordScanner,
  bytes: ExportBytes,
  chunks: AsyncIterator<Buffer>,
  given: { bytesSinceRecord: number },
): AsyncGenerator<Buffer> {
  let line = firstLine + lineBreaksIn(rest);
  if (rest.length > 0) yield rest;
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    const lines = bytes.wholeLines(next.value, () => line);
    if (lines.length === 0) continue;
    line += lineBreaksIn(lines);
    if (given.bytesSinceRecord > 2 * longestLine) throw lineTooLong(line);
    given.bytesSinceRecord += lines.length;
    yield lines;
  }
  if (bytes.unfinishedLine.length > 0) yield bytes.unfinishedLine;
}

/** Records come singly from the parser, and a block of a few would cost more than it holds. */
const recordsPerBlock = 500;

async function* recordsOf(
  parser: Parser,
  firstLine: number,
  given: { bytesSinceRecord: number },
): AsyncGenerator<ExportRecord[]> {
  let line = firstLine;
  let block: ExportRecord[] = [];
  for await (const cells of parser as AsyncIterable<string[]>) {
    given.bytesSinceRecord = 0;
    if (cells.length > 1 || cells[0] !== '') {
      block.push({ line, cells });
    }
    line += 1 + lineBreaksWithin(cells);
    if (block.length === recordsPerBlock) {
      yield block;
      block = [];
    }
  }
  if (block.length > 0) yield block;
}

/** The parser's own count takes a CRLF within quotes for two lines. */
function lineBreaksWithin(cells: readonly string[]): number {
  let breaks = 0;
  for (const cell of cells) {
    for (let at = cell.indexOf('\n'); at !== -1; at = cell.indexOf('\n', at + 1)) breaks += 1;
  }
  return breaks;
}

/** @param linesBefore the number of lines that the parser did not get */
function asExportFailure(error: unknown, linesBefore: number): unknown {
  if (!(error instanceof CsvError)) return error;
  // The parser's own message quotes the record, so only its code and line are kept.
  const line = typeof error['lines'] === 'number' ? error['lines'] + linesBefore : 0;
  const details = { parser: error.code, line };
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
    return new PipelineError(
      'ExportTruncated',
      `the export stops within a quoted cell near line ${String(line)}`,
      { hint: askForAnother, details },
    );
  }
  if (error.code === 'CSV_MAX_RECORD_SIZE') return lineTooLong(line);
  return new PipelineError('ExportNotCsv', `the export breaks the rules of CSV near line ${String(line)}`, {
    hint: askForAnother,
    details,
  });
}
