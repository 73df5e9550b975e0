import { isBlankWord } from '../domain/blankWords.ts';
import { cellFaults, isFault, type CellFault } from '../domain/cells.ts';
import type { ExportLayout } from './exportHeader.ts';
import type { FileForm } from '../domain/fileForm.ts';
import { hasHtmlEntity } from '../domain/htmlEntities.ts';
import type { ReadingRules } from '../domain/rules.ts';
import { cellText } from '../domain/storedText.ts';
import type { ExportColumn, Readings } from '../reports/report.ts';
import { capped, ColumnReader } from './cellsReader.ts';
import type { ExportRecord } from './exportRecord.ts';

export interface RecordReading {
  readonly readings: Readings;
  /** The first fault in the contract's order of columns, if any. */
  readonly firstFault: { readonly column: string; readonly fault: CellFault } | undefined;
  /** Warnings about cells that could be read, e.g. `html-entities:client`. */
  readonly warnings: readonly string[];
}

type ReadingTerms = ReadingRules & Pick<FileForm, 'amounts'>;

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
function readColumn(
  { name: column, cell: { holds, read: readPlain, readBytes, readAccounting }, required }: ExportColumn,
  position: number,
  { amounts, blankWords, decodeHtmlEntities }: ReadingTerms,
) {
  const seen = { entity: false };
  const read = amounts === 'accounting' && readAccounting !== undefined ? readAccounting : readPlain;
  const readFilled = required === true ? (text: string) => read(text) ?? cellFaults.blank : read;
  const readCell = (cell: string): unknown => {
    // Decoding leaves U+FFFD for bytes that are not UTF-8: the original text is lost.
    if (cell.includes('\uFFFD')) return cellFaults.notText;
    const text = cellText(cell, { decodeEntities: decodeHtmlEntities });
    if (holds === 'value') return readFilled(isBlankWord(text, blankWords) ? '' : text);
    const value = readFilled(text);
    if (isTextWithEntity(value)) seen.entity = true;
    return value;
  };
  const inPlace = required === true ? undefined : readBytes;
  const reader = new ColumnReader(position, capped<unknown>(cellFaults.tooLong, readCell), inPlace);
  return { column, seen, reader };
}
