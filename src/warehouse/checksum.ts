import type { LineCells, TsvCell } from '../domain/rowCells.ts';
import { hash } from 'node:crypto';
import { getTableColumns } from 'drizzle-orm';
import type { MySqlTable } from 'drizzle-orm/mysql-core';
import { ExactSum } from '../rows/exactSum.ts';
import { byReport, reports, type ReportName } from '../reports/index.ts';
import { splitRows } from '../rows/rowLines.ts';
import { isNullCell } from '../rows/tsv.ts';
import { rollupTables, rowTables } from './reportTables.ts';

/**
 * One number for the full content of rows: the sum, over all rows, of the first 64 bits of SHA-256 of the row's cells.
 * Server and loader each compute it from their own side. A name stored with other letters, cells that changed places
 * within a row or between rows, and any edit give another number. SHA-256, because MySQL 9.6 removed MD5 and SHA1, and
 * because sums of CRC32 can stay the same when two rows swap cells.
 *
 * A row is hashed as: the cells without free text; the length of each text in bytes; the texts. All are separated by
 * `|`, and NULL is `-`, in place of a cell or of a text's length. Lengths together cost less than one before each text:
 * a server takes longer to build a row's text than to hash it.
 */
interface ChecksumColumns {
  /** Numbers and dates: their text contains neither `|` nor a lone `-`. */
  readonly plain: readonly string[];
  readonly texts: readonly string[];
}

const separator = '|';
const nullMark = '-';
/** Hex digits of the hash that are added up: 64 bits. */
const hexDigits = 16;

/** The row columns: those of the file, and two that the load sets. */
const rowChecksumColumns = byReport((name) =>
  columnsOf(rowTables[name], [...reports[name].rowColumns, 'period_end', 'run_id']),
);

const rollupChecksumColumns = byReport((name) =>
  columnsOf(rollupTables[name], [...reports[name].rollupColumns, 'member_code', 'preliminary']),
);

function columnsOf(table: MySqlTable, names: readonly string[]): ChecksumColumns {
  const typed = Object.values(getTableColumns(table));
  const isText = (name: string) => typed.some((each) => each.name === name && /char/.test(each.getSQLType()));
  return { plain: names.filter((name) => !isText(name)), texts: names.filter(isText) };
}

/** The checksum of a statement's rows, as SQL. */
export function rowsChecksum(report: ReportName): string {
  return checksumSql(rowChecksumColumns[report]);
}

/** The checksum of a statement's roll-ups, as SQL. */
export function rollupsChecksum(report: ReportName): string {
  return checksumSql(rollupChecksumColumns[report]);
}

function checksumSql({ plain, texts }: ChecksumColumns): string {
  const cells = [
    ...plain.map((column) => `IFNULL(\`${column}\`, '${nullMark}')`),
    ...texts.map((column) => `IFNULL(LENGTH(\`${column}\`), '${nullMark}')`),
    ...texts.map((column) => `IFNULL(\`${column}\`, '')`),
  ];
  const row = `CONCAT_WS('${separator}', ${cells.join(', ')})`;
  return `COALESCE(SUM(CAST(CONV(LEFT(SHA2(${row}, 256), ${String(hexDigits)}), 16, 10) AS UNSIGNED)), 0)`;
}

/** Adds up 64-bit numbers, each given as two halves. */
class HashSum {
  readonly #high = new ExactSum();
  readonly #low = new ExactSum();

  add(content: Uint8Array): void {
    // A text of one character a byte: a new buffer for each row would take longer than the hash.
    const digest = hash('sha256', content, 'binary');
    this.#high.add(unsigned32(digest, 0));
    this.#low.add(unsigned32(digest, 4));
  }

  get total(): bigint {
    return (this.#high.total << 32n) + this.#low.total;
  }
}

function unsigned32(digest: string, at: number): number {
  const [high, low] = [unsigned16(digest, at), unsigned16(digest, at + 2)];
  return high * 0x10000 + low;
}

function unsigned16(digest: string, at: number): number {
  return (digest.charCodeAt(at) << 8) | digest.charCodeAt(at + 1);
}

/** The values that the load sets in every row. */
interface RowOrigin {
  readonly periodEnd: string;
  readonly runId: string;
}

const [tabEscape, newlineEscape, returnEscape, nulEscape] = [0x74, 0x6e, 0x72, 0x30];
const [backslash, newline, bar, dash, zero] = [0x5c, 0x0a, 0x7c, 0x2d, 0x30];

/** Adds up the rows of a row file from its bytes, in chunks cut anywhere. */
export class RowsChecksum {
  readonly #width: number;
  readonly #plain: readonly number[];
  readonly #texts: readonly number[];
  readonly #periodEnd: Buffer;
  readonly #runId: Buffer;
  readonly #sum = new HashSum();
  #rest: Buffer = Buffer.alloc(0);
  /** Buffer for a row in its hashed form, and for its texts before that. */
  #content = Buffer.allocUnsafe(4096);
  #text = Buffer.allocUnsafe(4096);
  #unreadable = false;

  constructor(report: ReportName, { periodEnd, runId }: RowOrigin) {
    const columns = reports[report].rowColumns;
    const { plain, texts } = rowChecksumColumns[report];
    const inFile = (names: readonly string[]) =>
      names.map((name) => columns.indexOf(name)).filter((index) => index !== -1);
    this.#width = columns.length;
    this.#plain = inFile(plain);
    this.#texts = inFile(texts);
    this.#periodEnd = Buffer.from(periodEnd);
    this.#runId = Buffer.from(runId);
  }

  add(chunk: Buffer): void {
    const end = chunk.lastIndexOf(newline) + 1;
    if (end === 0) {
      this.#rest = Buffer.concat([this.#rest, chunk]);
      return;
    }
    const whole = chunk.subarray(0, end);
    this.#addLines(this.#rest.length === 0 ? whole : Buffer.concat([this.#rest, whole]));
    this.#rest = Buffer.from(chunk.subarray(end));
  }

  /** The sum of all rows so far; undefined if a line had another number of cells: the load itself reports that. */
  total(): string | undefined {
    if (this.#rest.length > 0) this.#addLines(Buffer.concat([this.#rest, Buffer.of(newline)]));
    this.#rest = Buffer.alloc(0);
    return this.#unreadable ? undefined : String(this.#sum.total);
  }

  #addLines(lines: Buffer): void {
    if (this.#unreadable) return;
    try {
      for (const cells of splitRows(lines, this.#width)) this.#addRow(cells);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#unreadable = true;
    }
  }

  #addRow({ bytes, starts, first }: LineCells): void {
    const lineBytes = starts[first + this.#width]! - starts[first]!;
    // A number takes no more space than its cell; a length takes at most four digits and a bar, the widest column being
    // 640.
    this.#makeRoom(lineBytes + this.#periodEnd.length + this.#runId.length + 8 * (this.#texts.length + 2));
    const content = this.#content;
    let at = 0;
    for (const index of this.#plain) {
      const from = starts[first + index]!;
      const to = starts[first + index + 1]! - 1;
      if (isNullCell(bytes, from, to)) content[at++] = dash;
      else {
        // For cells of a few bytes, Buffer's own `copy` takes longer.
        for (let byteAt = from; byteAt < to; byteAt += 1) content[at++] = bytes[byteAt]!;
      }
      content[at++] = bar;
    }
    at += this.#periodEnd.copy(content, at);
    content[at++] = bar;
    let textBytes = 0;
    for (const index of this.#texts) {
      const from = starts[first + index]!;
      const to = starts[first + index + 1]! - 1;
      if (isNullCell(bytes, from, to)) content[at++] = dash;
      else {
        const end = this.#unescape(bytes, { from, to, at: textBytes });
        at = writeNumber(content, at, end - textBytes);
        textBytes = end;
      }
      content[at++] = bar;
      this.#text[textBytes++] = bar;
    }
    at = writeNumber(content, at, this.#runId.length);
    content[at++] = bar;
    at += this.#text.copy(content, at, 0, textBytes);
    at += this.#runId.copy(content, at);
    this.#sum.add(content.subarray(0, at));
  }

  /** Writes a text as the table holds it, and returns its end. */
  #unescape(
    bytes: Buffer,
    { from, to, at }: { readonly from: number; readonly to: number; readonly at: number },
  ): number {
    const text = this.#text;
    let end = at;
    for (let index = from; index < to; index += 1) {
      const byte = bytes[index]!;
      if (byte === backslash && index + 1 < to) {
        index += 1;
        text[end] = unescaped(bytes[index]!);
      } else text[end] = byte;
      end += 1;
    }
    return end;
  }

  #makeRoom(bytes: number): void {
    if (bytes <= this.#content.length) return;
    this.#content = Buffer.allocUnsafe(2 * bytes);
    this.#text = Buffer.allocUnsafe(2 * bytes);
  }
}

/** Writes a whole number that is not negative, and returns its end. */
function writeNumber(bytes: Buffer, at: number, number: number): number {
  let end = at + 1;
  for (let tens = 10; tens <= number; tens *= 10) end += 1;
  let rest = number;
  for (let index = end - 1; index >= at; index -= 1) {
    bytes[index] = zero + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return end;
}

function unescaped(escape: number): number {
  if (escape === tabEscape) return 0x09;
  if (escape === newlineEscape) return newline;
  if (escape === returnEscape) return 0x0d;
  return escape === nulEscape ? 0 : escape;
}

/** Adds up roll-ups as they are written to their table. */
export class RollupsChecksum {
  readonly #columns: ChecksumColumns;
  readonly #sum = new HashSum();

  constructor(report: ReportName) {
    this.#columns = rollupChecksumColumns[report];
  }

  /** @param row cells by column, in the form in which the database writes them */
  add(row: Readonly<Record<string, TsvCell>>): void {
    const { plain, texts } = this.#columns;
    const cells = [
      ...plain.map((column) => row[column] ?? nullMark),
      ...texts.map((column) => {
        const text = row[column] ?? null;
        return text === null ? nullMark : String(Buffer.byteLength(text));
      }),
      ...texts.map((column) => row[column] ?? ''),
    ];
    this.#sum.add(Buffer.from(cells.join(separator)));
  }

  total(): string {
    return String(this.#sum.total);
  }
}
