import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import type { DemoEnvironment } from './environment.ts';
import type { JobEnd } from './watch.ts';

const countsQuery = `
  SELECT p.report, COUNT(*) AS periods, MIN(p.period_start) AS first_day, MAX(p.period_end) AS last_day,
         SUM(r.rows_read) AS rows_read, SUM(p.row_count) AS rows_loaded,
         SUM(r.rows_excluded) AS rows_excluded, SUM(r.rows_rejected) AS rows_rejected
  FROM published_period p JOIN pipeline_run r ON r.run_id = p.run_id
  GROUP BY p.report ORDER BY p.report DESC`;

const dollarsQuery = `
  SELECT SUM(authorized_dollars) AS authorized, SUM(billed_dollars) AS billed,
         SUM(in_process_dollars) AS in_process, SUM(not_utilized) AS not_utilized
  FROM utilization_summary WHERE dimension = 'total'`;

const notesQuery = `
  SELECT SUM(on_time) AS on_time, SUM(late) AS late, SUM(unbillable) AS unbillable
  FROM notes_summary WHERE dimension = 'total'`;

/** Sums of DECIMAL and of counts arrive as decimal text, so no figure passes through a float. */
type Figures = Record<string, string | number | null>;

/** What the tables hold now, in words and figures read from the tables themselves. */
export async function summaryOf(environment: DemoEnvironment, ends: readonly JobEnd[]): Promise<string> {
  const connection = await createConnection({ uri: environment.databaseUrl, dateStrings: true });
  try {
    const counts = await select(connection, countsQuery);
    const [dollars = {}] = await select(connection, dollarsQuery);
    const [notes = {}] = await select(connection, notesQuery);
    return [
      '',
      'What this demo did',
      ...ends.map(endLine),
      '',
      'What the tables hold now',
      ...counts.flatMap(countLines),
      ...dollarLines(dollars),
      ...noteLines(notes),
    ].join('\n');
  } finally {
    await connection.end();
  }
}

async function select(connection: Connection, query: string): Promise<Figures[]> {
  const [rows] = await connection.query<RowDataPacket[]>(query);
  return rows;
}

function endLine({ title, outcomes, failures }: JobEnd): string {
  const counts = Object.entries(outcomes).map(([outcome, count]) => `${String(count)} ${outcome}`);
  if (failures.length > 0) counts.push(`${String(failures.length)} failed`);
  return `  ${title.padEnd(12)} periods: ${counts.join(', ')}`;
}

function countLines(row: Figures): string[] {
  return [
    `  ${String(row['report']).padEnd(12)} ${String(row['periods'])} periods, ${String(row['first_day'])} to ${String(row['last_day'])}`,
    `  ${''.padEnd(12)} ${grouped(row['rows_read'])} rows read = ${grouped(row['rows_loaded'])} loaded + ` +
      `${grouped(row['rows_excluded'])} excluded + ${grouped(row['rows_rejected'])} rejected`,
  ];
}

function dollarLines(row: Figures): string[] {
  return [
    `  ${'dollars'.padEnd(12)} authorized $${grouped(row['authorized'])}, billed $${grouped(row['billed'])}, ` +
      `in process $${grouped(row['in_process'])}, not utilized $${grouped(row['not_utilized'])}`,
  ];
}

function noteLines(row: Figures): string[] {
  return [
    `  ${'notes'.padEnd(12)} ${grouped(row['on_time'])} on time, ${grouped(row['late'])} late, ` +
      `${grouped(row['unbillable'])} unbillable`,
  ];
}

/** `1234567.80` as `1,234,567.80`. */
export function grouped(value: string | number | null | undefined): string {
  const [whole = '0', cents] = String(value ?? 0).split('.');
  const text = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return cents === undefined ? text : `${text}.${cents}`;
}
