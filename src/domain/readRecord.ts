import {
  cellFaults,
  isFault,
  plainServiceCode,
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
} from './cells.ts';
import { ColumnReader } from './cellsReader.ts';
import { exportColumns, type ExportColumn, type ExportLayout } from './contracts.ts';
import type { ExportRecord } from './exportRecord.ts';
import type { ReportName } from './reports.ts';
import { textWidths } from './tables.ts';

/** Reads one trimmed cell: its value, or why it has none that can be trusted. */
type CellReader<Value> = (cell: string) => Value | CellFault;

function required<Value>(read: CellReader<Value | null>): CellReader<Value> {
  return (cell) => read(cell) ?? cellFaults.blank;
}

const name: CellReader<string | null> = (cell) => readText(cell, textWidths.name);
const code: CellReader<string | null> = (cell) => readText(cell, textWidths.code);
const serviceCode: CellReader<string | null> = (cell) => readText(plainServiceCode(cell), textWidths.code);

/** How each column is read, and which must not be blank (domain.md, Clean). */
const cellReaders = {
  utilization: {
    client: required(name),
    qp: name,
    authorizing_payer: name,
    service_code: required(serviceCode),
    authorization_number: required(code),
    start_date: required(readDate),
    end_date: required(readDate),
    authorized_units: readUnits,
    in_process_units: readUnits,
    billed_units: readUnits,
    authorized_dollars: readMoney,
    in_process_dollars: readMoney,
    billed_dollars: readMoney,
    variance_billed: readMoney,
  },
  notes: {
    client: required(name),
    caregiver: required(name),
    client_supervisor: name,
    service_code: required(serviceCode),
    date_of_service: required(readDate),
    staff_sign_date: readSignTime,
    days_to_sign: readDays,
  },
} satisfies { [Report in ReportName]: Record<ExportColumn<Report>, CellReader<unknown>> };

type Readers = typeof cellReaders;

/** Every cell of a record, read: a value, null where it is blank, or a fault. */
export type CellReadings<Report extends ReportName> = {
  [Column in keyof Readers[Report]]: Readers[Report][Column] extends CellReader<infer Value>
    ? Value | CellFault
    : never;
};

/** The readings of a record without fault. */
export type CellValues<Report extends ReportName> = {
  [Column in keyof CellReadings<Report>]: Exclude<CellReadings<Report>[Column], CellFault>;
};

export interface RecordReading<Report extends ReportName> {
  readonly readings: CellReadings<Report>;
  /** The first fault in the contract's order of columns, if any. */
  readonly firstFault: { readonly column: string; readonly fault: CellFault } | undefined;
}

/** Trims and reads every cell of the contract. The records must have as many cells as the header. */
export function createRecordReader<Report extends ReportName>(
  report: Report,
  layout: ExportLayout,
): (record: ExportRecord) => RecordReading<Report> {
  const readers: Record<string, CellReader<unknown>> = cellReaders[report];
  const columns = exportColumns[report].map((column) => ({
    column,
    reader: new ColumnReader(
      layout.positions[column]!,
      (cell) => readTrimmed(cell.trim(), readers[column]!),
      bytesReaders.get(readers[column]!),
    ),
  }));
  // Copying an object that has all columns costs less than adding them one by one.
  const blank = Object.fromEntries(columns.map(({ column }) => [column, null]));
  return (record) => {
    const readings: Record<string, unknown> = { ...blank };
    let firstFault: RecordReading<Report>['firstFault'];
    for (const { column, reader } of columns) {
      const reading = reader.of(record);
      readings[column] = reading;
      if (isFault(reading)) firstFault ??= { column, fault: reading };
    }
    return { readings: readings as CellReadings<Report>, firstFault };
  };
}

/** Amounts are hardly ever the same, so that remembering them would bring nothing. */
const bytesReaders = new Map<CellReader<unknown>, BytesReader<unknown>>([
  [readMoney, readMoneyBytes],
  [readUnits, readUnitsBytes],
]);

function readTrimmed(cell: string, read: CellReader<unknown>): unknown {
  // U+FFFD is what decoding leaves of bytes that are no UTF-8: whatever stood there is lost.
  return cell.includes('\uFFFD') ? cellFaults.notText : read(cell);
}
