import type { PoolConnection, ResultSetHeader } from 'mysql2/promise';
import { refuseOtherCount, refuseWarnings } from './loadWarnings.ts';

/** Roll-ups and rejects are few; 500 of the widest rows stay far below any server's packet limit. */
export const rowsPerInsert = 500;

/** Groups a stream of items into arrays of at most `size`. */
export async function* inBatches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

/**
 * One statement of the driver's own: Drizzle's builder takes several times as long for the same rows.
 * @param rows values in the order of `columns`
 * @throws PipelineError ReconciliationFailed if the database changed or left out a value
 */
export async function insertBatch(
  connection: PoolConnection,
  { table, columns }: { readonly table: string; readonly columns: readonly string[] },
  rows: readonly (readonly (string | number | boolean | null)[])[],
): Promise<void> {
  const names = columns.map((column) => `\`${column}\``).join(', ');
  const [result] = await connection.query<ResultSetHeader>(`INSERT INTO \`${table}\` (${names}) VALUES ?`, [
    rows,
  ]);
  await refuseWarnings(connection, result, table);
  refuseOtherCount(rows.length, result.affectedRows, table);
}
