import { unquoted, type CellsInPlace, type ExportRecord } from './exportRecord.ts';
import { Offsets } from './offsets.ts';
import { textOf } from './text.ts';

const [quote, comma, newline, carriageReturn] = [0x22, 0x2c, 0x0a, 0x0d];
const byteOrderMark = Buffer.from('\uFEFF');

/** A record of an export is a few hundred bytes; far longer ones are left to csv-parse. */
const longestRecord = 100_000;

/** What the scanner processes in one go, with the start and end of each cell found in it. */
interface Scanned {
  readonly bytes: Buffer;
  readonly spans: Offsets;
}

/** The form of a record's bytes. */
interface Found {
  readonly first: number;
  readonly width: number;
  readonly oneLine: boolean;
  readonly ascii: boolean;
}

/** A record in place. Its cells become texts on each access. */
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
    // A record of several lines cannot be read in place, and its cells are requested again and again.
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
 * Splits lines of an export into records if they have the plain form: cells without quotes, or whole in quotes,
 * separated by commas. It never guesses: at the first record of another form it stops, and the caller reads on from
 * there with csv-parse.
 */
export class RecordScanner {
  /** 1-based line of the file on which the next record starts. */
  line: number;
  /** Bytes taken and not yet returned as records: a record that continues on the next lines, or everything. */
  rest: Buffer = Buffer.alloc(0);
  gaveUp = false;

  /** @param firstLine the line of the file on which its input begins */
  constructor(firstLine = 1) {
    this.line = firstLine;
  }

  /** Whether no line of the file has been passed yet. Only there can a byte order mark be. */
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
    // The mark is removed together with the first record.
    this.rest = this.isAtStart ? bytes : bytes.subarray(end);
    return records;
  }

  /** Returns the position up to which the bytes have been split into records. */
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

  /** Adds the record that starts here, unless its line is blank; returns the position after its line break. */
  #record(scanned: Scanned, start: number, records: ExportRecord[]): number {
    const { bytes, spans } = scanned;
    const first = spans.length;
    let lines = 1;
    // All bytes of the record combined: no ASCII byte has the highest bit.
    let bits = 0;
    let byte: number;
    let at = start;
    do {
      if (bytes[at] === quote) {
        const begin = at + 1;
        for (at = begin; at < bytes.length; at += 1) {
          byte = bytes[at]!;
          bits |= byte;
          // Nearly all bytes are above the special ones, so this saves checking each of these.
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
