import { plainForm, type WrittenForm } from './terms.ts';

/** A record of the raw file, read by RFC 4180 and nothing else. */
export interface RawRecord {
  /** 1-based line where it starts; only a line feed ends a line. */
  readonly line: number;
  readonly cells: readonly string[];
  /** Characters of its cells together. */
  readonly length: number;
}

export type RawProblem =
  | 'empty'
  | 'not UTF-8'
  | 'not text'
  | 'broken quote'
  | 'cut within quotes'
  | 'cut within a character'
  | 'cut within a line';

/** What the bytes are as CSV: the records that can be told, and why there may be more. */
export interface RawFile {
  readonly records: readonly RawRecord[];
  readonly text: string;
  readonly problems: readonly RawProblem[];
}

/** Reads the bytes of an export. A record of nothing at all is a blank line, and no record. */
export function readRaw(bytes: Uint8Array, form: WrittenForm = plainForm): RawFile {
  if (bytes.length === 0) return { records: [], text: '', problems: ['empty'] };
  const { decoded, isCut, lenient } = decode(bytes, form);
  const text = (decoded ?? lenient).replace(/^\uFEFF/, '');
  const reader = new RawReader(text, form);
  const broken = reader.readAll();
  const problems: (RawProblem | undefined)[] = [
    decoded === undefined ? 'not UTF-8' : undefined,
    // No text has one, and what programs take it for differs: an end, a blank, nothing.
    text.includes('\0') ? 'not text' : undefined,
    broken,
    isCut ? 'cut within a character' : undefined,
    text.endsWith('\n') || broken === 'broken quote' ? undefined : 'cut within a line',
  ];
  return { records: reader.records, text, problems: problems.filter((problem) => problem !== undefined) };
}

/** Undefined where the bytes are not in that encoding; half a character at the end is something else. */
function decode(
  bytes: Uint8Array,
  { encoding }: WrittenForm,
): { decoded: string | undefined; isCut: boolean; lenient: string } {
  switch (encoding) {
    case 'utf-8':
      return { decoded: utf8(bytes), isCut: false, lenient: Buffer.from(bytes).toString('utf8') };
    case 'windows-1252': {
      const text = Array.from(bytes, (byte) => windows1252[byte] ?? '\uFFFD').join('');
      const isOther = bytes.some((byte) => byte > 0x7f) && utf8(bytes) !== undefined;
      return { decoded: isOther || text.includes('\uFFFD') ? undefined : text, isCut: false, lenient: text };
    }
    case 'utf-16le':
    case 'utf-16be':
      return utf16(bytes, encoding === 'utf-16be');
  }
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** By Unicode's table CP1252; five bytes stand for nothing. */
export const windows1252: readonly (string | undefined)[] = Array.from({ length: 256 }, (_, byte) => {
  if (byte < 0x80 || byte > 0x9f) return String.fromCharCode(byte);
  const shown = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ'[byte - 0x80]!;
  return shown === ' ' ? undefined : shown;
});

function utf16(
  bytes: Uint8Array,
  bigEndian: boolean,
): { decoded: string | undefined; isCut: boolean; lenient: string } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = '';
  for (let at = 0; at + 1 < bytes.length; at += 2)
    text += String.fromCharCode(view.getUint16(at, !bigEndian));
  const endsInHalf = /[\uD800-\uDBFF]$/.test(text);
  const whole = endsInHalf ? text.slice(0, -1) : text;
  const isSound = encodeURISafe(whole) && !whole.includes('\uFFFE');
  return {
    decoded: isSound ? whole : undefined,
    isCut: endsInHalf || bytes.length % 2 === 1,
    lenient: whole,
  };
}

/** Whether each half of a pair of surrogates has its other one. */
function encodeURISafe(text: string): boolean {
  try {
    encodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

const lineFeed = 10;
const carriageReturn = 13;

class RawReader {
  readonly records: RawRecord[] = [];
  readonly #text: string;
  readonly #separator: number;
  readonly #quote: string;
  #at = 0;
  #line = 1;

  constructor(text: string, { separator, quote, linesBefore }: WrittenForm) {
    this.#text = text;
    this.#separator = separator.charCodeAt(0);
    this.#quote = quote;
    for (; this.#line <= linesBefore; this.#line += 1) {
      const end = text.indexOf('\n', this.#at);
      this.#at = end === -1 ? text.length : end + 1;
    }
  }

  readAll(): RawProblem | undefined {
    while (this.#at < this.#text.length) {
      const problem = this.#record();
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  #record(): RawProblem | undefined {
    const line = this.#line;
    const cells: string[] = [];
    for (;;) {
      const quoted = this.#isQuote();
      const cell = quoted ? this.#quotedCell() : this.#plainCell();
      if (cell === undefined) return this.#at >= this.#text.length ? 'cut within quotes' : 'broken quote';
      cells.push(cell);
      if (this.#code() !== this.#separator) break;
      this.#at += 1;
    }
    this.#lineEnd();
    const length = cells.reduce((sum, cell) => sum + cell.length, 0);
    if (cells.length > 1 || length > 0) this.records.push({ line, cells, length });
    return undefined;
  }

  /** Up to the comma or the line's end; undefined where a quote stands in it. */
  #plainCell(): string | undefined {
    const from = this.#at;
    while (this.#at < this.#text.length && !this.#cellEnds()) {
      if (this.#isQuote()) return undefined;
      this.#at += 1;
    }
    return this.#text.slice(from, this.#at);
  }

  /** Undefined where the quotes never close, or close before the cell does. */
  #quotedCell(): string | undefined {
    let cell = '';
    for (;;) {
      const close = this.#text.indexOf(this.#quote, this.#at + 1);
      if (close === -1) {
        this.#at = this.#text.length;
        return undefined;
      }
      cell += this.#part(this.#at + 1, close);
      this.#at = close + 1;
      if (!this.#isQuote()) break;
      cell += this.#quote;
    }
    // At the very end the last line break is missing, which is another problem than a broken quote.
    return this.#at >= this.#text.length || this.#cellEnds() ? cell : undefined;
  }

  #part(from: number, to: number): string {
    const part = this.#text.slice(from, to);
    for (const char of part) if (char === '\n') this.#line += 1;
    return part;
  }

  #cellEnds(): boolean {
    const code = this.#code();
    return (
      code === this.#separator || code === lineFeed || (code === carriageReturn && this.#code(1) === lineFeed)
    );
  }

  #lineEnd(): void {
    if (this.#code() === carriageReturn) this.#at += 1;
    if (this.#code() === lineFeed) this.#line += 1;
    this.#at += 1;
  }

  #isQuote(): boolean {
    return this.#quote !== '' && this.#text[this.#at] === this.#quote;
  }

  #code(ahead = 0): number {
    return this.#text.charCodeAt(this.#at + ahead);
  }
}
