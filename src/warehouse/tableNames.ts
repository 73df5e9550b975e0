import type { RowDataPacket } from 'mysql2/promise';
import type { IsoDate } from '../domain/dates.ts';
import { reports, type ReportName } from '../reports/index.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';

/** A name in a column of people, and where it occurs. */
export interface TableName {
  readonly column: string;
  readonly name: string;
  readonly code: string;
  readonly key: string;
  readonly rows: number;
  /** First days of the first and the last period that contain it. */
  readonly first: string;
  readonly last: string;
}

/** The distinct names in the loaded rows of periods that begin within these days. */
export async function namesInTables(
  warehouse: Warehouse,
  report: ReportName,
  { from, to }: { readonly from: IsoDate; readonly to: IsoDate },
): Promise<TableName[]> {
  const names: TableName[] = [];
  for (const { column, code, key } of reports[report].people) {
    const sql = `SELECT \`${column}\` AS name, MIN(\`${code}\`) AS code, MIN(\`${key}\`) AS name_key,
        COUNT(*) AS row_count, MIN(period_start) AS first_start, MAX(period_start) AS last_start
      FROM \`${report}\` WHERE period_start BETWEEN ? AND ? AND \`${column}\` IS NOT NULL
      GROUP BY \`${column}\` ORDER BY \`${column}\``;
    for (const row of await rowsOf(warehouse, sql, [from, to])) {
      names.push({
        column,
        name: String(row['name']),
        code: String(row['code']),
        key: String(row['name_key']),
        rows: Number(row['row_count']),
        first: String(row['first_start']),
        last: String(row['last_start']),
      });
    }
  }
  return names;
}

async function rowsOf({ pool }: Warehouse, sql: string, values: unknown[]): Promise<RowDataPacket[]> {
  try {
    const [rows] = await pool.query<RowDataPacket[]>(sql, values);
    return rows;
  } catch (error) {
    throw asWarehouseFailure(error, 'Reading the names in the tables');
  }
}
