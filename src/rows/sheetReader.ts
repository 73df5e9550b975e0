import type { ExportRecord } from './exportRecord.ts';
import { columnIn, plainNumber, serialDate, unescapedText, type CellKind } from './sheetCells.ts';
import { notWorkbook, type XmlReader } from './xml.ts';

export interface SheetTerms {
  /** Texts that cells refer to by number. */
  readonly texts: readonly string[];
  /** Whether each cell style shows a number as a date. */
  readonly styles: readonly boolean[];
  readonly system: 1900 | 1904;
  readonly linesBeforeHeader: number;
}

/** The format's own limit. */
const mostRows = 1_048_576;

/** No export has as many. */
const mostColumns = 1_000;

/** A cell of Excel holds 32,767 letters, and `_xHHHH_` writes one of them as seven. */
const longestText = 8 * 32_767;

interface OpenCell {
  readonly column: number;
  readonly type: string;
  readonly isDate: boolean;
  text: string;
}

/** Makes records of a sheet's XML. */
export class SheetReader implements XmlReader {
  readonly #terms: SheetTerms;
  #records: ExportRecord[] = [];
  #row = 0;
  #cells: string[] = [];
  #kinds: CellKind[] = [];
  #cell: OpenCell | undefined;
  #isValue = false;
  #isReading = false;
  #width: number | undefined;

  constructor(terms: SheetTerms) {
    this.#terms = terms;
  }

  /** The records since the last call; undefined if there are none. */
  take(): readonly ExportRecord[] | undefined {
    if (this.#records.length === 0) return undefined;
    const records = this.#records;
    this.#records = [];
    return records;
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    switch (name) {
      case 'row':
        this.#openRow(attributes['r']);
        break;
      case 'c':
        this.#openCell(attributes);
        break;
      // Beside a text may stand how it is pronounced.
      case 'rPh':
        this.#isReading = true;
        break;
      case 'v':
      case 't':
        this.#isValue = this.#cell !== undefined && !this.#isReading;
    }
  }

  text(text: string): void {
    if (!this.#isValue || this.#cell === undefined) return;
    this.#cell.text += text;
    if (this.#cell.text.length > longestText) throw notWorkbook('a cell holds too much');
  }

  close(name: string): void {
    if (name === 'v' || name === 't') this.#isValue = false;
    if (name === 'rPh') this.#isReading = false;
    if (name === 'c') this.#closeCell();
    if (name === 'row') this.#closeRow();
  }

  #openRow(number: string | undefined): void {
    const row = number === undefined ? this.#row + 1 : Number(number);
    if (!Number.isInteger(row) || row <= this.#row || row > mostRows)
      throw notWorkbook('its rows are not in order');
    this.#row = row;
    this.#cells = [];
    this.#kinds = [];
  }

  #openCell({ r: place, t: type = 'n', s: style = '0' }: Readonly<Record<string, string>>): void {
    const column = place === undefined ? this.#cells.length : columnIn(place);
    if (column === undefined || column < this.#cells.length || column >= mostColumns) {
      throw notWorkbook('its cells are not in order');
    }
    this.#cell = { column, type, isDate: this.#terms.styles[Number(style)] === true, text: '' };
  }

  #closeCell(): void {
    const cell = this.#cell!;
    this.#cell = undefined;
    while (this.#cells.length < cell.column) {
      this.#cells.push('');
      this.#kinds.push('text');
    }
    const [text, kind] = this.#read(cell);
    this.#cells.push(text);
    this.#kinds.push(kind);
  }

  #read({ type, text, isDate }: OpenCell): [text: string, kind: CellKind] {
    switch (type) {
      case 's':
        return [unescapedText(this.#sharedText(text)), 'text'];
      case 'str':
      case 'inlineStr':
        return [unescapedText(text), 'text'];
      case 'b':
        return [text === '1' ? 'TRUE' : 'FALSE', 'boolean'];
      // ISO 8601, as few programs write it.
      case 'd':
        return [isoDateText(text), 'date'];
      case 'n':
        return text === '' ? ['', 'text'] : this.#number(text, isDate);
      default:
        // An error such as #REF!, which no column reads.
        return [text, 'text'];
    }
  }

  #sharedText(index: string): string {
    const text = this.#terms.texts[/^\d{1,9}$/.test(index) ? Number(index) : -1];
    if (text === undefined) throw notWorkbook('a cell refers to a text that is not there');
    return text;
  }

  #number(text: string, isDate: boolean): [text: string, kind: CellKind] {
    const date = isDate ? serialDate(text, this.#terms.system) : undefined;
    return date === undefined ? [plainNumber(text) ?? text, 'number'] : [date, 'date'];
  }

  /** Cells at the end of a row are left out where they are blank: it gets as many as the header. */
  #closeRow(): void {
    if (this.#row <= this.#terms.linesBeforeHeader || this.#cells.every((cell) => cell.trim() === '')) return;
    const filled = this.#cells.findLastIndex((cell) => cell.trim() !== '') + 1;
    this.#width ??= filled;
    const width = Math.max(filled, this.#width);
    const cells = Array.from({ length: width }, (_, at) => this.#cells[at] ?? '');
    const kinds = Array.from({ length: width }, (_, at) => this.#kinds[at] ?? 'text');
    this.#records.push({ line: this.#row, cells, kinds });
  }
}

/** `2026-11-01T13:00:00` as `11/01/2026 13:00:00`; anything else as it is, which no date column reads. */
function isoDateText(text: string): string {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d:\d\d)(?:\.\d{1,9})?)?$/.exec(text);
  if (match === null) return text;
  const [, year = '', month = '', day = '', time] = match;
  return `${month}/${day}/${year}${time === undefined ? '' : ` ${time}`}`;
}
