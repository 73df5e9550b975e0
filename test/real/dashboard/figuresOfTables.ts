import type { TestWarehouse } from '../warehouse/testWarehouse.ts';

/** The figures that a page must show, worked out by the database alone and written as pages write them. */
export async function utilizationOf(tested: TestWarehouse, by: string, where: string): Promise<string[][]> {
  const rows = await tested.query(
    `SELECT ${by} AS label, COUNT(*) AS n,
       SUM(COALESCE(authorized_dollars, 0)) AS authorized,
       SUM(COALESCE(in_process_dollars, 0)) AS in_process,
       SUM(COALESCE(billed_dollars, 0)) AS billed,
       SUM(COALESCE(authorized_dollars, 0) - COALESCE(in_process_dollars, 0) - COALESCE(billed_dollars, 0)) AS unused,
       ROUND(100 * SUM(COALESCE(in_process_dollars, 0) + COALESCE(billed_dollars, 0))
         / NULLIF(SUM(COALESCE(authorized_dollars, 0)), 0), 2) AS utilization,
       ROUND(100 * AVG(util), 2) AS mean
     FROM utilization WHERE ${where} GROUP BY ${groupKey(by)}`,
  );
  return rows.map((row) => [
    String(row['label']),
    counted(row['n']),
    dollars(row['authorized']),
    dollars(row['in_process']),
    dollars(row['billed']),
    dollars(row['unused']),
    percent(row['utilization']),
    percent(row['mean']),
  ]);
}

/** What under- or over-utilization shows of each member, members without any left out. */
export async function varianceOf(
  tested: TestWarehouse,
  sign: '<' | '>',
  by: string,
  where: string,
): Promise<string[][]> {
  const rows = await tested.query(
    `SELECT ${by} AS label, SUM(variance ${sign} 0) AS n, SUM(IF(variance ${sign} 0, variance, 0)) AS dollars,
       SUM(COALESCE(authorized_dollars, 0)) AS authorized,
       SUM(COALESCE(in_process_dollars, 0) + COALESCE(billed_dollars, 0)) AS used,
       ROUND(100 * SUM(COALESCE(in_process_dollars, 0) + COALESCE(billed_dollars, 0))
         / NULLIF(SUM(COALESCE(authorized_dollars, 0)), 0), 2) AS utilization
     FROM utilization WHERE ${where} GROUP BY ${groupKey(by)} HAVING n > 0`,
  );
  return rows.map((row) => [
    String(row['label']),
    counted(row['n']),
    dollars(row['dollars']),
    dollars(row['authorized']),
    dollars(row['used']),
    percent(row['utilization']),
  ]);
}

/** Notes, on time, late, unbillable, unsigned, share on time, days to sign. */
export async function notesOf(tested: TestWarehouse, by: string, where: string): Promise<string[][]> {
  const rows = await tested.query(
    `SELECT ${by} AS label, COUNT(*) AS n, SUM(note_status = 'On Time') AS on_time, SUM(note_status = 'Late') AS late,
       SUM(note_status = 'Unbillable') AS unbillable, SUM(staff_sign_date IS NULL) AS unsigned_,
       ROUND(100 * SUM(note_status = 'On Time') / COUNT(*), 2) AS share,
       ROUND(AVG(IF(staff_sign_date IS NULL, NULL, days_to_sign)), 2) AS days
     FROM notes WHERE ${where} GROUP BY ${groupKey(by)}`,
  );
  return rows.map((row) => [
    String(row['label']),
    counted(row['n']),
    counted(row['on_time']),
    counted(row['late']),
    counted(row['unbillable']),
    counted(row['unsigned_']),
    percent(row['share']),
    row['days'] === null ? '–' : String(row['days']),
  ]);
}

/** Never by code alone: two people can share one. */
function groupKey(by: string): string {
  const keys: Readonly<Record<string, string>> = {
    "COALESCE(qp_code, '(no QP)')": 'qp_key, qp_code',
    client_code: 'client_key, client_code',
    employee_code: 'caregiver_key, employee_code',
  };
  return keys[by] ?? by;
}

export function dollars(value: unknown): string {
  const text = typeof value === 'string' ? value : '';
  const [sign = '', whole = '', cents = ''] = /^(-?)(\d+)\.(\d\d)$/.exec(text)?.slice(1) ?? [];
  return `${sign}$${whole.replace(/(?<=\d)(?=(?:\d{3})+$)/g, ',')}.${cents}`;
}

export function percent(value: unknown): string {
  if (typeof value !== 'string') return '–';
  const [whole = '', hundredths = ''] = value.split('.');
  return `${whole.replace(/(?<=\d)(?=(?:\d{3})+$)/g, ',')}.${hundredths}%`;
}

export function counted(text: unknown): string {
  return String(text).replace(/(?<=\d)(?=(?:\d{3})+$)/g, ',');
}

/** Rows in one order, each as one text. */
export function inOrder(rows: readonly (readonly unknown[])[]): string[] {
  return rows.map((row) => JSON.stringify(row.map(String))).sort();
}

/** Rows of a page by code, without the digits that tell people of one code apart, in one order. */
export function byCode(rows: readonly (readonly string[])[]): string[] {
  return rows
    .map(([label = '', ...cells]) => JSON.stringify([label.replace(/ [0-9a-f]{4}$/, ''), ...cells]))
    .sort();
}
