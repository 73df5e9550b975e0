import { createReadStream } from 'node:fs';
import { createConnection } from 'mysql2/promise';
import { benchPeriod } from './exports.ts';
import { reports } from '../src/reports/index.ts';

/**
 * The limit: LOAD DATA LOCAL INFILE of ready rows, in key order, into the same table, in one transaction, and nothing
 * else: no file read before, no roll-up, no check, no ledger. With `replacing` the rows that are there are deleted
 * first. Gives the seconds from the first statement to the end of the commit.
 */
export async function bareLoad(
  databaseUrl: string,
  rowsFile: string,
  { replacing }: { replacing: boolean },
): Promise<number> {
  const connection = await createConnection({ uri: databaseUrl, charset: 'utf8mb4_bin' });
  const period = benchPeriod();
  try {
    const columns = reports.utilization.rowColumns.map((column) => `\`${column}\``).join(', ');
    const begun = performance.now();
    await connection.beginTransaction();
    if (replacing) await connection.query('DELETE FROM utilization WHERE period_start = ?', [period.from]);
    await connection.query({
      sql: `LOAD DATA LOCAL INFILE 'rows.tsv' INTO TABLE utilization CHARACTER SET utf8mb4
        FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n'
        (${columns}) SET period_start = ?, period_end = ?, run_id = ?`,
      values: [period.from, period.to, 'bare'],
      infileStreamFactory: () => createReadStream(rowsFile, { highWaterMark: 1024 * 1024 }),
    });
    await connection.commit();
    return (performance.now() - begun) / 1000;
  } finally {
    await connection.end();
  }
}

/** Leaves the tables as they were before the first load, ledger and history included. */
export async function emptyTables(databaseUrl: string): Promise<void> {
  const connection = await createConnection({ uri: databaseUrl });
  const tables = [
    'utilization',
    'utilization_summary',
    'authorization_history',
    'published_period',
    'pipeline_run',
    'rejected_row',
  ];
  for (const table of tables) await connection.query(`TRUNCATE TABLE ${table}`);
  await connection.end();
}
