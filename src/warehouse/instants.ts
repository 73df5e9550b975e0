import { sql } from 'drizzle-orm';

/** The server's clock, which all workers share. */
export const now = sql`UTC_TIMESTAMP(3)`;

/** `2026-10-31T07:30:00.000Z` as the tables write it: `2026-10-31 07:30:00.000`, which sorts as the instants do. */
export function instantText(iso: string): string {
  return new Date(iso).toISOString().replace('T', ' ').replace('Z', '');
}

/** The inverse of `instantText`. */
export function isoInstant(text: string): string {
  return `${text.replace(' ', 'T')}Z`;
}
