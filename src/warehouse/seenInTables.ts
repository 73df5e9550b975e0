import type { RowDataPacket } from 'mysql2/promise';
import { reportNames } from '../domain/reports.ts';
import type { SeenInExports } from '../domain/unmatchedRules.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';

/** What the exports of all loaded periods hold, report by report; none of a report that is not loaded. */
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
      const services = await select(`SELECT DISTINCT service_code FROM ${report}`);
      const qps =
        report === 'utilization'
          ? await select('SELECT qp, COUNT(*) AS n FROM utilization WHERE qp IS NOT NULL GROUP BY qp')
          : [];
      seen.push({
        report,
        services: services.map((row) => String(row['service_code'])),
        excluded: Number(counts!['excluded']),
        moved: Number(counts!['moved']),
        rowsOfQp: new Map(qps.map((row) => [String(row['qp']), Number(row['n'])])),
      });
    }
    return seen;
  } catch (error) {
    throw asWarehouseFailure(error, 'Comparing the rules with what is loaded');
  }
}
