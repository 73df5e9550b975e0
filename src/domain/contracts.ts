import { PipelineError } from './failures.ts';
import { reportNames, type ReportName } from './reports.ts';

/**
 * The columns an export must have, by their normalised names; order does not matter, and further columns are
 * left out and counted.
 */
export const exportColumns = {
  utilization: [
    'client',
    'qp',
    'authorizing_payer',
    'service_code',
    'authorization_number',
    'start_date',
    'end_date',
    'authorized_units',
    'in_process_units',
    'billed_units',
    'authorized_dollars',
    'in_process_dollars',
    'billed_dollars',
    'variance_billed',
  ],
  notes: [
    'client',
    'caregiver',
    'client_supervisor',
    'service_code',
    'date_of_service',
    'staff_sign_date',
    'days_to_sign',
  ],
} as const satisfies Record<ReportName, readonly string[]>;

export type ExportColumn<Report extends ReportName> = (typeof exportColumns)[Report][number];

/** Where each column of the contract stands in this export, and how many cells a record must have. */
export interface ExportLayout {
  /** Index of each column of the contract. */
  readonly positions: Readonly<Record<string, number>>;
  readonly width: number;
  /** Columns of the export that the contract does not name. */
  readonly extraColumns: readonly string[];
}

/** `" Service Code "` is `service_code`. */
export function columnName(heading: string): string {
  return heading.trim().replace(/\s+/g, '_').toLowerCase();
}

/**
 * Reads the header record of an export.
 * @throws PipelineError ExportWrongReport where it is another report's, SchemaDrift where columns are missing or doubled.
 */
export function readHeader(report: ReportName, headings: readonly string[]): ExportLayout {
  const names = headings.map(columnName);
  const columns: readonly string[] = exportColumns[report];
  const missing = columns.filter((column) => !names.includes(column));
  if (missing.length > 0) throw headerMismatch(report, names, missing);
  const doubled = columns.filter((column) => names.indexOf(column) !== names.lastIndexOf(column));
  if (doubled.length > 0) {
    throw new PipelineError('SchemaDrift', `the ${report} export has more than one column ${list(doubled)}`, {
      hint: 'Ask the portal vendor what changed; which of the columns counts cannot be guessed.',
      details: { doubled },
    });
  }
  const positions = Object.fromEntries(columns.map((column) => [column, names.indexOf(column)]));
  return {
    positions,
    width: names.length,
    extraColumns: names.filter((name) => !columns.includes(name)),
  };
}

function headerMismatch(
  report: ReportName,
  names: readonly string[],
  missing: readonly string[],
): PipelineError {
  const other = reportNames.find(
    (name) => name !== report && exportColumns[name].every((column) => names.includes(column)),
  );
  if (other !== undefined) {
    return new PipelineError(
      'ExportWrongReport',
      `the file is the ${other} report, ${report} was asked for`,
      {
        hint: 'Check which report the recipe picks, or the file that was handed in.',
        details: { expected: report, found: other },
      },
    );
  }
  // With most columns missing the first record is hardly a header, and may be a patient's row: name none of it.
  if (missing.length * 2 > exportColumns[report].length) {
    return new PipelineError(
      'ExportWrongReport',
      `the file's first record is not the header of the ${report} report: ${String(missing.length)} of its ${String(exportColumns[report].length)} columns are missing`,
      { hint: 'Check which report the recipe picks, or the file that was handed in.', details: { missing } },
    );
  }
  return new PipelineError('SchemaDrift', `the ${report} export lacks ${list(missing)}`, {
    hint: 'If the portal renamed a column, its new name must be agreed in the contract before it is loaded.',
    details: { missing },
  });
}

function list(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}
