import type { AddedColumns, CategorizedRows } from './categorize.ts';
import type { CleanRows } from './classifyRecord.ts';
import { scaledFromBytes, scales, type Scale } from './decimals.ts';
import type { LineWriter } from '../rows/lineWriter.ts';
import { RememberedCells } from '../rows/rememberedCells.ts';
import type { ReportName } from './reports.ts';
import type { LineCells } from '../rows/rowLines.ts';
import { rowColumns } from './tables.ts';
import { decodeCell, isNullCell } from '../rows/tsv.ts';

/**
 * The files of rows that the steps hand to each other. A million rows have twenty million cells, so that a step reads
 * the cells it needs and passes the others on as they are written.
 */

/** How one kind of value is written in a row file and read back. */
interface CellKind {
  write(out: LineWriter, value: unknown): void;
  /** Reads the cells of one column, each from where it stands, `to` excluded. */
  createReader(): (bytes: Buffer, from: number, to: number) => unknown;
}

const text: CellKind = {
  write: (out, value) => out.text(value as string),
  createReader() {
    const remembered = new RememberedCells(decodeCell);
    return (bytes, from, to) => remembered.at(bytes, from, to);
  },
};

function figure(scale: Scale): CellKind {
  return {
    write: (out, value) => out.figure(value as number, scale),
    createReader: () => (bytes, from, to) => scaledFromBytes(bytes, from, to, scale),
  };
}

const whole = figure(scales.days);
const units = figure(scales.units);
const dollars = figure(scales.dollars);
const ratio = figure(scales.ratio);

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

/** Writes a row as one line. */
type RowWriter<Row> = (out: LineWriter, row: Row) => void;

/** Reads the rows of lines that have so many cells. */
interface RowReader<Row> {
  readonly width: number;
  /** The row that a line's cells hold. Each property is decoded when it is asked for, and each time. */
  readonly rowOf: (cells: LineCells) => Row;
}

export function cleanRowWriter<Report extends ReportName>(report: Report): RowWriter<CleanRows[Report]> {
  const fields: readonly Field[] = Object.values(cleanFields[report]);
  return (out, row) => {
    for (const field of fields) writeField(out, row, field);
    out.endLine();
  };
}

export function cleanRowReader<Report extends ReportName>(report: Report): RowReader<CleanRows[Report]> {
  return createRowReader(Object.values(cleanFields[report]));
}

export function categorizedRowReader<Report extends ReportName>(
  report: Report,
): RowReader<CategorizedRows[Report]> {
  return createRowReader(categorizedFieldsOf(report));
}

/** Writes the line of a categorized row: the cells of the clean one, and between them the columns that were added. */
export function categorizedRowWriter<Report extends ReportName>(
  report: Report,
): (out: LineWriter, cells: LineCells, added: AddedColumns[Report]) => void {
  const pieces = categorizedPieces(report);
  return (out, { bytes, starts, first }, added) => {
    for (const piece of pieces) {
      if ('field' in piece) writeField(out, added, piece.field);
      else {
        out.copy(bytes, starts[first + piece.from]!, starts[first + piece.to]! - 1);
        out.endCell();
      }
    }
    out.endLine();
  };
}

/** What a line of a categorized row is put together of: a column that was added, or cells to pass on, `to` excluded. */
type Piece = { readonly field: Field } | { readonly from: number; readonly to: number };

function categorizedPieces(report: ReportName): readonly Piece[] {
  const cleanColumns = Object.keys(cleanFields[report]);
  const fields: Readonly<Record<string, Field>> = addedFields[report];
  const pieces: Piece[] = [];
  for (const column of rowColumns[report]) {
    const last = pieces.at(-1);
    const from = cleanColumns.indexOf(column);
    const field = fields[column];
    if (field !== undefined) pieces.push({ field });
    else if (last !== undefined && 'to' in last && last.to === from) {
      pieces[pieces.length - 1] = { from: last.from, to: from + 1 };
    } else pieces.push({ from, to: from + 1 });
  }
  return pieces;
}

type Field = readonly [name: string, kind: CellKind];

function categorizedFieldsOf(report: ReportName): readonly Field[] {
  const fields: Readonly<Record<string, Field>> = categorizedFields[report];
  return rowColumns[report].map((column) => fields[column]!);
}

function writeField(out: LineWriter, row: object, [name, kind]: Field): void {
  const value = (row as Readonly<Record<string, unknown>>)[name];
  if (value === null) out.null();
  else kind.write(out, value);
  out.endCell();
}

/** Rows whose properties are all there, as those of an object written out would be. */
function createRowReader<Row>(fields: readonly Field[]): RowReader<Row> {
  class CellRow {
    readonly cells: LineCells;

    constructor(cells: LineCells) {
      this.cells = cells;
    }
  }
  fields.forEach(([name, kind], index) => {
    const read = kind.createReader();
    Object.defineProperty(CellRow.prototype, name, {
      get(this: CellRow) {
        const { bytes, starts, first } = this.cells;
        const from = starts[first + index]!;
        const to = starts[first + index + 1]! - 1;
        return isNullCell(bytes, from, to) ? null : read(bytes, from, to);
      },
    });
  });
  return { width: fields.length, rowOf: (cells) => new CellRow(cells) as Row };
}
