import type { IsoDate } from '../domain/dates.ts';
import type { ListedAgain } from '../domain/figuresAre.ts';
import type { Period } from '../domain/periods.ts';
import type { Warehouse } from './connect.ts';
import { asWarehouseFailure } from './failure.ts';
import { rowsOf, text, textOrNull } from './snapshotRows.ts';
import { inTransaction, type Transaction } from './transaction.ts';

/** What the months have of authorizations that several of them list with an authorized amount. */
export async function listedAgain(transaction: Transaction, months: Period): Promise<ListedAgain> {
  const item = 'authorization_number, service_code, start_date';
  const [row] = await rowsOf(
    transaction,
    `SELECT COUNT(*) AS authorizations, COUNT(CASE WHEN lowest = highest THEN 1 END) AS same_authorized,
       COUNT(CASE WHEN fell > 0 THEN 1 END) AS used_fell, MIN(first_start) AS first_start, MAX(last_start) AS last_start
     FROM (
       SELECT MIN(authorized) AS lowest, MAX(authorized) AS highest, COUNT(CASE WHEN used < used_before THEN 1 END) AS fell,
         MIN(period_start) AS first_start, MAX(period_start) AS last_start
       FROM (
         SELECT ${item}, period_start, authorized, used,
           LAG(used) OVER (PARTITION BY ${item} ORDER BY period_start) AS used_before
         FROM (
           SELECT ${item}, period_start, SUM(authorized_dollars) AS authorized,
             SUM(COALESCE(in_process_dollars, 0.00) + COALESCE(billed_dollars, 0.00)) AS used
           FROM utilization WHERE period_start BETWEEN ? AND ? GROUP BY ${item}, period_start
         ) AS by_month WHERE authorized <> 0
       ) AS beside_before GROUP BY ${item} HAVING COUNT(*) > 1
     ) AS several`,
    [months.from, months.to],
  );
  const [from, to] = [textOrNull(row!, 'first_start'), textOrNull(row!, 'last_start')];
  return {
    authorizations: Number(row!['authorizations']),
    sameAuthorized: Number(row!['same_authorized']),
    usedFell: Number(row!['used_fell']),
    months: from === null || to === null ? null : { from: from.slice(0, 7), to: to.slice(0, 7) },
  };
}

/** Asks `listedAgain` about the two years up to the newest loaded month, the most that dashboards show. */
export async function recentlyListedAgain(warehouse: Warehouse): Promise<ListedAgain> {
  try {
    return await inTransaction(
      warehouse,
      undefined,
      async (transaction) => {
        const [row] = await rowsOf(
          transaction,
          `SELECT COALESCE(MAX(period_start) - INTERVAL 23 MONTH, '1000-01-01') AS first_start,
             COALESCE(MAX(period_start), '1000-01-01') AS last_start
           FROM published_period WHERE report = 'utilization' AND run_id IS NOT NULL`,
        );
        return listedAgain(transaction, {
          from: text(row!, 'first_start').slice(0, 10) as IsoDate,
          to: text(row!, 'last_start').slice(0, 10) as IsoDate,
        });
      },
      'snapshot',
    );
  } catch (error) {
    throw asWarehouseFailure(error, 'Reading what the dollars are of');
  }
}
