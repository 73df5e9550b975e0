import { decodeTsv } from '../domain/tsv.ts';
import type { ReportName } from '../domain/reports.ts';
import { rowColumns } from '../domain/tables.ts';
import type { SeenInExports } from '../domain/unmatchedRules.ts';
import type { PreviewResult } from '../workflows/preview.ts';
import { keptLines } from './keptLines.ts';

/** What the export of a preview holds. */
export async function seenInExport(report: ReportName, { made }: PreviewResult): Promise<SeenInExports> {
  const columns: readonly string[] = rowColumns[report];
  const [service, qp] = [columns.indexOf('service_code'), columns.indexOf('qp')];
  const services = new Set<string>();
  const rowsOfQp = new Map<string, number>();
  for await (const line of keptLines(made.categorize.rows)) {
    const cells = decodeTsv(line);
    services.add(cells[service]!);
    const name = cells[qp];
    if (name !== undefined && name !== null) rowsOfQp.set(name, (rowsOfQp.get(name) ?? 0) + 1);
  }
  const { accounting, movedToLincs: moved } = made.clean;
  return { report, services, rowsOfQp, moved, excluded: accounting.excluded };
}
