import type { PoolConnection } from 'mysql2/promise';
import type { TsvCell } from '../domain/rowCells.ts';
import { nameCode } from '../domain/nameCodes.ts';
import type { PublishRequest } from '../domain/publication.ts';
import { reports } from '../reports/index.ts';
import type { ReportDefinition } from '../reports/report.ts';
import { inBatches, insertBatch, rowsPerInsert } from './batches.ts';
import { RollupsChecksum } from './checksum.ts';
import { refuseDifferences } from './reconcile.ts';
import { furtherNames } from './reportTables.ts';

/** Returns the checksum of the roll-ups as inserted. */
export async function bringInRollups(connection: PoolConnection, request: PublishRequest): Promise<string> {
  const { run, rollups } = request;
  const report = reports[run.report];
  const columns = [
    ...report.rollupColumns,
    ...furtherNames(report).map(([, further]) => further),
    'member_code',
    'period_start',
    'preliminary',
  ];
  const into = { table: `${run.report}_summary`, columns };
  const checksum = new RollupsChecksum(run.report);
  for await (const lines of inBatches(rollups(), rowsPerInsert)) {
    const rows = lines.map((cells) => rollupValues(report, cells, request));
    for (const row of rows) checksum.add(row);
    await insertBatch(
      connection,
      into,
      rows.map((row) => columns.map((column) => row[column] ?? null)),
    );
  }
  return checksum.total();
}

/** Cells by column. */
function rollupValues(
  report: ReportDefinition,
  cells: readonly TsvCell[],
  { run, preliminary }: PublishRequest,
): Record<string, TsvCell> {
  const columns = report.rollupColumns;
  if (cells.length !== columns.length) {
    refuseDifferences(run, 'A roll-up has another number of cells', [
      { figure: 'cells', expected: String(columns.length), found: String(cells.length) },
    ]);
  }
  const values: Record<string, TsvCell> = {};
  for (const [index, column] of columns.entries()) values[column] = cells[index] ?? null;
  for (const [column, further] of furtherNames(report)) values[further] = values[column]!;
  values['member_code'] = codeOf(values);
  values['period_start'] = run.period.from;
  values['preliminary'] = preliminary ? '1' : '0';
  return values;
}

/** Only people have a key, and only people have a code. */
function codeOf({ member = null, member_key = null }: Readonly<Record<string, TsvCell>>): TsvCell {
  return member === null || member_key === null || member_key === '' ? null : nameCode(member);
}
