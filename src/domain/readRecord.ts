import { isBlankWord } from './blankWords.ts';
import {
  cellFaults,
  isFault,
  readAccountingMoney,
  readDate,
  readDays,
  readMoney,
  readMoneyBytes,
  readSignTime,
  readText,
  readUnits,
  readUnitsBytes,
  type BytesReader,
  type CellFault,
  type SignTime,
} from './cells.ts';
import { capped, ColumnReader } from '../rows/cellsReader.ts';
import { exportColumns, type ExportColumn, type ExportLayout } from './exportHeader.ts';
import type { IsoDate } from './dates.ts';
import type { ExportRecord } from '../rows/exportRecord.ts';
import { hasHtmlEntity } from './htmlEntities.ts';
import type { FileForm } from './fileForm.ts';
import type { ReportName } from './reports.ts';
import { plainServiceCode } from './serviceCodes.ts';
import { isDamagedCode, isDamagedName } from './spreadsheetDamage.ts';
import { cellText } from './storedText.ts';
import { textWidths } from './tables.ts';

/** Reads one cell, in the form of storedText.ts: its value, or why it has none that can be trusted. */
type CellReader<Value> = (cell: string) => Value | CellFault;

/** How the cells of one column are read. */
interface ColumnReading<Value> {
  /** A name or a code is never taken for a word that means blank. */
  readonly holds: 'name' | 'code' | 'value';
  readonly read: CellReader<Value>;
  /** The same where the cell stands, for amounts: they are hardly ever the same, so remembering them brings nothing. */
  readonly readBytes?: BytesReader<Value>;
}

function required<Value>({ holds, read }: ColumnReading<Value | null>): ColumnReading<Value> {
  return { holds, read: (cell) => read(cell) ?? cellFaults.blank };
}

const name: ColumnReading<string | null> = {
  holds: 'name',
  read: (cell) => (isDamagedName(cell) ? cellFaults.spreadsheetDamage : readText(cell, textWidths.name)),
};
const code: ColumnReading<string | null> = { holds: 'code', read: readCode };
const serviceCode: ColumnReading<string | null> = {
  holds: 'code',
  read: (cell) => readCode(plainServiceCode(cell)),
};
const day: ColumnReading<IsoDate | null> = { holds: 'value', read: readDate };
const signTime: ColumnReading<SignTime | null> = { holds: 'value', read: readSignTime };
const days: ColumnReading<number | null> = { holds: 'value', read: readDays };
const units: ColumnReading<number | null> = { holds: 'value', read: readUnits, readBytes: readUnitsBytes };
const money: ColumnReading<number | null> = { holds: 'value', read: readMoney, readBytes: readMoneyBytes };
const accountingMoney: ColumnReading<number | null> = { ...money, read: readAccountingMoney };

function readCode(cell: string): string | null | CellFault {
  return isDamagedCode(cell) ? cellFaults.spreadsheetDamage : readText(cell, textWidths.code);
}

/** How each column is read, and which must not be blank (domain.md, Clean). */
const columnReadings = {
  utilization: {
    client: required(name),
    qp: name,
    authorizing_payer: name,
    service_code: required(serviceCode),
    authorization_number: required(code),
    start_date: required(day),
    end_date: required(day),
    authorized_units: units,
    in_process_units: units,
    billed_units: units,
    authorized_dollars: money,
    in_process_dollars: money,
    billed_dollars: money,
    variance_billed: money,
  },
  notes: {
    client: required(name),
    caregiver: required(name),
    client_supervisor: name,
    service_code: required(serviceCode),
    date_of_service: required(day),
    staff_sign_date: signTime,
    days_to_sign: days,
  },
} satisfies { [Report in ReportName]: Record<ExportColumn<Report>, ColumnReading<unknown>> };

type Readers = typeof columnReadings;

/** Every cell of a record, read: a value, null where it is blank, or a fault. */
export type CellReadings<Report extends ReportName> = {
  [Column in keyof Readers[Report]]: Readers[Report][Column] extends ColumnReading<infer Value>
    ? Value | CellFault
    : never;
};

/** The readings of a record without fault. */
export type CellValues<Report extends ReportName> = {
  [Column in keyof CellReadings<Report>]: Exclude<CellReadings<Report>[Column], CellFault>;
};

/** How the cells of a report are read. */
export interface ReadingRules {
  /** Words that mean blank in columns of dates, days and amounts, folded by `foldBlankWord`. */
  readonly blankWords: ReadonlySet<string>;
  /** Whether `&eacute;` is read as é; otherwise it stays and is counted. */
  readonly decodeHtmlEntities: boolean;
}

export interface RecordReading<Report extends ReportName> {
  readonly readings: CellReadings<Report>;
  /** The first fault in the contract's order of columns, if any. */
  readonly firstFault: { readonly column: string; readonly fault: CellFault } | undefined;
  /** What was found in cells that were read all the same, e.g. `html-entities:client`. */
  readonly warnings: readonly string[];
}

/** Reads every cell of the contract. The records must have as many cells as the header. */
export function createRecordReader<Report extends ReportName>(
  report: Report,
  layout: ExportLayout,
  terms: ReadingRules & Pick<FileForm, 'amounts'>,
): (record: ExportRecord) => RecordReading<Report> {
  const readings: Readonly<Record<string, ColumnReading<unknown>>> = columnReadings[report];
  const columns = exportColumns[report].map((column) =>
    readColumn(column, layout.positions[column]!, readingFor(readings[column]!, terms), terms),
  );
  // Copying an object that has all columns costs less than adding them one by one.
  const blank = Object.fromEntries(columns.map(({ column }) => [column, null]));
  return (record) => {
    const values: Record<string, unknown> = { ...blank };
    let firstFault: RecordReading<Report>['firstFault'];
    let warnings: string[] | undefined;
    for (const { column, reader, seen } of columns) {
      const value = reader.of(record);
      values[column] = value;
      if (isFault(value)) firstFault ??= { column, fault: value };
      else if (seen.entity && isTextWithEntity(value)) (warnings ??= []).push(entityWarning(column));
    }
    return { readings: values as CellReadings<Report>, firstFault, warnings: warnings ?? noWarnings };
  };
}

const noWarnings: readonly string[] = [];

function readingFor(
  reading: ColumnReading<unknown>,
  { amounts }: Pick<FileForm, 'amounts'>,
): ColumnReading<unknown> {
  return reading === money && amounts === 'accounting' ? accountingMoney : reading;
}

function isTextWithEntity(value: unknown): boolean {
  return typeof value === 'string' && hasHtmlEntity(value);
}

function entityWarning(column: string): string {
  return `html-entities:${column}`;
}

/**
 * A cell that came before is not read again, so an entity is looked for in each value of a column from the first one
 * on that has any: most columns never have.
 */
function readColumn(
  column: string,
  position: number,
  { holds, read, readBytes }: ColumnReading<unknown>,
  { blankWords, decodeHtmlEntities }: ReadingRules,
) {
  const seen = { entity: false };
  const readCell = (cell: string): unknown => {
    // U+FFFD is what decoding leaves of bytes that are no UTF-8: whatever stood there is lost.
    if (cell.includes('\uFFFD')) return cellFaults.notText;
    const text = cellText(cell, { decodeEntities: decodeHtmlEntities });
    if (holds === 'value') return read(isBlankWord(text, blankWords) ? '' : text);
    const value = read(text);
    if (isTextWithEntity(value)) seen.entity = true;
    return value;
  };
  const reader = new ColumnReader(position, capped(cellFaults.tooLong, readCell), readBytes);
  return { column, seen, reader };
}
