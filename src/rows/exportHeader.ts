import { PipelineError } from '../domain/failures.ts';
import { columnName, displayHeading } from '../domain/headings.ts';
import type { ColumnAliases } from '../domain/rules.ts';
import { reportNames, reports, type ReportName } from '../reports/index.ts';

/** The position of each column of the contract in this export, and how many cells a record must have. */
export interface ExportLayout {
  /** Index of each column of the contract. */
  readonly positions: Readonly<Record<string, number>>;
  readonly width: number;
  /** Columns of the export that the contract does not name, as far as they can be shown; see headings.ts. */
  readonly extraColumns: readonly string[];
}

/**
 * Reads the header record of an export. Columns may come in any order and under any of their aliases; further columns
 * are ignored and counted. None may be missing: a column of NULLs would be a wrong figure.
 * @throws PipelineError ExportWrongReport if it is another report's, SchemaDrift if columns are missing or duplicated.
 */
export function readHeader(
  report: ReportName,
  headings: readonly string[],
  { columnAliases }: { readonly columnAliases: ColumnAliases },
): ExportLayout {
  const names = headings.map(nameOf);
  const header: Header = { report, names, columns: contractNames(names, columnAliases[report]) };
  const missing = missingColumns(report, header.columns);
  if (missing.length > 0) {
    assertRightReport(header, missing, columnAliases);
    throw columnsMissing(header, missing);
  }
  assertNoneDoubled(header);
  const { columns } = header;
  const positions = reports[report].exportColumns.map((column) => [column, columns.indexOf(column)] as const);
  return {
    positions: Object.fromEntries(positions),
    width: names.length,
    extraColumns: unknownHeadings(header),
  };
}

/** Whether these are headings of the report that include all of its columns. */
export function isHeader(
  report: ReportName,
  headings: readonly string[],
  { columnAliases }: { readonly columnAliases: ColumnAliases },
): boolean {
  return missingColumns(report, contractNames(headings.map(nameOf), columnAliases[report])).length === 0;
}

/** Longer than any heading, shorter than what is slow to compare. */
export const longestHeading = 1_000;

/** A longer text is no column's name, whatever is in it. */
function nameOf(heading: string): string {
  return heading.length > longestHeading ? heading : columnName(heading);
}

/** Whether a record is the report's header with columns elsewhere than in the layout. */
export function isOtherHeader(
  report: ReportName,
  cells: readonly string[],
  { positions }: ExportLayout,
  { columnAliases }: { readonly columnAliases: ColumnAliases },
): boolean {
  if (cells.some(({ length }) => length >= longestHeading)) return false;
  const columns = contractNames(cells.map(columnName), columnAliases[report]);
  const isElsewhere = reports[report].exportColumns.some((column) => columns[positions[column]!] !== column);
  return isElsewhere && missingColumns(report, columns).length === 0;
}

interface Header {
  readonly report: ReportName;
  /** Normalised, in the order of the file. */
  readonly names: readonly string[];
  /** The names, with each alias replaced by its column. */
  readonly columns: readonly string[];
}

type Aliases = ReadonlyMap<string, string>;

function contractNames(names: readonly string[], aliases: Aliases): string[] {
  return names.map((name) => aliases.get(name) ?? name);
}

function missingColumns(report: ReportName, columns: readonly string[]): string[] {
  return reports[report].exportColumns.filter((column) => !columns.includes(column));
}

/** More add nothing, and a file of thousands of columns must not fill the history. */
const mostUnknown = 20;

/** The columns that no contract names, as far as each can be shown, in file order. */
function unknownHeadings({ report, names, columns }: Header): string[] {
  const known: readonly string[] = reports[report].exportColumns;
  const unknown = names.flatMap((name, index) =>
    known.includes(columns[index]!) ? [] : [displayHeading(name, index + 1)],
  );
  const rest = unknown.length - mostUnknown;
  return rest > 0 ? [...unknown.slice(0, mostUnknown), `and ${String(rest)} more`] : unknown;
}

const checkReport = 'Check which report the recipe picks, or the file that was handed in.';

function assertRightReport(
  { report, names }: Header,
  missing: readonly string[],
  columnAliases: Readonly<Record<ReportName, Aliases>>,
): void {
  const found = reportNames.find(
    (name) => name !== report && missingColumns(name, contractNames(names, columnAliases[name])).length === 0,
  );
  if (found !== undefined) {
    throw new PipelineError('ExportWrongReport', `the file is the ${found} report, ${report} was asked for`, {
      hint: checkReport,
      details: { expected: report, found },
    });
  }
  // If most columns are missing, the first record is hardly a header and may be a patient's row: name none of it.
  const columns = reports[report].exportColumns.length;
  if (missing.length * 2 <= columns) return;
  throw new PipelineError(
    'ExportWrongReport',
    `the file's first record is not the header of the ${report} report: ${String(missing.length)} of its ${String(columns)} columns are missing`,
    { hint: checkReport, details: { missing } },
  );
}

function columnsMissing(header: Header, missing: readonly string[]): PipelineError {
  const { report } = header;
  const unknown = unknownHeadings(header);
  // A normalised name contains no space; a text that does is already in words.
  const named = unknown.map((text) => (text.includes(' ') ? text : `"${text}"`));
  const instead = named.length === 0 ? '' : `; unknown in it: ${named.join(', ')}`;
  return new PipelineError('SchemaDrift', `the ${report} export lacks ${list(missing)}${instead}`, {
    hint: `If the portal renamed a column, add its new name to config/pipeline.yaml, reports.${report}.columnAliases; else ask the portal vendor what changed.`,
    details: { missing, unknown },
  });
}

function assertNoneDoubled({ report, columns }: Header): void {
  const doubled = reports[report].exportColumns.filter(
    (column) => columns.indexOf(column) !== columns.lastIndexOf(column),
  );
  if (doubled.length === 0) return;
  const named = doubled.map((column) => `"${column}" (${placesOf(column, columns)})`).join(', ');
  throw new PipelineError('SchemaDrift', `the ${report} export has more than one column ${named}`, {
    hint: `Ask the portal vendor what changed; which of the columns counts cannot be guessed. A heading that reports.${report}.columnAliases names by mistake must go from config/pipeline.yaml.`,
    details: { doubled },
  });
}

/** `columns 1 and 8`, at most three of them. */
function placesOf(column: string, columns: readonly string[]): string {
  const places = columns.flatMap((name, index) => (name === column ? [String(index + 1)] : []));
  const more = places.length > 3 ? ' and more' : '';
  return `columns ${places.slice(0, 3).join(' and ')}${more}`;
}

function list(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}
