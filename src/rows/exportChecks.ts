import { isFault, readDate } from '../domain/cells.ts';
import { isOtherHeader, type ExportLayout } from './exportHeader.ts';
import type { IsoDate } from '../domain/dates.ts';
import { separators, type Separator } from '../domain/fileForm.ts';
import { PipelineError } from '../domain/failures.ts';
import { periodText, type Period } from '../domain/periods.ts';
import type { ColumnAliases } from '../domain/rules.ts';
import { capped, CellsReader, ColumnReader } from './cellsReader.ts';
import type { ExportRecord } from './exportRecord.ts';
import { createColumnReader, type ReadingTerms } from './readRecord.ts';
import type { ExportColumn } from '../reports/report.ts';
import { reports, type ReportName } from '../reports/index.ts';

/**
 * Counts how much of an export lies outside its period: a single record may, and is rejected later; most of the file
 * may not. A record whose dates cannot be read does not count as outside.
 */
export class PeriodCheck {
  readonly #report: ReportName;
  readonly #period: Period;
  readonly #first: DayReader;
  readonly #last: DayReader;
  #records = 0;
  #outside = 0;

  constructor(report: ReportName, period: Period, layout: ExportLayout, terms?: ReadingTerms) {
    this.#report = report;
    this.#period = period;
    const { dates, columns } = reports[report];
    const dayIn = (name: string) => {
      const column = columns.find((each) => each.name === name)!;
      return dayReader(column, layout.positions[name]!, terms);
    };
    this.#first = dayIn(dates.first);
    this.#last = dayIn(dates.last);
  }

  add(record: ExportRecord): void {
    this.#records += 1;
    const first = this.#first.of(record);
    const last = this.#last.of(record);
    if (first === undefined || last === undefined) return;
    if (first > this.#period.to || last < this.#period.from) this.#outside += 1;
  }

  get records(): number {
    return this.#records;
  }

  /** @throws PipelineError ExportWrongPeriod when more than half of the records lie outside the period. */
  assertRightPeriod(): void {
    if (this.#outside * 2 <= this.#records) return;
    throw new PipelineError(
      'ExportWrongPeriod',
      `${String(this.#outside)} of ${String(this.#records)} records of the ${this.#report} export lie outside ${periodText(this.#period)}`,
      {
        hint: 'Check the dates that the recipe enters, or that the file handed in is for this period.',
        details: { outside: this.#outside, records: this.#records },
      },
    );
  }
}

export interface DayReader {
  of(record: ExportRecord): IsoDate | undefined;
}

/** @param terms how the report's cells are read, if days are not written as usual */
export function dayReader(
  column: ExportColumn,
  position: number,
  terms: ReadingTerms | undefined,
): DayReader {
  if (terms === undefined || (terms.form.format === 'csv' && terms.form.dates[column.name] === undefined)) {
    return new ColumnReader(position, dayOf);
  }
  const reader = createColumnReader(column, position, terms);
  return { of: (record) => dayFrom(reader.of(record)) };
}

const dayOf = capped<IsoDate | undefined>(undefined, (cell) => dayFrom(readDate(cell.trim())));

function dayFrom(reading: unknown): IsoDate | undefined {
  return reading === null || isFault(reading) ? undefined : (reading as IsoDate);
}

/**
 * Finds the header between the rows, as on a second page, with its columns in another order: the rows after it would be
 * read under wrong columns. A header has no day where rows have theirs, so that one byte of most records decides.
 */
export function otherHeaderCheck(
  report: ReportName,
  layout: ExportLayout,
  rules: { readonly columnAliases: ColumnAliases },
): (record: ExportRecord) => void {
  const position = layout.positions[reports[report].dates.first]!;
  return (record) => {
    const first = firstUnit(record, position);
    if ((first >= zero && first <= nine) || !isOtherHeader(report, record.cells, layout, rules)) return;
    throw new PipelineError(
      'ExportNotCsv',
      `line ${String(record.line)} of the export is its header again, with the columns in another order`,
      {
        hint: 'Have the portal export without page breaks, or every page with the same columns.',
        details: { line: record.line },
      },
    );
  };
}

/** What a portal writes into cells that an account may not read. */
const mask = /^\*{3,}$/;

/**
 * Counts cells of nothing but asterisks. If an account loses a permission, the portal masks its columns, and the whole
 * export is then no basis for figures; so rows that would be excluded count as well.
 */
export class MaskedCells {
  readonly #report: ReportName;
  readonly #columns: readonly (readonly [column: string, position: number])[];
  readonly #masks = new CellsReader((cell) => mask.test(cell.trim()));
  readonly #counts = new Map<string, number>();

  constructor(report: ReportName, layout: ExportLayout) {
    this.#report = report;
    this.#columns = reports[report].exportColumns.map((column) => [column, layout.positions[column]!]);
  }

  add(record: ExportRecord): void {
    for (const [column, position] of this.#columns) {
      if (!mayBeMasked(firstUnit(record, position)) || !this.#masks.of(record, position)) continue;
      this.#counts.set(column, (this.#counts.get(column) ?? 0) + 1);
    }
  }

  /** @throws PipelineError PortalPermissionMissing if a single cell of the contract is masked. */
  assertNone(): void {
    if (this.#counts.size === 0) return;
    const columns = Array.from(this.#counts, ([column, count]) => `"${column}" in ${records(count)}`);
    throw new PipelineError(
      'PortalPermissionMissing',
      `the portal masks cells of the ${this.#report} export: ${columns.join(', ')}`,
      {
        hint: 'Have a portal administrator let the account of the pipeline see these columns, then run the period again.',
        details: { masked: Object.fromEntries(this.#counts) },
      },
    );
  }
}

/** The first byte or letter of a cell, whichever is available; NaN if it is blank or missing. */
function firstUnit(record: ExportRecord, position: number): number {
  const { inPlace } = record;
  if (inPlace === undefined) return record.cells[position]?.charCodeAt(0) ?? Number.NaN;
  const { bytes, spans, first, width } = inPlace;
  const span = first + 2 * position;
  return position < width && spans[span]! < spans[span + 1]! ? bytes[spans[span]!]! : Number.NaN;
}

const [asterisk, space, lastOfAscii, zero, nine] = [0x2a, 0x20, 0x7f, 0x30, 0x39];

/** Decided by the first character, since millions of cells are checked; blanks of all kinds may come before a mask. */
function mayBeMasked(first: number): boolean {
  return first === asterisk || first <= space || first > lastOfAscii;
}

function records(count: number): string {
  return count === 1 ? '1 record' : `${String(count)} records`;
}

/**
 * A missing or doubled quote lets a cell run on into the following lines, up to the next quote that ends one. The
 * parser's single record then has the cells of its first and last line, and swallowed commas in between: either
 * the number of cells is wrong, or one cell has at least as many commas as separate a whole record's cells (in a
 * free-text column, a whole row). The same goes for other separators. Such a record can be told from one with a
 * genuine line break in a cell, but not repaired: the number of original records is unknown.
 * @throws PipelineError ExportNotCsv that names the line.
 */
export function assertNoQuoteLost(
  record: ExportRecord,
  layout: ExportLayout,
  separatedBy: Separator = 'comma',
): void {
  // Records in place are on one line.
  if (record.inPlace !== undefined) return;
  const { line, cells } = record;
  if (!cells.some(hasLineBreak)) return;
  const { width } = layout;
  const contract = new Set(Object.values(layout.positions));
  const separator = separators[separatedBy];
  const swallows = (cell: string, position: number) =>
    hasLineBreak(cell) &&
    cell.split(separator).length >= width &&
    (contract.has(position) || holdsRow({ cell, position, separator }, layout));
  if (cells.length !== width || cells.some(swallows)) throw quoteLost(line);
}

/** What is at a date's position if a row has slid into another's cell. */
const dateLike = /^\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\b/;

/**
 * Whether a free-text cell of a column that the contract does not name has swallowed rows: its first line is then the
 * rest of a row and each further one the beginning of another, with a date at a date column's position. Swallowed rows
 * have no quotes, so their separators separate their cells.
 */
function holdsRow(
  { cell, position, separator }: { cell: string; position: number; separator: string },
  { positions, width }: ExportLayout,
): boolean {
  const columns = Object.values(reports).flatMap(({ dates: { first, last } }) =>
    positions[first] === undefined ? [] : [positions[first], positions[last]!],
  );
  return cell.split('\n').some((line, index) => {
    const parts = line.split(separator);
    const firstColumn = index === 0 ? width - parts.length : 0;
    return columns.some((column) => {
      const at = column - firstColumn;
      const isThere = index === 0 ? column > position && at > 0 : at < parts.length;
      return isThere && dateLike.test(parts[at]!.trim());
    });
  });
}

/**
 * Refuses a header that has swallowed a row; its width is not known yet. A heading may have a line break; one with a
 * separator as well is more likely a row that has slid into it, and into no figure.
 * @throws PipelineError ExportNotCsv that names the line.
 */
export function assertNoRowInHeader({ line, cells }: ExportRecord, separatedBy: Separator = 'comma'): void {
  const separator = separators[separatedBy];
  if (cells.some((cell) => cell.includes('\n') && cell.includes(separator))) throw quoteLost(line);
}

function quoteLost(line: number): PipelineError {
  return new PipelineError(
    'ExportNotCsv',
    `a quote is missing or doubled near line ${String(line)}: the rows from there on cannot be told apart`,
    {
      hint: 'Download the export again. If it stays so, show that line to the portal vendor, or save the report by hand and run the period with `file`.',
      details: { line },
    },
  );
}

function hasLineBreak(cell: string): boolean {
  return cell.includes('\n');
}
