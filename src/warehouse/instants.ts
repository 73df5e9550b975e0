import { sql } from 'drizzle-orm';
import type { RowDataPacket } from 'mysql2/promise';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';

/** The server's clock, which all workers share. */
export const now = sql`UTC_TIMESTAMP(3)`;

/** The current time by the server's clock, ISO 8601 in UTC. */
export async function readClock({ pool }: Pick<Warehouse, 'pool'>): Promise<string> {
  try {
    const [rows] = await pool.query<RowDataPacket[]>('SELECT UTC_TIMESTAMP(3) AS instant');
    return isoInstant(String(rows[0]?.['instant']));
  } catch (error) {
    throw asWarehouseFailure(error, "Reading the database's clock");
  }
}

/** Converts `2026-10-31T07:30:00.000Z` to the tables' `2026-10-31 07:30:00.000`, which sorts by time. */
export function instantText(iso: string): string {
  return new Date(iso).toISOString().replace('T', ' ').replace('Z', '');
}

/** The inverse of `instantText`. */
export function isoInstant(text: string): string {
  return `${text.replace(' ', 'T')}Z`;
}
