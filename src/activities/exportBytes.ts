import { isUtf8 } from 'node:buffer';
import { PipelineError } from '../domain/failures.ts';

export const askForAnother =
  'Download the export again. If it stays so, save it by hand and run the period with `file`.';

const newline = 0x0a;
const nothing = Buffer.alloc(0);

/** Looks at the bytes of an export as they pass by: how they begin, that they are UTF-8, how they end. */
export class ExportBytes {
  #bytes = 0;
  /** Up to the first byte that is neither a mark nor a blank; undefined once that has been judged. */
  #start: Buffer | undefined = nothing;
  #lastByte = -1;
  /** Since the last newline, which is never a part of another character. */
  #line: Buffer = nothing;
  /** Whether a line break has been seen. */
  hasLine = false;

  /**
   * The lines that this chunk completes, their line breaks included; empty where it completes none.
   * @throws PipelineError ExportNotCsv where the bytes are no text in UTF-8
   */
  wholeLines(chunk: Buffer): Buffer {
    // A NUL is looked for everywhere: csv-parse takes one after a closing quote for the end of the cell.
    if (chunk.includes(0)) throw notCsv('binary or UTF-16');
    if (this.#start !== undefined) this.#judgeStart(chunk);
    this.#bytes += chunk.length;
    this.#lastByte = chunk.at(-1) ?? this.#lastByte;
    const end = chunk.lastIndexOf(newline) + 1;
    if (end === 0) {
      this.#line = Buffer.concat([this.#line, chunk]);
      return nothing;
    }
    this.hasLine = true;
    const ending = chunk.subarray(0, end);
    const lines = this.#line.length === 0 ? ending : Buffer.concat([this.#line, ending]);
    this.#line = chunk.subarray(end);
    // Decoding would put a mark in place of other bytes, and a name would silently become another.
    if (!isUtf8(lines)) throw notUtf8();
    return lines;
  }

  /** What came after the last line break so far. */
  get unfinishedLine(): Buffer {
    return this.#line;
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

  #judgeStart(chunk: Buffer): void {
    const seen = this.#start ?? nothing;
    const start = Buffer.concat([seen, chunk.subarray(0, startBytes - seen.length)]);
    const first = firstCharacter(start);
    this.#start = first === undefined && start.length < startBytes ? start : undefined;
    const what = first === undefined ? undefined : notCsvBeginnings[first];
    if (what !== undefined) throw notCsv(what);
  }
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

function notUtf8(): PipelineError {
  return new PipelineError('ExportNotCsv', 'the export holds bytes that are no UTF-8', {
    hint: askForAnother,
  });
}
