import { plainAmounts, type AmountForm } from '../domain/amountForms.ts';
import { foldBlankWord, isBlankWord } from '../domain/blankWords.ts';
import { cellFaults, isFault, type CellFault } from '../domain/cells.ts';
import type { ExportLayout } from './exportHeader.ts';
import { dateLayout } from '../domain/dateLayouts.ts';
import type { FileForm } from '../domain/fileForm.ts';
import { hasHtmlEntity } from '../domain/htmlEntities.ts';
import type { ReadingRules } from '../domain/rules.ts';
import { cellText } from '../domain/storedText.ts';
import type { ExportColumn, Readings } from '../reports/report.ts';
import { capped, ColumnReader } from './cellsReader.ts';
import type { ExportRecord, RecordCells } from './exportRecord.ts';

export interface RecordReading {
  readonly readings: Readings;
  /** The first fault in the contract's order of columns, if any. */
  readonly firstFault: { readonly column: string; readonly fault: CellFault } | undefined;
  /** Warnings about cells that could be read, e.g. `html-entities:client`. */
  readonly warnings: readonly string[];
}

export interface ReadingTerms {
  readonly reading: ReadingRules;
  readonly form: FileForm;
}

/** Reads every cell of the contract. The records must have as many cells as the header. */
export function createRecordReader(
  exportColumns: readonly ExportColumn[],
  layout: ExportLayout,
  terms: ReadingTerms,
): (record: ExportRecord) => RecordReading {
  const columns = exportColumns.map((column) => readColumn(column, layout.positions[column.name]!, terms));
  // Copying an object that has all columns costs less than adding them one by one.
  const blank = Object.fromEntries(columns.map(({ column }) => [column, null]));
  return (record) => {
    const readings: Record<string, unknown> = { ...blank };
    let firstFault: RecordReading['firstFault'];
    let warnings: string[] | undefined;
    for (const { column, reader, seen } of columns) {
      const value = reader.of(record);
      readings[column] = value;
      if (isFault(value)) firstFault ??= { column, fault: value };
      else if (seen.entity && isTextWithEntity(value)) (warnings ??= []).push(entityWarning(column));
    }
    return { readings, firstFault, warnings: warnings ?? noWarnings };
  };
}

const noWarnings: readonly string[] = [];

function isTextWithEntity(value: unknown): boolean {
  return typeof value === 'string' && hasHtmlEntity(value);
}

function entityWarning(column: string): string {
  return `html-entities:${column}`;
}

/**
 * A repeated cell is not read again, so once a column has an entity, each further value is checked for one; most
 * columns never have any.
 */
function readColumn(exportColumn: ExportColumn, position: number, terms: ReadingTerms) {
  const { name: column, cell, required } = exportColumn;
  const seen = { entity: false };
  const readCell = createCellReader(exportColumn, terms);
  const readNoted = (text: string) => {
    const value = readCell(text);
    if (cell.holds !== 'value' && isTextWithEntity(value)) seen.entity = true;
    return value;
  };
  const isUsual = otherReader(exportColumn, terms.form) === undefined;
  const inPlace =
    required === true || !isUsual || hasOwnBlanks(column, terms.form) ? undefined : cell.readBytes;
  const asText = new ColumnReader(position, capped<unknown>(cellFaults.tooLong, readNoted), inPlace);
  const reader = terms.form.format === 'xlsx' ? typedReader(exportColumn, position, asText) : asText;
  return { column, seen, reader };
}

/** Reads one column of records. */
interface Reader {
  of(record: RecordCells): unknown;
}

/** Reads a column of records as `createRecordReader` does. */
export function createColumnReader(
  exportColumn: ExportColumn,
  position: number,
  terms: ReadingTerms,
): Reader {
  const read = capped<unknown>(cellFaults.tooLong, createCellReader(exportColumn, terms));
  const asText = new ColumnReader(position, read);
  return terms.form.format === 'xlsx' ? typedReader(exportColumn, position, asText) : asText;
}

/** How sheetCells.ts writes dates. */
const sheetDates = dateLayout('MM/DD/YYYY HH:mm:ss')!;

/** Numbers and dates of a workbook are plain, however its texts are written; a name or a code must be a text. */
function typedReader({ cell }: ExportColumn, position: number, asText: Reader): Reader {
  const readDate = cell.readDatesIn?.(sheetDates) ?? cell.read;
  return {
    of: (record) => {
      const kind = record.kinds?.[position] ?? 'text';
      if (kind === 'text') return asText.of(record);
      if (kind === 'formula') return cellFaults.notCalculated;
      if (cell.holds !== 'value') return cellFaults.notTextCell;
      return (kind === 'date' ? readDate : cell.read)(record.cells[position]!);
    },
  };
}

/** Reads a cell as exported, of at most the length that cellsReader.ts allows. */
export function createCellReader(
  exportColumn: ExportColumn,
  { form, reading: { blankWords, decodeHtmlEntities } }: ReadingTerms,
): (cell: string) => unknown {
  const { name: column, cell, required } = exportColumn;
  const read = otherReader(exportColumn, form) ?? cell.read;
  const readFilled = required === true ? (text: string) => read(text) ?? cellFaults.blank : read;
  const ownWords = new Set((form.blankWords[column] ?? []).map(foldBlankWord));
  const isBlank = (text: string) =>
    (ownWords.size > 0 && isBlankWord(text, ownWords)) ||
    (cell.holds === 'value' && isBlankWord(text, blankWords));
  return (asExported) => {
    // Decoding leaves U+FFFD for bytes that are not UTF-8: the original text is lost.
    if (asExported.includes('\uFFFD')) return cellFaults.notText;
    const text = cellText(asExported, { decodeEntities: decodeHtmlEntities });
    return readFilled(isBlank(text) ? '' : text);
  };
}

function hasOwnBlanks(column: string, { blankWords }: FileForm): boolean {
  return (blankWords[column] ?? []).length > 0;
}

/** How the column is read if the files do not write it as usual. */
function otherReader({ name, cell }: ExportColumn, form: FileForm): ((cell: string) => unknown) | undefined {
  const { readAmountsIn, readDatesIn } = cell;
  if (readAmountsIn !== undefined && !arePlain(form)) return readAmountsIn(form);
  const layout = form.dates[name];
  if (readDatesIn === undefined || layout === undefined) return undefined;
  const compiled = dateLayout(layout);
  // The configuration's check admits no other.
  if (compiled === undefined) throw new TypeError(`${layout} is no layout of dates`);
  return readDatesIn(compiled);
}

function arePlain({ amounts, decimalMark, credits, currencyWords }: AmountForm): boolean {
  return (
    amounts === plainAmounts.amounts &&
    decimalMark === plainAmounts.decimalMark &&
    credits === plainAmounts.credits &&
    currencyWords.length === 0
  );
}
