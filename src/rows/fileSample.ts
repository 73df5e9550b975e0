import { Readable } from 'node:stream';
import type { ExportRecord } from './exportRecord.ts';

/** Enough rows to see what a file is like, whatever separates its cells. */
const beginningBytes = 256 * 1024;

/** Enough for the last rows and lines of totals. */
const endBytes = 16 * 1024;

/** Records of a workbook that are kept, whose bytes say nothing. */
const mostRecords = 2_000;

const nothing = Buffer.alloc(0);

/** The beginning and the end of a file, as they came. */
export class FileSample {
  #beginning: Buffer = nothing;
  #end: Buffer = nothing;
  #size = 0;
  #rows: ExportRecord[] = [];

  add(chunk: Buffer): void {
    this.#size += chunk.length;
    const more = beginningBytes - this.#beginning.length;
    if (more > 0) this.#beginning = Buffer.concat([this.#beginning, chunk.subarray(0, more)]);
    this.#end = Buffer.concat([this.#end, chunk.subarray(-endBytes)]).subarray(-endBytes);
  }

  addRows(records: readonly ExportRecord[]): void {
    if (this.#rows.length < mostRecords)
      this.#rows.push(...records.slice(0, mostRecords - this.#rows.length));
  }

  /** The first rows of a workbook. */
  get rows(): readonly ExportRecord[] {
    return this.#rows;
  }

  get beginning(): Buffer {
    return this.#beginning;
  }

  /** The last bytes so far. */
  get end(): Buffer {
    return this.#end;
  }

  /** Whether the beginning is all there is. */
  get isWhole(): boolean {
    return this.#size === this.#beginning.length;
  }
}

/** Passes the stream on unchanged, and keeps a sample of it. */
export function sampled(source: Readable, sample: FileSample): Readable {
  return Readable.from(passing(source, sample), { objectMode: true, highWaterMark: 1 });
}

async function* passing(source: Readable, sample: FileSample): AsyncGenerator<Buffer> {
  for await (const chunk of source as AsyncIterable<Buffer>) {
    sample.add(chunk);
    yield chunk;
  }
}
