import type { RowDataPacket } from 'mysql2/promise';
import type { Transaction } from './transaction.ts';

/** A row of a snapshot, as the driver reads it: dates and decimals as text. */
export type SnapshotRow = Readonly<Record<string, string | number | null>>;

export async function rowsOf(
  { connection }: Transaction,
  sql: string,
  values: unknown[] = [],
): Promise<SnapshotRow[]> {
  const [rows] = await connection.query<RowDataPacket[]>(sql, values);
  return rows;
}

export function text(row: SnapshotRow, column: string): string {
  return String(row[column]);
}

export function textOrNull(row: SnapshotRow, column: string): string | null {
  const value = row[column];
  return value === null || value === undefined ? null : String(value);
}

export function numberOrNull(row: SnapshotRow, column: string): number | null {
  const value = row[column];
  return value === null || value === undefined ? null : Number(value);
}

/** The value of a column that holds 0, 1 or NULL. */
export function flagOrNull(row: SnapshotRow, column: string): boolean | null {
  const value = numberOrNull(row, column);
  return value === null ? null : value === 1;
}
