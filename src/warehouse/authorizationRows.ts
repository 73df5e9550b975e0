import type { AuthorizationRow } from '../domain/dashboardSums.ts';
import type { LoadedFigures } from '../domain/authorizationOutlook.ts';
import type { IsoDate } from '../domain/dates.ts';
import { scales, sumFromText } from '../domain/decimals.ts';
import type { FiguresAre } from '../domain/figuresAre.ts';
import type { Period } from '../domain/periods.ts';
import { flagOrNull, rowsOf, text, textOrNull, type SnapshotRow } from './snapshotRows.ts';
import type { Transaction } from './transaction.ts';

/** The authorizations that a month lists, as its load shows them and as earlier loads had them. */
export async function authorizationRows(
  transaction: Transaction,
  period: Period,
  figuresAre: FiguresAre,
): Promise<AuthorizationRow[]> {
  const asOf = await dayOfFigures(transaction, period);
  if (asOf === undefined) return [];
  const loads = await earlierLoads(transaction, { period, asOf, figuresAre });
  const rows = await rowsOf(
    transaction,
    `SELECT authorization_number, service_code, start_date, MAX(end_date) AS end_date, COUNT(*) AS row_count,
       MAX(grp) AS grp, MAX(is_rci) AS is_rci, SUM(authorized_dollars) AS authorized, SUM(used_dollars) AS used,
       CASE WHEN COUNT(DISTINCT client_key) = 1 THEN MIN(client_key) END AS client_key,
       MIN(qp_key) AS qp_key
     FROM v_utilization_names WHERE period_start = ?
     GROUP BY authorization_number, service_code, start_date
     ORDER BY authorization_number, service_code, start_date`,
    [period.from],
  );
  const shared = await qpsOfShared(transaction, period);
  return rows.map((row) => {
    const qpKeys = shared.get(itemOf(row)) ?? [textOrNull(row, 'qp_key')];
    return authorizationOf(row, { period, asOf, loads: loads.get(itemOf(row)) ?? [], qpKeys });
  });
}

/** The QPs of each authorization whose rows do not all name the same one. */
async function qpsOfShared(
  transaction: Transaction,
  { from }: Period,
): Promise<Map<string, (string | null)[]>> {
  const rows = await rowsOf(
    transaction,
    `SELECT DISTINCT u.authorization_number, u.service_code, u.start_date, u.qp_key
     FROM v_utilization_names AS u
     JOIN (
       SELECT authorization_number, service_code, start_date FROM v_utilization_names WHERE period_start = ?
       GROUP BY authorization_number, service_code, start_date HAVING COUNT(DISTINCT COALESCE(qp_key, '')) > 1
     ) AS shared ON shared.authorization_number = u.authorization_number
       AND shared.service_code = u.service_code AND shared.start_date = u.start_date
     WHERE u.period_start = ?
     ORDER BY u.authorization_number, u.service_code, u.start_date, u.qp_key`,
    [from, from],
  );
  const shared = new Map<string, (string | null)[]>();
  for (const row of rows) {
    shared.set(itemOf(row), [...(shared.get(itemOf(row)) ?? []), textOrNull(row, 'qp_key')]);
  }
  return shared;
}

function authorizationOf(
  row: SnapshotRow,
  listed: Pick<AuthorizationRow, 'period' | 'asOf' | 'loads' | 'qpKeys'>,
): AuthorizationRow {
  return {
    ...listed,
    sharedByQps: listed.qpKeys.length > 1,
    authorizationNumber: text(row, 'authorization_number'),
    serviceCode: text(row, 'service_code'),
    startDate: text(row, 'start_date') as IsoDate,
    endDate: text(row, 'end_date') as IsoDate,
    rows: Number(row['row_count']),
    group: Number(row['grp']),
    respite: flagOrNull(row, 'is_rci'),
    clientKey: textOrNull(row, 'client_key'),
    authorizedCents: centsOrNull(row, 'authorized'),
    usedCents: centsOrNull(row, 'used') ?? 0n,
  };
}

/** As the view has it: the newest day on which an export gave the figures that are shown. */
async function dayOfFigures(transaction: Transaction, { from }: Period): Promise<IsoDate | undefined> {
  const [row] = await rowsOf(
    transaction,
    `SELECT COALESCE(
       (SELECT MAX(h.load_day) FROM authorization_history AS h
         WHERE h.period_start = p.period_start AND h.run_id = p.run_id),
       DATE(COALESCE(p.exported_at, p.published_at))) AS as_of
     FROM published_period AS p
     WHERE p.report = 'utilization' AND p.run_id IS NOT NULL AND p.period_start = ?`,
    [from],
  );
  return row === undefined ? undefined : (text(row, 'as_of') as IsoDate);
}

interface EarlierLoads {
  readonly period: Period;
  readonly asOf: IsoDate;
  readonly figuresAre: FiguresAre;
}

/** By authorization, oldest first. If several months were loaded on a day, it has the figures of the newest. */
async function earlierLoads(
  transaction: Transaction,
  { period, asOf, figuresAre }: EarlierLoads,
): Promise<Map<string, LoadedFigures[]>> {
  const rows = await rowsOf(
    transaction,
    `SELECT h.authorization_number, h.service_code, h.start_date, h.load_day, h.authorized_dollars AS authorized,
       COALESCE(h.in_process_dollars, 0.00) + COALESCE(h.billed_dollars, 0.00) AS used
     FROM authorization_history AS h
     JOIN (
       SELECT DISTINCT authorization_number, service_code, start_date FROM utilization WHERE period_start = ?
     ) AS listed ON listed.authorization_number = h.authorization_number
       AND listed.service_code = h.service_code AND listed.start_date = h.start_date
     WHERE h.load_day <= ? AND h.period_start BETWEEN ? AND ?
     ORDER BY h.authorization_number, h.service_code, h.start_date, h.load_day, h.period_start`,
    [period.from, asOf, figuresAre === 'month' ? period.from : '1000-01-01', period.from],
  );
  const loads = new Map<string, LoadedFigures[]>();
  for (const row of rows) {
    const own = loads.get(itemOf(row)) ?? [];
    loads.set(itemOf(row), own);
    const load = {
      day: text(row, 'load_day') as IsoDate,
      authorizedCents: centsOrNull(row, 'authorized'),
      usedCents: centsOrNull(row, 'used') ?? 0n,
    };
    if (own.at(-1)?.day === load.day) own.pop();
    own.push(load);
  }
  return loads;
}

function itemOf(row: SnapshotRow): string {
  return ['authorization_number', 'service_code', 'start_date'].map((column) => row[column]).join('\t');
}

function centsOrNull(row: SnapshotRow, column: string): bigint | null {
  const amount = textOrNull(row, column);
  return amount === null ? null : sumFromText(amount, scales.dollars);
}
