import { nameCode } from '../domain/nameCodes.ts';
import type { PublishRequest } from '../domain/publication.ts';
import { reports } from '../reports/index.ts';
import type { ReportDefinition } from '../reports/report.ts';
import type { TsvCell } from '../rows/tsv.ts';
import { inBatches, rowsPerInsert } from './batches.ts';
import { RollupsChecksum } from './checksum.ts';
import { refuseDifferences } from './reconcile.ts';
import { furtherNames, rollupTables } from './reportTables.ts';
import { refuseSilentChange } from './silentChange.ts';
import type { TransactionDb } from './transaction.ts';

/** Returns the checksum of the roll-ups as inserted. */
export async function bringInRollups(db: TransactionDb, request: PublishRequest): Promise<string> {
  const { run, rollups, preliminary } = request;
  const table = rollupTables[run.report];
  const checksum = new RollupsChecksum(run.report);
  for await (const lines of inBatches(rollups(), rowsPerInsert)) {
    const values = lines.map((cells) => rollupValues(reports[run.report], cells, request));
    for (const row of values) checksum.add({ ...row, preliminary: preliminary ? '1' : '0' });
    // The column names come from the definition that the table is made from, a link that the types cannot see.
    const rows = values.map((row) => ({ ...row, periodStart: run.period.from, preliminary }));
    const [result] = await db.insert(table).values(rows as unknown as (typeof table.$inferInsert)[]);
    refuseSilentChange(result, values.length, 'roll-up');
  }
  return checksum.total();
}

/** Cells by column, without the period's columns, which the load sets. */
function rollupValues(
  report: ReportDefinition,
  cells: readonly TsvCell[],
  { run }: PublishRequest,
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
  return { ...values, member_code: codeOf(values) };
}

/** Only people have a key, and only people have a code. */
function codeOf({ member = null, member_key = null }: Readonly<Record<string, TsvCell>>): TsvCell {
  return member === null || member_key === null || member_key === '' ? null : nameCode(member);
}
