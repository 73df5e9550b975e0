import type { EarlierExport, FollowedRow } from '../domain/dashboardSums.ts';
import type { IsoDate } from '../domain/dates.ts';
import type { Period } from '../domain/periods.ts';
import { flagOrNull, numberOrNull, rowsOf, text, textOrNull } from './snapshotRows.ts';
import type { Transaction } from './transaction.ts';

/** Selects when the newest export older than the shown one was taken, for each billing cycle. */
const exportsBefore = `SELECT p.period_start, MAX(r.exported_at) AS exported_at
  FROM published_period AS p
  JOIN pipeline_run AS r ON r.report = p.report AND r.period_start = p.period_start
    AND r.outcome IN ('published', 'unchanged') AND r.exported_at < p.exported_at
  WHERE p.report = 'notes' AND p.run_id IS NOT NULL AND p.period_start BETWEEN ? AND ?
  GROUP BY p.period_start`;

export async function earlierExports(transaction: Transaction, days: Period): Promise<EarlierExport[]> {
  const rows = await rowsOf(transaction, `${exportsBefore} ORDER BY p.period_start`, [days.from, days.to]);
  return rows.map((row) => ({
    from: text(row, 'period_start') as IsoDate,
    exportedAt: text(row, 'exported_at'),
  }));
}

/** Open notes, and those signed since the day before the cycle's earlier export: its zone may be behind UTC. */
export async function followedNotes(transaction: Transaction, days: Period): Promise<FollowedRow[]> {
  const rows = await rowsOf(
    transaction,
    `SELECT n.ym, n.period_start, n.client_key, n.caregiver_key, n.supervisor_key, n.service_code, n.grp, n.is_rci,
       n.date_of_service, n.staff_sign_date, n.staff_signed_at, n.days_to_sign
     FROM v_notes_names AS n
     LEFT JOIN (${exportsBefore}) AS before_this ON before_this.period_start = n.period_start
     WHERE n.period_start BETWEEN ? AND ?
       AND (n.staff_sign_date IS NULL OR n.staff_sign_date >= DATE(before_this.exported_at) - INTERVAL 1 DAY)
     ORDER BY n.date_of_service DESC, n.period_start, n.source_line`,
    [days.from, days.to, days.from, days.to],
  );
  return rows.map((row) => ({
    month: text(row, 'ym'),
    from: text(row, 'period_start') as IsoDate,
    clientKey: text(row, 'client_key'),
    caregiverKey: text(row, 'caregiver_key'),
    supervisorKey: textOrNull(row, 'supervisor_key'),
    serviceCode: text(row, 'service_code'),
    group: Number(row['grp']),
    respite: flagOrNull(row, 'is_rci'),
    dateOfService: text(row, 'date_of_service') as IsoDate,
    signDate: textOrNull(row, 'staff_sign_date') as IsoDate | null,
    signedAt: textOrNull(row, 'staff_signed_at'),
    daysToSign: numberOrNull(row, 'days_to_sign'),
  }));
}
