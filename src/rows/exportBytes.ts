import { isUtf8 } from 'node:buffer';
import { PipelineError } from '../domain/failures.ts';
import { quotes, type Quote } from '../domain/fileForm.ts';
import { stopsShort } from './lastLine.ts';

export const askForAnother =
  'Download the export again. If it stays so, save it by hand and run the period with `file`.';

/** The form of an export's bytes, if it differs from the usual one. */
export interface BytesForm {
  /** Lines of other text before the header. */
  readonly linesBeforeHeader?: number;
  readonly quote?: Quote;
}

/**
 * A record of an export is a few hundred bytes. A line of a megabyte is not a record, and memory must not grow with it.
 */
export const longestLine = 1_000_000;

const newline = 0x0a;
const nothing = Buffer.alloc(0);

/** Checks an export's bytes as they pass: how they begin, that they are UTF-8, how they end. */
export class ExportBytes {
  readonly #quote: string | undefined;
  #linesToSkip: number;
  #bytes = 0;
  /** Up to the first byte that is neither a byte order mark nor a blank; undefined once that has been checked. */
  #start: Buffer | undefined = nothing;
  #lastByte = -1;
  /** Since the last newline, which is never part of another character. In pieces: joining would copy each again. */
  #line: Buffer[] = [];
  #lineLength = 0;
  /** Whether a line break has been seen. */
  hasLine = false;

  /** 1-based line of the header, or the first line that may be the header. */
  readonly firstLine: number;

  constructor({ linesBeforeHeader = 0, quote = 'double' }: BytesForm = {}) {
    this.#linesToSkip = linesBeforeHeader;
    this.firstLine = linesBeforeHeader + 1;
    this.#quote = quotes[quote];
  }

  /**
   * The lines that this chunk completes, with their line breaks; empty if it completes none. Lines before the header
   * are left out.
   * @param lineOf the 1-based line on which `unfinishedLine` begins; called to name a line
   * @throws PipelineError ExportNotCsv if the bytes are not UTF-8 text
   */
  wholeLines(chunk: Buffer, lineOf: () => number): Buffer {
    if (this.#bytes === 0 && isUtf16(chunk)) throw utf16();
    // A NUL is searched for everywhere: csv-parse takes one after a closing quote for the end of the cell.
    const nul = chunk.indexOf(0);
    if (nul !== -1) throw binary(lineOf() + lineBreaksIn(chunk.subarray(0, nul)));
    if (this.#start !== undefined) this.#checkStart(chunk);
    this.#bytes += chunk.length;
    this.#lastByte = chunk.at(-1) ?? this.#lastByte;
    const end = chunk.lastIndexOf(newline) + 1;
    if (end === 0) {
      this.#addToLine(chunk, lineOf);
      return nothing;
    }
    this.hasLine = true;
    const lines = this.#lineLength === 0 ? chunk.subarray(0, end) : this.#ended(chunk.subarray(0, end));
    if (lines.length > longestLine) assertNoLongLine(lines, lineOf());
    this.#line = [];
    this.#lineLength = 0;
    if (end < chunk.length) {
      this.#addToLine(chunk.subarray(end), () => lineOf() + lineBreaksIn(lines));
    }
    // Decoding would replace invalid bytes by a mark, and a name would silently become another.
    if (!isUtf8(lines)) throw notUtf8(lines, lineOf());
    return this.#linesToSkip === 0 ? lines : this.#withoutSkipped(lines);
  }

  /** What has come so far after the last line break. */
  get unfinishedLine(): Buffer {
    return this.#linesToSkip > 0 ? nothing : Buffer.concat(this.#line);
  }

  get size(): number {
    return this.#bytes;
  }

  /** Whether the last line has its line break. */
  get isEnded(): boolean {
    return this.#lastByte === newline;
  }

  get endsWithQuote(): boolean {
    return this.#quote !== undefined && this.#lastByte === this.#quote.charCodeAt(0);
  }

  /**
   * Leaves a last line without a line break to `assertLastLineWhole`.
   * @throws PipelineError ExportTruncated if the file is empty or is cut within a character
   */
  assertComplete(): void {
    if (this.#bytes === 0) {
      throw new PipelineError('ExportTruncated', 'the export is empty: not even a header is there', {
        hint: askForAnother,
      });
    }
    if (!isUtf8(this.unfinishedLine)) throw stopsShort(this.#bytes, askForAnother);
  }

  #ended(end: Buffer): Buffer {
    return Buffer.concat([...this.#line, end]);
  }

  #addToLine(piece: Buffer, lineOf: () => number): void {
    this.#lineLength += piece.length;
    if (this.#lineLength > longestLine) throw lineTooLong(lineOf());
    this.#line.push(piece);
  }

  #withoutSkipped(lines: Buffer): Buffer {
    let at = 0;
    while (this.#linesToSkip > 0 && at < lines.length) {
      at = lines.indexOf(newline, at) + 1;
      this.#linesToSkip -= 1;
    }
    return lines.subarray(at);
  }

  #checkStart(chunk: Buffer): void {
    const seen = this.#start ?? nothing;
    const start = Buffer.concat([seen, chunk.subarray(0, startBytes - seen.length)]);
    const first = firstCharacter(start);
    this.#start = first === undefined && start.length < startBytes ? start : undefined;
    const what = first === undefined ? undefined : notCsvBeginnings[first];
    if (what !== undefined) throw notCsv(what);
  }
}

/** The number of line breaks in these bytes. */
export function lineBreaksIn(bytes: Buffer): number {
  let breaks = 0;
  for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) breaks += 1;
  return breaks;
}

function assertNoLongLine(lines: Buffer, firstLine: number): void {
  let line = firstLine;
  for (let at = 0; at < lines.length; line += 1) {
    const end = lines.indexOf(newline, at);
    if (end - at > longestLine) throw lineTooLong(line);
    at = end + 1;
  }
}

/** A line, or a record of several lines, that no export has. */
export function lineTooLong(line: number): PipelineError {
  return new PipelineError(
    'ExportNotCsv',
    `line ${String(line)} of the export goes on for more than ${String(longestLine)} bytes, which no record has`,
    { hint: askForAnother, details: { line } },
  );
}

// A web page starts after a few blanks at most; the header check handles a file of nothing but blanks.
const startBytes = 1024;

/** What a failed export often is, by its first character. */
const notCsvBeginnings: Readonly<Record<string, string>> = { '<': 'a web page', '{': 'JSON', '[': 'JSON' };

/**
 * The first character after blanks and a byte order mark, of which only a part may be here; undefined if there is none
 * yet.
 */
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

/** Enough to see that every other byte is a NUL, as in UTF-16 with English letters. */
const sampleBytes = 200;

function isUtf16(chunk: Buffer): boolean {
  const mark = chunk.subarray(0, 2).toString('latin1');
  if (mark === '\u00ff\u00fe' || mark === '\u00fe\u00ff') return true;
  const sample = chunk.subarray(0, sampleBytes);
  const nuls = [0, 0];
  for (const [at, byte] of sample.entries()) if (byte === 0) nuls[at % 2]! += 1;
  // Accented letters and the like have no NUL there.
  return Math.max(...nuls) * 2 > 0.8 * sample.length && Math.min(...nuls) === 0;
}

const saveAsUtf8 =
  'Save the file as "CSV UTF-8 (comma delimited)", or have the portal export UTF-8, and run the period again.';

function utf16(): PipelineError {
  return new PipelineError(
    'ExportNotCsv',
    'the export is not CSV in UTF-8: from line 1 on it looks like UTF-16',
    { hint: saveAsUtf8, details: { line: 1, encoding: 'UTF-16' } },
  );
}

function binary(line: number): PipelineError {
  return new PipelineError(
    'ExportNotCsv',
    `the export is binary, not CSV in UTF-8: line ${String(line)} holds a NUL byte`,
    { hint: askForAnother, details: { line } },
  );
}

/** The error for whole lines, one of which is not UTF-8. */
function notUtf8(lines: Buffer, firstLine: number): PipelineError {
  let line = firstLine;
  let at = 0;
  let bad = lines;
  for (; at < lines.length; line += 1) {
    const end = lines.indexOf(newline, at) + 1;
    bad = lines.subarray(at, end);
    if (!isUtf8(bad)) break;
    at = end;
  }
  const where = `line ${String(line)} of the export is not UTF-8`;
  if (!looksLikeWindows1252(bad)) {
    return new PipelineError('ExportNotCsv', where, { hint: askForAnother, details: { line } });
  }
  return new PipelineError('ExportNotCsv', `${where}: it looks like Windows-1252`, {
    hint: saveAsUtf8,
    details: { line, encoding: 'Windows-1252' },
  });
}

/** The bytes beyond ASCII that are undefined in Windows-1252. */
const unused1252 = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]);
const [tab, space, carriageReturn] = [0x09, 0x20, 0x0d];

/** Whether each byte is a character of Windows-1252 that a text may contain. */
function looksLikeWindows1252(line: Buffer): boolean {
  return line.every(
    (byte) =>
      !unused1252.has(byte) && (byte >= space || byte === tab || byte === newline || byte === carriageReturn),
  );
}
