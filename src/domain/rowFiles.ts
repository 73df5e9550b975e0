import type { CategorizedRows } from './categorize.ts';
import type { CleanRows } from './clean.ts';
import { decimalText, scaledFromText, scales, type Scale } from './decimals.ts';
import type { ReportName } from './reports.ts';
import { rowColumns } from './tables.ts';
import { decodeTsv, encodeTsv, type TsvCell } from './tsv.ts';

/** How one kind of value is written in a row file and read back. */
interface CellKind {
  encode(value: unknown): string;
  decode(cell: string): unknown;
}

const text: CellKind = { encode: String, decode: (cell) => cell };
const whole: CellKind = { encode: String, decode: Number };

function decimal(scale: Scale): CellKind {
  return {
    encode: (value) => decimalText(value as bigint, scale),
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

const authorizationFields = {
  ...cleanAuthorizationFields,
  client_code: ['clientCode', text],
  client_key: ['clientKey', text],
  qp_code: ['qpCode', text],
  qp_key: ['qpKey', text],
  ym: ['ym', text],
  grp: ['group', whole],
  util: ['util', ratio],
  variance: ['varianceCents', dollars],
} as const satisfies Fields<CategorizedRows['utilization']> &
  Record<(typeof rowColumns)['utilization'][number], unknown>;

const noteFields = {
  ...cleanNoteFields,
  client_code: ['clientCode', text],
  client_key: ['clientKey', text],
  employee_code: ['employeeCode', text],
  caregiver_key: ['caregiverKey', text],
  supervisor_code: ['supervisorCode', text],
  supervisor_key: ['supervisorKey', text],
  note_status: ['noteStatus', text],
  billing_cycle: ['billingCycle', text],
  ym: ['ym', text],
  grp: ['group', whole],
} as const satisfies Fields<CategorizedRows['notes']> & Record<(typeof rowColumns)['notes'][number], unknown>;

/** Columns of the file that `clean` hands to `categorize`, in file order. */
const cleanFields: { [Report in ReportName]: Fields<CleanRows[Report]> } = {
  utilization: cleanAuthorizationFields,
  notes: cleanNoteFields,
};

/** Columns of the file that goes to the database; their order is `rowColumns`. */
const categorizedFields: { [Report in ReportName]: Fields<CategorizedRows[Report]> } = {
  utilization: authorizationFields,
  notes: noteFields,
};

/** Writes rows as lines of a row file and reads them back. */
export interface RowCodec<Row> {
  /** One line with its newline. */
  encode(row: Row): string;
  /** A line without its newline. */
  decode(line: string): Row;
}

export function cleanRowCodec<Report extends ReportName>(report: Report): RowCodec<CleanRows[Report]> {
  return rowCodec(Object.values(cleanFields[report]));
}

export function categorizedRowCodec<Report extends ReportName>(
  report: Report,
): RowCodec<CategorizedRows[Report]> {
  const fields = categorizedFields[report];
  return rowCodec(rowColumns[report].map((column) => fields[column]!));
}

function rowCodec<Row>(fields: readonly (readonly [keyof Row & string, CellKind])[]): RowCodec<Row> {
  return {
    encode(row) {
      const cells = fields.map(([field, kind]): TsvCell => {
        const value = row[field];
        return value === null ? null : kind.encode(value);
      });
      return encodeTsv(cells);
    },
    decode(line) {
      const cells = decodeTsv(line);
      if (cells.length !== fields.length) {
        throw new RangeError(`a row file line of ${String(fields.length)} cells was expected`);
      }
      const row: Record<string, unknown> = {};
      fields.forEach(([field, kind], index) => {
        const cell = cells[index]!;
        row[field] = cell === null ? null : kind.decode(cell);
      });
      return row as Row;
    },
  };
}
