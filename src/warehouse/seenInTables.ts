import type { RowDataPacket } from 'mysql2/promise';
import { reportNames, reports } from '../reports/index.ts';
import type { SeenInExports } from '../domain/unmatchedRules.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';

/** What the exports of all loaded periods contain, by report; nothing for a report that is not loaded. */
export async function seenInTables({ pool }: Warehouse): Promise<SeenInExports[]> {
  const select = async (sql: string, values: unknown[] = []) =>
    (await pool.query<RowDataPacket[]>(sql, values))[0];
  try {
    const seen: SeenInExports[] = [];
    for (const report of reportNames) {
      const [counts] = await select(
        `SELECT COUNT(*) AS periods, COALESCE(SUM(r.rows_excluded), 0) AS excluded,
           COALESCE(SUM(r.moved_to_lincs), 0) AS moved
         FROM published_period AS p JOIN pipeline_run AS r ON r.run_id = p.run_id WHERE p.report = ?`,
        [report],
      );
      if (Number(counts!['periods']) === 0) continue;
      const { service, reassigned } = reports[report];
      const services =
        service === null ? [] : await select(`SELECT DISTINCT \`${service}\` AS code FROM \`${report}\``);
      const people =
        reassigned === undefined
          ? []
          : await select(
              `SELECT \`${reassigned.column}\` AS name, COUNT(*) AS n FROM \`${report}\`
               WHERE \`${reassigned.column}\` IS NOT NULL GROUP BY name`,
            );
      seen.push({
        report,
        services: services.map((row) => String(row['code'])),
        excluded: Number(counts!['excluded']),
        moved: Number(counts!['moved']),
        rowsOfQp: new Map(people.map((row) => [String(row['name']), Number(row['n'])])),
      });
    }
    return seen;
  } catch (error) {
    throw asWarehouseFailure(error, 'Comparing the rules with what is loaded');
  }
}
