import type { ExportLayout } from './exportHeader.ts';
import { PipelineError } from '../domain/failures.ts';
import type { FileForm } from '../domain/fileForm.ts';
import { reports, type ReportName } from '../reports/index.ts';

/** An export's source, which decides what can prove that it is whole. */
export type Origin =
  | { readonly kind: 'file' }
  /** The number of records that the portal shows, if it does. That count is compared separately. */
  | { readonly kind: 'portal'; readonly records: number | undefined }
  /** Taken earlier, and checked then. */
  | { readonly kind: 'kept' };

/** The end of a last line without a line break. */
export interface UnendedLine {
  readonly bytes: number;
  readonly endsWithQuote: boolean;
  /** Cells of that line. */
  readonly width: number;
  /** The number of records in the export. */
  readonly records: number;
}

/**
 * Neither the number of records nor of cells proves that the last cell is whole: `12` may be cut to `1`, which is
 * another status. Nor does the length that a portal announces, which is that of whatever it sends. Proof is the closing
 * quote of a cell that contains none itself; or the setting that this portal never ends its last line, together with
 * the portal's own count of records.
 * @throws PipelineError ExportTruncated without such proof
 */
export function assertLastLineWhole(
  line: UnendedLine,
  layout: ExportLayout,
  { report, form, origin }: { report: ReportName; form: FileForm; origin: Origin },
): void {
  if (origin.kind === 'kept') return;
  const hasAllCells = line.width === layout.width;
  const isClosed = hasAllCells && line.records > 0 && line.endsWithQuote && !endsInText(report, layout);
  if (isClosed) return;
  if (origin.kind === 'file') throw stopsShort(line.bytes, addLineBreak);
  const isDeclared = !form.lastLineEnded && origin.records !== undefined;
  if (isDeclared && hasAllCells) return;
  throw stopsShort(line.bytes, form.lastLineEnded ? declare(report) : showCount(report, origin));
}

/** A name or a code may contain `"`, which is doubled in a file: a cut between the two looks like the cell's end. */
function endsInText(report: ReportName, { positions, width }: ExportLayout): boolean {
  return reports[report].columns.some(
    ({ name, cell }) => positions[name] === width - 1 && cell.holds !== 'value',
  );
}

/** @param hint what to do about it, which differs between a download and a file */
export function stopsShort(bytes: number, hint: string): PipelineError {
  return new PipelineError(
    'ExportTruncated',
    `the export stops after ${String(bytes)} bytes without the line break that ends a record`,
    { hint, details: { bytes } },
  );
}

const addLineBreak =
  'Add a line break at the end if the file is whole, and start the run with it again; else save the report again.';

function declare(report: ReportName): string {
  return `The export is downloaded again by itself. If this portal never ends its last line, say so in pipeline.yaml, reports.${report}.file.lastLineEnded: false; the recipe must then read the portal's count of records.`;
}

function showCount(report: ReportName, { records }: { records: number | undefined }): string {
  if (records !== undefined) return 'The export is downloaded again by itself.';
  return `reports.${report}.file.lastLineEnded: false holds only together with the portal's count of records: add recordCount to the download step of the recipe.`;
}
