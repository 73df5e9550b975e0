import type { AddedColumns, CategorizedRows } from './categorize.ts';
import type { CleanRows } from './clean.ts';
import { decimalText, scaledFromText, scales, type Scale } from './decimals.ts';
import type { ReportName } from './reports.ts';
import { rowColumns } from './tables.ts';
import { decodeCell, encodeCell, nullCell } from './tsv.ts';

/**
 * The files of rows that the steps hand to each other. A million rows have twenty million cells, so that a step reads
 * the cells it needs and passes the others on as they are written.
 */

/** How one kind of value is written in a row file and read back. */
interface CellKind {
  encode(value: unknown): string;
  decode(cell: string): unknown;
}

const text: CellKind = { encode: (value) => encodeCell(value as string), decode: decodeCell };
const whole: CellKind = { encode: String, decode: Number };

function decimal(scale: Scale): CellKind {
  return {
    encode: (value) => decimalText(value as number, scale),
    decode: (cell) => scaledFromText(cell, scale),
  };
}

const units = decimal(scales.units);
const dollars = decimal(scales.dollars);
const ratio = decimal(scales.ratio);

type Fields<Row> = Readonly<Record<string, readonly [keyof Row & string, CellKind]>>;

const cleanAuthorizationFields = {
  source_line: ['sourceLine', whole],
  client: ['client', text],
  qp: ['qp', text],
  service_code: ['serviceCode', text],
  authorization_number: ['authorizationNumber', text],
  start_date: ['startDate', text],
  end_date: ['endDate', text],
  authorized_units: ['authorizedUnits', units],
  in_process_units: ['inProcessUnits', units],
  billed_units: ['billedUnits', units],
  authorized_dollars: ['authorizedCents', dollars],
  in_process_dollars: ['inProcessCents', dollars],
  billed_dollars: ['billedCents', dollars],
  variance_billed: ['varianceBilledCents', dollars],
} as const satisfies Fields<CleanRows['utilization']>;

const cleanNoteFields = {
  source_line: ['sourceLine', whole],
  client: ['client', text],
  caregiver: ['caregiver', text],
  client_supervisor: ['clientSupervisor', text],
  service_code: ['serviceCode', text],
  date_of_service: ['dateOfService', text],
  staff_sign_date: ['staffSignDate', text],
  staff_signed_at: ['staffSignedAt', text],
  days_to_sign: ['daysToSign', whole],
} as const satisfies Fields<CleanRows['notes']>;

const addedToAuthorizationFields = {
  client_code: ['clientCode', text],
  client_key: ['clientKey', text],
  qp_code: ['qpCode', text],
  qp_key: ['qpKey', text],
  ym: ['ym', text],
  grp: ['group', whole],
  util: ['util', ratio],
  variance: ['varianceCents', dollars],
} as const satisfies Fields<AddedColumns['utilization']>;

const addedToNoteFields = {
  client_code: ['clientCode', text],
  client_key: ['clientKey', text],
  employee_code: ['employeeCode', text],
  caregiver_key: ['caregiverKey', text],
  supervisor_code: ['supervisorCode', text],
  supervisor_key: ['supervisorKey', text],
  days_to_sign: ['daysToSign', whole],
  note_status: ['noteStatus', text],
  billing_cycle: ['billingCycle', text],
  ym: ['ym', text],
  grp: ['group', whole],
} as const satisfies Fields<AddedColumns['notes']>;

/** Columns of the file that `clean` hands to `categorize`, in file order. */
const cleanFields: { [Report in ReportName]: Fields<CleanRows[Report]> } = {
  utilization: cleanAuthorizationFields,
  notes: cleanNoteFields,
};

/** Columns that `categorize` adds, or writes anew. */
const addedFields: { [Report in ReportName]: Fields<AddedColumns[Report]> } = {
  utilization: addedToAuthorizationFields,
  notes: addedToNoteFields,
};

/** Columns of the file that goes to the database, where `rowColumns` says their order. */
const categorizedFields = {
  utilization: { ...cleanAuthorizationFields, ...addedToAuthorizationFields },
  notes: { ...cleanNoteFields, ...addedToNoteFields },
} as const satisfies {
  [Report in ReportName]: Fields<CategorizedRows[Report]> &
    Record<(typeof rowColumns)[Report][number], unknown>;
};

/** Writes a row as one line with its newline. */
type RowWriter<Row> = (row: Row) => string;

/** The cells of a line as they are written: parted at the tabs, nothing decoded. */
export type LineCells = readonly string[];

/** The row that a line's cells hold. Each property is decoded when it is asked for, and each time. */
type RowReader<Row> = (cells: LineCells) => Row;

export function cleanRowWriter<Report extends ReportName>(report: Report): RowWriter<CleanRows[Report]> {
  const fields: readonly Field[] = Object.values(cleanFields[report]);
  return (row) => {
    let line = encoded(row, fields[0]!);
    for (let index = 1; index < fields.length; index += 1) line += `\t${encoded(row, fields[index]!)}`;
    return `${line}\n`;
  };
}

export function cleanRowReader<Report extends ReportName>(report: Report): RowReader<CleanRows[Report]> {
  return rowReader(Object.values(cleanFields[report]));
}

export function categorizedRowReader<Report extends ReportName>(
  report: Report,
): RowReader<CategorizedRows[Report]> {
  return rowReader(categorizedFieldsOf(report));
}

/** Writes the line of a categorized row: the cells of the clean one, and between them the columns that were added. */
export function categorizedRowWriter<Report extends ReportName>(
  report: Report,
): (cells: LineCells, added: AddedColumns[Report]) => string {
  const cleanColumns = Object.keys(cleanFields[report]);
  const fields: Readonly<Record<string, Field>> = addedFields[report];
  // Of each column the field to write, or else the place of the cell to pass on.
  const columns = rowColumns[report].map((column) => fields[column] ?? cleanColumns.indexOf(column));
  const cellOf = (column: Field | number, cells: LineCells, added: object) =>
    typeof column === 'number' ? cells[column]! : encoded(added, column);
  return (cells, added) => {
    let line = cellOf(columns[0]!, cells, added);
    for (let index = 1; index < columns.length; index += 1) {
      line += `\t${cellOf(columns[index]!, cells, added)}`;
    }
    return `${line}\n`;
  };
}

type Field = readonly [name: string, kind: CellKind];

function categorizedFieldsOf(report: ReportName): readonly Field[] {
  const fields: Readonly<Record<string, Field>> = categorizedFields[report];
  return rowColumns[report].map((column) => fields[column]!);
}

function encoded(row: object, [name, kind]: Field): string {
  const value = (row as Readonly<Record<string, unknown>>)[name];
  return value === null ? nullCell : kind.encode(value);
}

/** Rows whose properties are all there, as those of an object written out would be. */
function rowReader<Row>(fields: readonly Field[]): RowReader<Row> {
  class CellRow {
    readonly cells: LineCells;

    constructor(cells: LineCells) {
      this.cells = cells;
    }
  }
  fields.forEach(([name, kind], index) => {
    Object.defineProperty(CellRow.prototype, name, {
      get(this: CellRow) {
        const cell = this.cells[index]!;
        return cell === nullCell ? null : kind.decode(cell);
      },
    });
  });
  return (cells) => {
    if (cells.length === fields.length) return new CellRow(cells) as Row;
    throw new RangeError(`a row file line of ${String(fields.length)} cells was expected`);
  };
}
