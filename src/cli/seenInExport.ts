import { openExport } from '../rows/csv.ts';
import { ExportBytes } from '../rows/exportBytes.ts';
import { columnName } from '../domain/headings.ts';
import { isHeader, readHeader } from '../rows/exportHeader.ts';
import { reports, type ReportName } from '../reports/index.ts';
import { fileFormOf, foldCode, type Rules } from '../domain/rules.ts';
import { plainServiceCode } from '../domain/serviceCodes.ts';
import { cellText } from '../domain/storedText.ts';
import { decodeTsv } from '../rows/tsv.ts';
import { needsExport, type SeenInExports } from '../domain/unmatchedRules.ts';
import type { PreviewResult } from '../workflows/preview.ts';
import { keptLines } from './keptLines.ts';
import { keptFiles } from '../wiring/openStores.ts';

/** What a preview's export contains. */
export async function seenInExport(
  report: ReportName,
  { made }: Pick<PreviewResult, 'made'>,
  rules: Rules,
): Promise<SeenInExports> {
  const { rowColumns, service, reassigned } = reports[report];
  const serviceAt = service === null ? -1 : rowColumns.indexOf(service);
  const personAt = reassigned === undefined ? -1 : rowColumns.indexOf(reassigned.column);
  const services = new Set<string>();
  const rowsOfQp = new Map<string, number>();
  for await (const line of keptLines(made.categorize.rows)) {
    const cells = decodeTsv(line);
    const code = cells[serviceAt];
    if (code !== undefined && code !== null) services.add(code);
    const name = cells[personAt];
    if (name !== undefined && name !== null) rowsOfQp.set(name, (rowsOfQp.get(name) ?? 0) + 1);
  }
  const { accounting, movedToLincs: moved } = made.clean;
  const seen = { report, services, rowsOfQp, moved, excluded: accounting.excluded };
  return needsExport(rules) ? { ...seen, ...(await seenInFile(report, made, rules)) } : seen;
}

/** Facts that only the export itself contains. Empty unless these are the rules that it was read with. */
async function seenInFile(
  report: ReportName,
  made: PreviewResult['made'],
  rules: Rules,
): Promise<Pick<SeenInExports, 'headings' | 'excludedCodes'>> {
  const excludedLines = new Set<number>();
  for await (const line of keptLines(made.clean.excluded)) excludedLines.add(Number(decodeTsv(line)[0]));
  // The run has already checked that the last line is whole.
  const form = fileFormOf(report, rules);
  const bytes = new ExportBytes(form);
  const store = keptFiles();
  const { header, blocks } = await openExport(await store.open(made.export.file), bytes, form);
  const excludedCodes = new Set<string>();
  const { decodeHtmlEntities: decodeEntities } = rules.reading[report];
  // As the list has it. The run has found these cells there, so none is longer than a code.
  const codeOf = (cell: string) => foldCode(plainServiceCode(cellText(cell, { decodeEntities })));
  const isKnown = header !== undefined && isHeader(report, header.cells, rules);
  const { service } = reports[report];
  const position =
    isKnown && service !== null ? readHeader(report, header.cells, rules).positions[service]! : 0;
  for await (const records of blocks) {
    for (const record of records) {
      if (excludedLines.has(record.line)) excludedCodes.add(codeOf(record.cells[position] ?? ''));
    }
  }
  return isKnown ? { headings: new Set(header.cells.map(columnName)), excludedCodes } : {};
}
