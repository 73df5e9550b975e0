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
  | 'cut within a line';

/** What the bytes are as CSV: the records that can be told, and why there may be more. */
export interface RawFile {
  readonly records: readonly RawRecord[];
  readonly text: string;
  readonly problems: readonly RawProblem[];
}

/** Reads the bytes of an export. A record of nothing at all is a blank line, and no record. */
export function readRaw(bytes: Uint8Array): RawFile {
  if (bytes.length === 0) return { records: [], text: '', problems: ['empty'] };
  const decoded = decode(bytes);
  const text = (decoded ?? Buffer.from(bytes).toString('utf8')).replace(/^\uFEFF/, '');
  const reader = new RawReader(text);
  const broken = reader.readAll();
  const problems: (RawProblem | undefined)[] = [
    decoded === undefined ? 'not UTF-8' : undefined,
    // No text has one, and what programs take it for differs: an end, a blank, nothing.
    text.includes('\0') ? 'not text' : undefined,
    broken,
    text.endsWith('\n') || broken === 'broken quote' ? undefined : 'cut within a line',
  ];
  return { records: reader.records, text, problems: problems.filter((problem) => problem !== undefined) };
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const lineFeed = 10;
const carriageReturn = 13;
const comma = 44;
const quote = 34;

class RawReader {
  readonly records: RawRecord[] = [];
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
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
      const quoted = this.#code() === quote;
      const cell = quoted ? this.#quotedCell() : this.#plainCell();
      if (cell === undefined) return this.#at >= this.#text.length ? 'cut within quotes' : 'broken quote';
      cells.push(cell);
      if (this.#code() !== comma) break;
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
      if (this.#code() === quote) return undefined;
      this.#at += 1;
    }
    return this.#text.slice(from, this.#at);
  }

  /** Undefined where the quotes never close, or close before the cell does. */
  #quotedCell(): string | undefined {
    let cell = '';
    for (;;) {
      const close = this.#text.indexOf('"', this.#at + 1);
      if (close === -1) {
        this.#at = this.#text.length;
        return undefined;
      }
      cell += this.#part(this.#at + 1, close);
      this.#at = close + 1;
      if (this.#code() !== quote) break;
      cell += '"';
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
    return code === comma || code === lineFeed || (code === carriageReturn && this.#code(1) === lineFeed);
  }

  #lineEnd(): void {
    if (this.#code() === carriageReturn) this.#at += 1;
    if (this.#code() === lineFeed) this.#line += 1;
    this.#at += 1;
  }

  #code(ahead = 0): number {
    return this.#text.charCodeAt(this.#at + ahead);
  }
}
