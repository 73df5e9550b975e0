import {
  cellFaults,
  isFault,
  plainServiceCode,
  readDate,
  readDays,
  readMoney,
  readSignTime,
  readText,
  readUnits,
  type CellFault,
} from './cells.ts';
import { exportColumns, type ExportColumn, type ExportLayout } from './contracts.ts';
import type { ReportName } from './reports.ts';
import { textWidths } from './tables.ts';

/** One record of an export as csv-parse read it. */
export interface ExportRecord {
  /** 1-based line where the record starts; the header is line 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

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

/** Trims and reads every cell of the contract. The record must have as many cells as the header. */
export function readRecord<Report extends ReportName>(
  report: Report,
  record: ExportRecord,
  layout: ExportLayout,
): CellReadings<Report> {
  const readings: Record<string, unknown> = {};
  const readers: Record<string, CellReader<unknown>> = cellReaders[report];
  for (const column of exportColumns[report]) {
    const cell = record.cells[layout.positions[column]!]!.trim();
    // U+FFFD is what decoding leaves of bytes that are no UTF-8: whatever stood there is lost.
    readings[column] = cell.includes('\uFFFD') ? cellFaults.notText : readers[column]!(cell);
  }
  return readings as CellReadings<Report>;
}

/** The first fault in the contract's order of columns, if any. */
export function firstFault<Report extends ReportName>(
  report: Report,
  readings: CellReadings<Report>,
): { column: string; fault: CellFault } | undefined {
  const byColumn: Readonly<Record<string, unknown>> = readings;
  for (const column of exportColumns[report]) {
    const reading = byColumn[column];
    if (isFault(reading)) return { column, fault: reading };
  }
  return undefined;
}
