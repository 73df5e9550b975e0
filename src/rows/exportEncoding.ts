import { isAscii } from 'node:buffer';
import type { Encoding } from '../domain/fileForm.ts';
import { PipelineError } from '../domain/failures.ts';
import { windows1252High } from './windows1252.ts';

/**
 * Turns an export of another encoding into UTF-8 as it passes. Every character is kept or the file is refused: none is
 * replaced.
 */
export interface Transcoder {
  /** @throws PipelineError ExportNotCsv if the bytes are not in that encoding */
  take(chunk: Buffer): Buffer;
  /** @throws PipelineError ExportTruncated if the file ends within a character, ExportNotCsv if it is in UTF-8 */
  end(): void;
}

/** Undefined for UTF-8, whose bytes pass as they are. */
export function createTranscoder(encoding: Encoding): Transcoder | undefined {
  switch (encoding) {
    case 'utf-8':
      return undefined;
    case 'windows-1252':
      return new Windows1252();
    case 'utf-16le':
      return new Utf16(false);
    case 'utf-16be':
      return new Utf16(true);
  }
}

const otherEncoding =
  'Download the export again. If it stays so, look at the setting encoding of the report in pipeline.yaml.';

class Windows1252 implements Transcoder {
  #lines = 1;
  /** Undefined once a byte is not UTF-8. */
  #utf8: InstanceType<typeof TextDecoder> | undefined = new TextDecoder('utf-8', { fatal: true });
  #isAscii = true;

  take(chunk: Buffer): Buffer {
    const isPlain = isAscii(chunk);
    this.#isAscii &&= isPlain;
    this.#decide(chunk);
    if (isPlain) {
      this.#lines += lineBreaksIn(chunk.toString('latin1'));
      return chunk;
    }
    const text = chunk.toString('latin1').replace(highControl, shownAs);
    const bad = text.search(highControl);
    if (bad !== -1) throw notIn('Windows-1252', this.#lines + lineBreaksIn(text.slice(0, bad)));
    this.#lines += lineBreaksIn(text);
    return Buffer.from(text);
  }

  /** No text of several accents in Windows-1252 is UTF-8 by chance; UTF-8 read so would make other names. */
  end(): void {
    if (this.#isAscii) return;
    this.#decide(undefined);
    if (this.#utf8 === undefined) return;
    throw new PipelineError(
      'ExportNotCsv',
      'the export is not Windows-1252 as pipeline.yaml says: it is UTF-8, whose letters would be encoded twice',
      {
        hint: otherEncoding,
      },
    );
  }

  #decide(chunk: Buffer | undefined): void {
    try {
      this.#utf8?.decode(chunk, { stream: chunk !== undefined });
    } catch {
      this.#utf8 = undefined;
    }
  }
}

/** U+0080 to U+009F: the bytes that Windows-1252 shows otherwise than Latin-1. The undefined ones stay. */
const highControl = /[\u0080-\u009f]/g;

function shownAs(control: string): string {
  return windows1252High[control.charCodeAt(0) - 0x80]!;
}

class Utf16 implements Transcoder {
  readonly #bigEndian: boolean;
  /** An odd byte, or the first half of a pair of surrogates. */
  #rest: Buffer = Buffer.alloc(0);
  #lines = 1;

  constructor(bigEndian: boolean) {
    this.#bigEndian = bigEndian;
  }

  take(chunk: Buffer): Buffer {
    const bytes = Buffer.concat([this.#rest, chunk]);
    let whole = bytes.length - (bytes.length % 2);
    if (whole > 0 && isFirstHalf(this.#unitAt(bytes, whole - 2))) whole -= 2;
    this.#rest = Buffer.from(bytes.subarray(whole));
    const units = Buffer.from(bytes.subarray(0, whole));
    const text = (this.#bigEndian ? units.swap16() : units).toString('utf16le');
    // A byte order mark that reads backwards is the other byte order's.
    const bad = text.search(/\p{Surrogate}|\uFFFE/u);
    if (bad !== -1) {
      const name = this.#bigEndian ? 'UTF-16BE' : 'UTF-16LE';
      throw notIn(name, this.#lines + lineBreaksIn(text.slice(0, bad)));
    }
    this.#lines += lineBreaksIn(text);
    return Buffer.from(text);
  }

  end(): void {
    if (this.#rest.length === 0) return;
    throw new PipelineError('ExportTruncated', 'the export stops within a character', {
      hint: otherEncoding,
      details: { line: this.#lines },
    });
  }

  #unitAt(bytes: Buffer, at: number): number {
    return this.#bigEndian ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at);
  }
}

function isFirstHalf(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function notIn(encoding: string, line: number): PipelineError {
  return new PipelineError('ExportNotCsv', `line ${String(line)} of the export is not ${encoding}`, {
    hint: otherEncoding,
    details: { line },
  });
}

function lineBreaksIn(text: string): number {
  return text.split('\n').length - 1;
}

/** The export's bytes in UTF-8. */
export async function* utf8Chunks(
  source: AsyncIterable<Buffer>,
  transcoder: Transcoder,
): AsyncGenerator<Buffer> {
  for await (const chunk of source) yield transcoder.take(chunk);
  transcoder.end();
}
