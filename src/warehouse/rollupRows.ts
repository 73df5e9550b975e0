import { getTableColumns } from 'drizzle-orm';
import { nameCode } from '../domain/nameCodes.ts';
import type { PublishRequest } from '../domain/publication.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import { rollupColumns } from '../domain/tables.ts';
import type { TsvCell } from '../rows/tsv.ts';
import { RollupsChecksum } from './checksum.ts';
import { inBatches, rowsPerInsert } from './batches.ts';
import { refuseDifferences } from './reconcile.ts';
import { rollupTables } from './reportTables.ts';
import { refuseSilentChange } from './silentChange.ts';
import type { TransactionDb } from './transaction.ts';

/** Returns the checksum of the roll-ups as they went in. */
export async function bringInRollups(db: TransactionDb, request: PublishRequest): Promise<string> {
  const { run, rollups } = request;
  const table = rollupTables[run.report];
  const properties = propertyNames(run);
  const checksum = new RollupsChecksum(run.report);
  for await (const lines of inBatches(rollups(), rowsPerInsert)) {
    const values = lines.map((cells) => rollupValues(properties, cells, request));
    for (const [index, cells] of lines.entries()) {
      const named = rollupColumns[run.report].map((column, at) => [column, cells[at] ?? null] as const);
      checksum.add({
        ...Object.fromEntries(named),
        member_code: values[index]!.memberCode,
        preliminary: request.preliminary ? '1' : '0',
      });
    }
    // The property names come from the table itself, a link that the types cannot see.
    const [result] = await db.insert(table).values(values as unknown as (typeof table.$inferInsert)[]);
    refuseSilentChange(result, values.length, 'roll-up');
  }
  return checksum.total();
}

/** Drizzle's names of `rollupColumns[report]`, in that order. */
function propertyNames({ report }: RunIdentity): string[] {
  const entries = Object.entries(getTableColumns(rollupTables[report]));
  const byColumn = new Map(entries.map(([property, column]) => [column.name, property]));
  return rollupColumns[report].map((column) => byColumn.get(column)!);
}

function rollupValues(
  properties: readonly string[],
  cells: readonly TsvCell[],
  { run, preliminary }: PublishRequest,
) {
  if (cells.length !== properties.length) {
    refuseDifferences(run, 'A roll-up has another number of cells', [
      { figure: 'cells', expected: String(properties.length), found: String(cells.length) },
    ]);
  }
  const values: Record<string, TsvCell> = { periodStart: run.period.from };
  for (const [index, property] of properties.entries()) values[property] = cells[index] ?? null;
  // The column's new name, beside the old one for as long as readers know that.
  const unsigned = 'unsigned' in values ? { unsignedNotes: values['unsigned'] } : {};
  return { ...values, ...unsigned, memberCode: codeOf(values), preliminary };
}

/** Only people have a key, and only people have a code. */
function codeOf({ member = null, memberKey = null }: Readonly<Record<string, TsvCell>>): TsvCell {
  return member === null || memberKey === null || memberKey === '' ? null : nameCode(member);
}
