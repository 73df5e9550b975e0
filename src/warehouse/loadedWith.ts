import type { RowDataPacket } from 'mysql2/promise';
import { reports } from '../reports/index.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';

/** A name in the tables and its key. Patient data: for comparison only, never for display. */
export interface KeyedName {
  readonly name: string;
  readonly key: string;
}

/** One from each report's newest period; none while nothing is loaded. */
export async function keyedNames({ pool }: Warehouse): Promise<KeyedName[]> {
  try {
    const found: KeyedName[] = [];
    for (const { name: table, people } of Object.values(reports)) {
      const [person] = people;
      if (person === undefined) continue;
      const [rows] = await pool.query<RowDataPacket[]>(
        `SELECT \`${person.column}\` AS name, \`${person.key}\` AS name_key FROM \`${table}\`
         WHERE \`${person.column}\` IS NOT NULL ORDER BY period_start DESC, source_line LIMIT 1`,
      );
      found.push(...rows.map((row) => ({ name: String(row['name']), key: String(row['name_key']) })));
    }
    return found;
  } catch (error) {
    throw asWarehouseFailure(error, 'Comparing the name key with the tables');
  }
}

/** The version of the code that made the newest figures; undefined before the first load. */
export async function newestCodeVersion({ pool }: Warehouse): Promise<string | undefined> {
  try {
    const [rows] = await pool.query<RowDataPacket[]>(
      'SELECT code_version FROM pipeline_run WHERE code_version IS NOT NULL ORDER BY finished_at DESC LIMIT 1',
    );
    return rows[0] === undefined ? undefined : String(rows[0]['code_version']);
  } catch (error) {
    throw asWarehouseFailure(error, 'Reading the ledger');
  }
}
