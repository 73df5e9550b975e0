import { unquoted, type CellsInPlace, type ExportRecord } from './exportRecord.ts';
import { Offsets } from './offsets.ts';
import { textOf } from './text.ts';

const [quote, comma, newline, carriageReturn] = [0x22, 0x2c, 0x0a, 0x0d];
const byteOrderMark = Buffer.from('\uFEFF');

/** A record of an export is a few hundred bytes; what is far longer is for csv-parse to judge. */
const longestRecord = 100_000;

/** What the scanner looks at in one go, and where it has found the cells in it: of each its begin and its end. */
interface Scanned {
  readonly bytes: Buffer;
  readonly spans: Offsets;
}

/** How a record's bytes are. */
interface Found {
  readonly first: number;
  readonly width: number;
  readonly oneLine: boolean;
  readonly ascii: boolean;
}

/** A record where it stands. Its cells become texts when they are asked for, each time. */
class ScannedRecord implements ExportRecord, CellsInPlace {
  readonly line: number;
  readonly first: number;
  readonly width: number;
  readonly ascii: boolean;
  readonly inPlace: CellsInPlace | undefined;
  readonly #scanned: Scanned;
  #cells: readonly string[] | undefined;

  constructor(line: number, scanned: Scanned, { first, width, oneLine, ascii }: Found) {
    this.line = line;
    this.first = first;
    this.width = width;
    this.ascii = ascii;
    this.inPlace = oneLine ? this : undefined;
    this.#scanned = scanned;
  }

  get bytes(): Buffer {
    return this.#scanned.bytes;
  }

  get spans(): Int32Array {
    return this.#scanned.spans.values;
  }

  get cells(): readonly string[] {
    // Whoever cannot read a record of several lines in place asks for its cells again and again.
    if (this.inPlace === undefined) return (this.#cells ??= this.#texts());
    return this.#texts();
  }

  #texts(): string[] {
    return Array.from({ length: this.width }, (_, index) => this.#cell(this.first + 2 * index));
  }

  #cell(span: number): string {
    return unquoted(textOf(this.bytes.subarray(this.spans[span], this.spans[span + 1])));
  }
}

/**
 * Splits lines of an export into records where they have the plain form: cells without quotes, or whole in quotes,
 * parted by commas. It never guesses: at the first record of another form it gives up, and whoever asked reads on from
 * there with csv-parse.
 */
export class RecordScanner {
  /** 1-based line of the file on which the next record starts. */
  line: number;
  /** What has been taken and not been given out as records: a record that goes on in the next lines, or everything. */
  rest: Buffer = Buffer.alloc(0);
  gaveUp = false;

  /** @param firstLine the line of the file on which what it is given begins */
  constructor(firstLine = 1) {
    this.line = firstLine;
  }

  /** Whether no line of the file has been passed. A byte order mark stands there only. */
  get isAtStart(): boolean {
    return this.line === 1;
  }

  /**
   * The records that end in these lines.
   * @param lines whole lines in UTF-8; may be empty
   */
  take(lines: Buffer): ExportRecord[] {
    if (lines.length === 0) return [];
    const bytes = this.rest.length === 0 ? lines : Buffer.concat([this.rest, lines]);
    const scanned = { bytes, spans: new Offsets() };
    const records: ExportRecord[] = [];
    const hasMark = this.isAtStart && bytes.subarray(0, byteOrderMark.length).equals(byteOrderMark);
    const end = this.#scan(scanned, hasMark ? byteOrderMark.length : 0, records);
    // The mark is taken off together with the first record.
    this.rest = this.isAtStart ? bytes : bytes.subarray(end);
    return records;
  }

  /** Gives the place up to which the bytes have been split into records. */
  #scan(scanned: Scanned, from: number, records: ExportRecord[]): number {
    const { bytes } = scanned;
    let at = from;
    while (at < bytes.length) {
      const end = this.#record(scanned, at, records);
      if (end === unfinished || end === otherForm) {
        this.gaveUp = end === otherForm || bytes.length - at > longestRecord;
        return at;
      }
      at = end;
    }
    return at;
  }

  /** Adds the record that starts here, unless its line is blank; gives the place behind its line break. */
  #record(scanned: Scanned, start: number, records: ExportRecord[]): number {
    const { bytes, spans } = scanned;
    const first = spans.length;
    let lines = 1;
    // All bytes of the record together: none of ASCII has the highest bit.
    let bits = 0;
    let byte: number;
    let at = start;
    do {
      if (bytes[at] === quote) {
        const begin = at + 1;
        for (at = begin; at < bytes.length; at += 1) {
          byte = bytes[at]!;
          bits |= byte;
          // Nearly all bytes are beyond those that mean something, which saves looking for each of these.
          if (byte > quote) continue;
          if (byte === newline) lines += 1;
          else if (byte === quote) {
            if (bytes[at + 1] !== quote) break;
            at += 1;
          }
        }
        if (at >= bytes.length) return unfinished;
        spans.add(begin);
        spans.add(at);
        at += 1;
        if (bytes[at] === carriageReturn && bytes[at + 1] === newline) at += 1;
        byte = bytes[at]!;
        if (byte !== comma && byte !== newline) return otherForm;
      } else {
        const begin = at;
        for (byte = bytes[at]!; byte > comma || (byte !== comma && byte !== newline); byte = bytes[at]!) {
          if (byte === quote) return otherForm;
          bits |= byte;
          at += 1;
        }
        const cut = byte === newline && at > begin && bytes[at - 1] === carriageReturn ? 1 : 0;
        spans.add(begin);
        spans.add(at - cut);
      }
      at += 1;
    } while (byte !== newline);
    if (at - start > longestRecord) return otherForm;
    this.#add(scanned, records, {
      first,
      width: (spans.length - first) / 2,
      oneLine: lines === 1,
      ascii: bits < 0x80,
    });
    this.line += lines;
    return at;
  }

  #add(scanned: Scanned, records: ExportRecord[], found: Found): void {
    const { spans } = scanned;
    const isBlank = found.width === 1 && spans.values[found.first] === spans.values[found.first + 1];
    if (!isBlank) records.push(new ScannedRecord(this.line, scanned, found));
  }
}

const unfinished = -1;
const otherForm = -2;
