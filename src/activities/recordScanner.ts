import type { ExportRecord } from '../domain/readRecord.ts';
import { textOf } from './text.ts';

// Letters by their codes: `"`, `,`, carriage return, byte order mark.
const quote = 0x22;
const comma = 0x2c;
const carriageReturn = 0x0d;
const byteOrderMark = 0xfeff;

/** A record of an export is a few hundred characters; what is far longer is for csv-parse to judge. */
const longestRecord = 100_000;

/**
 * Splits lines of an export into records where they have the plain form: cells without quotes, or whole in quotes,
 * parted by commas. It never guesses: at the first record of another form it gives up, and whoever asked reads on from
 * there with csv-parse.
 */
export class RecordScanner {
  /** 1-based line of the file on which the next record starts. */
  line = 1;
  /** What has been taken and not been given out as records: a record that goes on in the next lines, or everything. */
  rest = '';
  gaveUp = false;

  /**
   * The records that end in these lines.
   * @param lines whole lines in UTF-8; may be empty
   */
  take(lines: Buffer): ExportRecord[] {
    if (lines.length === 0) return [];
    const text = this.rest + textOf(lines);
    const records: ExportRecord[] = [];
    const from = this.line === 1 && text.charCodeAt(0) === byteOrderMark ? 1 : 0;
    const end = this.#scan(text, from, records);
    // The mark is taken off together with the first record.
    this.rest = this.line === 1 ? text : text.slice(end);
    return records;
  }

  /** Gives the place up to which `text` has been split into records. */
  #scan(text: string, from: number, records: ExportRecord[]): number {
    let at = from;
    while (at < text.length) {
      const end = this.#record(text, at, records);
      if (end === unfinished || end === otherForm) {
        this.gaveUp = end === otherForm || text.length - at > longestRecord;
        return at;
      }
      at = end;
    }
    return at;
  }

  /** Adds the record that starts here, unless its line is blank; gives the place behind its line break. */
  #record(text: string, start: number, records: ExportRecord[]): number {
    const cells: string[] = [];
    let lineEnd = text.indexOf('\n', start);
    let lines = 1;
    for (let at = start; ; at += 1) {
      if (text.charCodeAt(at) === quote) {
        const close = closingQuote(text, at);
        if (close === unfinished) return unfinished;
        for (; lineEnd < close; lineEnd = text.indexOf('\n', lineEnd + 1)) lines += 1;
        cells.push(unquoted(text, at + 1, close));
        at = close + 1;
        if (text.charCodeAt(at) === carriageReturn && at + 1 === lineEnd) at += 1;
        if (at !== lineEnd && text.charCodeAt(at) !== comma) return otherForm;
      } else {
        const begin = at;
        while (at < lineEnd && text.charCodeAt(at) !== comma) {
          if (text.charCodeAt(at) === quote) return otherForm;
          at += 1;
        }
        const cut = at === lineEnd && at > begin && text.charCodeAt(at - 1) === carriageReturn ? 1 : 0;
        cells.push(text.slice(begin, at - cut));
      }
      if (at === lineEnd) break;
    }
    if (lineEnd - start > longestRecord) return otherForm;
    if (cells.length > 1 || cells[0] !== '') records.push({ line: this.line, cells });
    this.line += lines;
    return lineEnd + 1;
  }
}

const unfinished = -1;
const otherForm = -2;

/** A quote that no second one follows. */
function closingQuote(text: string, open: number): number {
  let close = text.indexOf('"', open + 1);
  while (close !== -1 && text.charCodeAt(close + 1) === quote) close = text.indexOf('"', close + 2);
  return close === -1 ? unfinished : close;
}

function unquoted(text: string, from: number, to: number): string {
  const cell = text.slice(from, to);
  return cell.includes('"') ? cell.replaceAll('""', '"') : cell;
}
