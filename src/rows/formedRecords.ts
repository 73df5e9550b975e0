import { PipelineError } from '../domain/failures.ts';
import type { FileForm } from '../domain/fileForm.ts';
import { columnName } from '../domain/headings.ts';
import type { ReadingRules } from '../domain/rules.ts';
import { storedText } from '../domain/storedText.ts';
import { isFigure } from '../reports/tableTypes.ts';
import type { ReportDefinition } from '../reports/report.ts';
import { longestHeading, type ExportLayout } from './exportHeader.ts';
import { isBlank, widthOf, type ExportRecord } from './exportRecord.ts';
import { ExactSum } from './exactSum.ts';
import { createColumnReader } from './readRecord.ts';
import type { OpenedExport } from './csv.ts';
import { askForAnother } from './exportBytes.ts';

/** Lines between and after the records of an export that are no records. */
export interface SkippedLines {
  repeatedHeaders: number;
  totalsLines: number;
  /**
   * Columns whose sum in a line of totals could not be checked, since a row's cell has no amount;
   * `(line)` for a line in which nothing could be checked.
   */
  readonly uncheckedTotals: Set<string>;
}

export function noSkippedLines(): SkippedLines {
  return { repeatedHeaders: 0, totalsLines: 0, uncheckedTotals: new Set() };
}

/** What is no record is in no other count. Without zeros. */
export function skippedLineWarnings(
  blankRows: number,
  { repeatedHeaders, totalsLines, uncheckedTotals }: SkippedLines,
): Record<string, number> {
  const counts: (readonly [string, number])[] = [
    ['blank-rows', blankRows],
    ['repeated-headers', repeatedHeaders],
    ['totals-lines', totalsLines],
    ...Array.from(uncheckedTotals, (column) => [`totals-unchecked:${column}`, 1] as const),
  ];
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

export interface RecordTerms {
  readonly layout: ExportLayout;
  readonly form: FileForm;
  readonly reading: ReadingRules;
}

/**
 * The records alone: without repeated headers, empty cells beyond the header's, and lines of totals, as far as the form
 * says that there are such. The sums in lines of totals must be those of the records.
 * @throws PipelineError ExportTruncated if they are not or there is no such line, ExportNotCsv if records follow one
 */
export async function* formedRecords(
  { header, blocks }: Pick<OpenedExport, 'header' | 'blocks'>,
  report: ReportDefinition,
  terms: RecordTerms,
  skipped: SkippedLines,
): AsyncGenerator<readonly ExportRecord[]> {
  const { emptyCellsAtEnd, repeatedHeaders, totals } = terms.form;
  if (!emptyCellsAtEnd && !repeatedHeaders && totals.length === 0) {
    yield* blocks;
    return;
  }
  const isHeaderAgain = repeatedHeaders && header !== undefined ? headerComparison(header) : () => false;
  const sums = totals.length === 0 ? undefined : new CheckedTotals(report, terms, skipped);
  for await (const block of blocks) {
    const records: ExportRecord[] = [];
    for (const asRead of block) {
      if (isHeaderAgain(asRead)) {
        skipped.repeatedHeaders += 1;
        continue;
      }
      const record = emptyCellsAtEnd ? withoutEmptyEnd(asRead, terms.layout.width) : asRead;
      if (sums?.takes(record) !== true) records.push(record);
    }
    if (records.length > 0) yield records;
  }
  sums?.assertRight();
}

function headerComparison(header: ExportRecord): (record: ExportRecord) => boolean {
  const headings = header.cells.map(columnName);
  return (record) =>
    widthOf(record) === headings.length &&
    record.cells.every((cell, index) => cell.length < longestHeading && columnName(cell) === headings[index]);
}

function withoutEmptyEnd(record: ExportRecord, width: number): ExportRecord {
  if (widthOf(record) <= width) return record;
  const { line, cells, kinds } = record;
  if (!isBlank({ cells: cells.slice(width) })) return record;
  return { line, cells: cells.slice(0, width), ...(kinds === undefined ? {} : { kinds }) };
}

/** A figure column, whose sum a line of totals may have. */
interface Totalled {
  readonly column: string;
  readonly position: number;
  readonly read: (record: ExportRecord) => unknown;
  readonly sum: ExactSum;
  /** Whether some record's cell has no amount, so that the sum is unknown. */
  isUnknown: boolean;
}

/** A line of totals, as read. */
interface TotalsLine {
  readonly line: number;
  /** The count of records that stands in the sign's cell, as in `Total (40 records)`, or in the one after it. */
  readonly records: number | undefined;
  readonly figures: readonly unknown[];
}

/** Adds up the records and compares the lines of totals with them. */
class CheckedTotals {
  readonly #skipped: SkippedLines;
  readonly #signIn: (record: ExportRecord) => string | undefined;
  readonly #columns: readonly Totalled[];
  readonly #width: number;
  readonly #lines: TotalsLine[] = [];
  #records = 0;

  constructor(report: ReportDefinition, terms: RecordTerms, skipped: SkippedLines) {
    this.#skipped = skipped;
    this.#width = terms.layout.width;
    this.#signIn = signReader(report, terms);
    this.#columns = report.columns
      .filter(({ cell: { type } }) => isFigure(type) && type.isSummed === true)
      .map((column) => {
        const position = terms.layout.positions[column.name]!;
        const reader = createColumnReader(column, position, terms);
        return {
          column: column.name,
          position,
          read: (record) => reader.of(record),
          sum: new ExactSum(),
          isUnknown: false,
        };
      });
  }

  /** Whether the record is a line of totals; any other is added up. */
  takes(record: ExportRecord): boolean {
    const sign = this.#signIn(record);
    if (sign !== undefined) {
      if (this.#lines.length === mostTotalsLines) throw notAtEnd(record.line);
      const figures = this.#columns.map(({ read }) => read(record));
      this.#lines.push({ line: record.line, records: this.#recordsIn(sign, record), figures });
      this.#skipped.totalsLines += 1;
      return true;
    }
    const [earlier] = this.#lines;
    if (earlier !== undefined) throw notAtEnd(earlier.line);
    this.#records += 1;
    for (const each of this.#columns) this.#add(each, record);
    return false;
  }

  assertRight(): void {
    if (this.#lines.length === 0 && this.#records > 0) throw noTotals(this.#records);
    for (const { line, records, figures } of this.#lines) {
      const wrong = this.#columns.flatMap((each, index) =>
        this.#isWrong(each, figures[index]) ? [each.column] : [],
      );
      if (records !== undefined && records !== this.#records) wrong.unshift('the number of rows');
      if (wrong.length > 0) throw notTheirSum(line, wrong);
      if (records === undefined && figures.every((figure) => figure === null)) {
        this.#skipped.uncheckedTotals.add('(line)');
      }
    }
  }

  #recordsIn(sign: string, { cells }: ExportRecord): number | undefined {
    if (!isNoun.test(sign)) return recordsIn(sign);
    const [, position] = Array.from(cells.keys()).filter((at) => cells[at]!.trim() !== '');
    if (position === undefined || this.#columns.some((each) => each.position === position)) return undefined;
    return recordsIn(storedText(cells[position]!).toUpperCase());
  }

  #add(each: Totalled, record: ExportRecord): void {
    const figure = widthOf(record) === this.#width ? each.read(record) : undefined;
    if (typeof figure === 'number') each.sum.add(figure);
    else if (figure !== null) each.isUnknown = true;
  }

  #isWrong({ column, sum, isUnknown }: Totalled, stated: unknown): boolean {
    if (stated === null) return false;
    if (typeof stated !== 'number' || isUnknown) {
      this.#skipped.uncheckedTotals.add(column);
      return false;
    }
    return BigInt(stated) !== sum.total;
  }
}

/** Subtotals and a total are a few lines. */
const mostTotalsLines = 20;

/**
 * The text of the first cell that is not blank, without the word that marks a line of totals. Undefined for a record:
 * it begins otherwise, or has what only a record has.
 */
function signReader(
  report: ReportDefinition,
  { layout: { positions, width }, form: { totals } }: RecordTerms,
): (record: ExportRecord) => string | undefined {
  const words = totals.map((word) => word.toUpperCase());
  const required = report.columns.flatMap(({ name, required: must }) =>
    must === true ? [positions[name]!] : [],
  );
  return (record) => {
    const { cells } = record;
    const first = cells.findIndex((cell) => cell.trim() !== '');
    const text = cells[first]!;
    if (text.length > longestHeading) return undefined;
    const sign = storedText(text).toUpperCase();
    const word = words.find(
      (each) => sign.startsWith(each) && /^(?:$|[\s:=(])/.test(sign.slice(each.length)),
    );
    if (word === undefined || !isBlank({ cells: cells.slice(width) })) return undefined;
    const isRecord = required.some((position) => position !== first && (cells[position] ?? '').trim() !== '');
    return isRecord ? undefined : sign.slice(word.length);
  };
}

const noun = '(?:RECORD|ROW|LINE|ITEM|NOTE|AUTHORIZATION)S?';
const between = String.raw`[\s:=(]{0,4}`;
const isNoun = new RegExp(`^${between}${noun}${between}$`);
const countPattern = new RegExp(
  String.raw`^${between}(?:${noun}${between})?(\d{1,9}|\d{1,3}(?:,\d{3}){1,2})(?: ?${noun})?\)?$`,
);

/** `: 1,003 records`, `(40)`, ` records: 40`. Of a longer cell, `undefined`. */
function recordsIn(rest: string): number | undefined {
  const digits = rest.length > longestHeading ? undefined : countPattern.exec(rest)?.[1];
  return digits === undefined ? undefined : Number(digits.replaceAll(',', ''));
}

function noTotals(records: number): PipelineError {
  return new PipelineError(
    'ExportTruncated',
    `the export has ${String(records)} rows and no line of totals: it may be cut off`,
    {
      hint: `${askForAnother} If files of this portal need not end with such a line, remove the setting totals of the report in pipeline.yaml.`,
      details: { records },
    },
  );
}

function notAtEnd(line: number): PipelineError {
  return new PipelineError(
    'ExportNotCsv',
    `rows follow the line of totals in line ${String(line)} of the export: what it adds up is unclear`,
    {
      hint: 'Have the portal export without subtotals, or look at the words in the setting totals of the report in pipeline.yaml.',
      details: { line },
    },
  );
}

function notTheirSum(line: number, wrong: readonly string[]): PipelineError {
  return new PipelineError(
    'ExportTruncated',
    `the line of totals in line ${String(line)} of the export differs from its rows in ${wrong.join(', ')}: rows are missing or doubled`,
    { hint: askForAnother, details: { line, wrong } },
  );
}
