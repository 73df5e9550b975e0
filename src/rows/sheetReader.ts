import { PipelineError } from '../domain/failures.ts';
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

/** A cell of Excel holds 32,767 characters, and `_xHHHH_` writes one of them as seven. */
const longestText = 8 * 32_767;

interface OpenCell {
  readonly column: number;
  readonly type: string;
  readonly isDate: boolean;
  text: string;
  hasValue: boolean;
  formula: Readonly<Record<string, string>> | undefined;
}

/** What stands for a formula without its result. */
const uncalculated = '=';

/** What no column reads as a number or a date. */
const unreadable = '?';

/** Makes records of a sheet's XML. */
export class SheetReader implements XmlReader {
  readonly #terms: SheetTerms;
  #records: ExportRecord[] = [];
  #row = 0;
  #header: number | undefined;
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
      case 'mergeCell':
        this.#assertOneRow(attributes['ref']);
        break;
      // Beside a text may stand how it is pronounced.
      case 'rPh':
        this.#isReading = true;
        break;
      case 'f':
        if (this.#cell !== undefined) this.#cell.formula = attributes;
        break;
      case 'v':
      case 't':
        this.#isValue = this.#cell !== undefined && !this.#isReading;
        if (this.#cell !== undefined && this.#isValue) this.#cell.hasValue = true;
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

  /**
   * Refuses cells merged over several rows of records: only the first row has the value, which holds for all of them.
   */
  #assertOneRow(range: string | undefined): void {
    const match = /^[A-Z]{1,3}(\d{1,7}):[A-Z]{1,3}(\d{1,7})$/.exec(range ?? '');
    if (match === null) throw notWorkbook('cells of it are merged in a way that cannot be read');
    const [first, last] = [Number(match[1]), Number(match[2])];
    if (first !== last && Math.max(first, last) > (this.#header ?? this.#terms.linesBeforeHeader + 1)) {
      throw mergedRows(range!);
    }
  }

  #openCell({ r: place, t: type = 'n', s: style = '0' }: Readonly<Record<string, string>>): void {
    const column = place === undefined ? this.#cells.length : columnIn(place);
    if (column === undefined || column < this.#cells.length || column >= mostColumns) {
      throw notWorkbook('its cells are not in order');
    }
    const isDate = this.#terms.styles[Number(style)] === true;
    this.#cell = { column, type, isDate, text: '', hasValue: false, formula: undefined };
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

  #read(cell: OpenCell): [text: string, kind: CellKind] {
    const { type, text, isDate } = cell;
    if (isUncalculated(cell)) return [uncalculated, 'formula'];
    switch (type) {
      case 's':
        return [soundText(this.#sharedText(text)), 'text'];
      case 'str':
      case 'inlineStr':
        return [soundText(text), 'text'];
      case 'b':
        return text === '' ? ['', 'text'] : [booleans[text] ?? unreadable, 'boolean'];
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
    return date === undefined ? [plainNumber(text) ?? unreadable, 'number'] : [date, 'date'];
  }

  /** Cells at the end of a row are left out where they are blank: it gets as many as the header. */
  #closeRow(): void {
    if (this.#row <= this.#terms.linesBeforeHeader || this.#cells.every((cell) => cell.trim() === '')) return;
    const filled = this.#cells.findLastIndex((cell) => cell.trim() !== '') + 1;
    this.#width ??= filled;
    this.#header ??= this.#row;
    const width = Math.max(filled, this.#width);
    const cells = Array.from({ length: width }, (_, at) => this.#cells[at] ?? '');
    const kinds = Array.from({ length: width }, (_, at) => this.#kinds[at] ?? 'text');
    this.#records.push({ line: this.#row, cells, kinds });
  }
}

function mergedRows(range: string): PipelineError {
  return new PipelineError(
    'ExportNotCsv',
    `the cells ${range} of the workbook are merged over several rows`,
    {
      hint: 'Have the portal export without merged cells: which rows their value belongs to is unclear.',
      details: { range },
    },
  );
}

const booleans: Readonly<Record<string, string>> = {
  '0': 'FALSE',
  '1': 'TRUE',
  false: 'FALSE',
  true: 'TRUE',
};

/** A program that writes a formula may leave its result to Excel. A text may be the empty one. */
function isUncalculated({ type, text, hasValue, formula }: OpenCell): boolean {
  if (formula === undefined || (hasValue && (type === 'str' || text.trim() !== ''))) return false;
  // Its results stand in several cells; only the first one has the formula.
  if (formula['t'] !== 'shared' && formula['ref']?.includes(':') === true) {
    throw notWorkbook('formulas of it were not calculated: open it in Excel and save it');
  }
  return true;
}

/** Half a pair of surrogates and NUL can be written, and are no text. */
function soundText(text: string): string {
  const plain = unescapedText(text);
  if (plain !== text && /[\p{Surrogate}\0]/u.test(plain)) throw notWorkbook('a cell holds what is no text');
  return plain;
}

/** `2026-11-01T13:00:00` as `11/01/2026 13:00:00`; anything else as it is, which no date column reads. */
function isoDateText(text: string): string {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d:\d\d)(?:\.\d{1,9})?)?$/.exec(text);
  if (match === null) return text;
  const [, year = '', month = '', day = '', time] = match;
  return `${month}/${day}/${year}${time === undefined ? '' : ` ${time}`}`;
}
