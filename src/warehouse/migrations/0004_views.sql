-- Written by hand: Drizzle knows of no view here, and reads none. docs/tables.md explains the columns, and
-- src/warehouse/readers.ts says who may read which view.
-- CREATE OR REPLACE: a migration that was cut off is simply run again, and so is this file where the account that
-- owns the views has gone.
-- SQL SECURITY DEFINER: whoever may read a view needs no right on the tables. Views without _names show no name.
-- Month names by ELT: MONTHNAME speaks the language that the reader's session is set to.
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_period` AS
SELECT report, period_start, period_end,
  DATE_FORMAT(period_start, '%Y-%m') AS ym,
  YEAR(period_start) AS year,
  MONTH(period_start) AS month_number,
  ELT(MONTH(period_start), 'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September',
    'October', 'November', 'December') AS month_name,
  DATE_SUB(period_start, INTERVAL DAY(period_start) - 1 DAY) AS month_start,
  CASE WHEN report = 'notes' THEN IF(DAY(period_start) = 1, '1-15', '16-eom') END AS billing_cycle,
  COALESCE(preliminary, 0) AS preliminary
FROM published_period
WHERE run_id IS NOT NULL;
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_data_status` AS
SELECT r.report, r.period_start, r.period_end,
  DATE_FORMAT(r.period_start, '%Y-%m') AS ym,
  YEAR(r.period_start) AS year,
  MONTH(r.period_start) AS month_number,
  ELT(MONTH(r.period_start), 'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September',
    'October', 'November', 'December') AS month_name,
  DATE_SUB(r.period_start, INTERVAL DAY(r.period_start) - 1 DAY) AS month_start,
  CASE WHEN r.report = 'notes' THEN IF(DAY(r.period_start) = 1, '1-15', '16-eom') END AS billing_cycle,
  p.run_id AS published_run_id,
  p.row_count,
  p.exported_at AS data_as_of,
  TIMESTAMPDIFF(HOUR, p.exported_at, UTC_TIMESTAMP()) AS data_age_hours,
  p.published_at,
  CASE WHEN p.run_id IS NOT NULL THEN COALESCE(p.preliminary, 0) END AS preliminary,
  COALESCE(r.period_start = MAX(CASE WHEN p.run_id IS NOT NULL THEN r.period_start END) OVER (PARTITION BY r.report), 0)
    AS newest_period,
  p.pinned_at IS NOT NULL AS pinned,
  p.pinned_at,
  r.held_runs,
  r.run_id AS last_run_id,
  r.outcome AS last_outcome,
  r.failure_type AS last_failure_type,
  r.started_at AS last_started_at,
  r.finished_at AS last_finished_at,
  r.rows_rejected AS last_rows_rejected
FROM (
  SELECT run_id, report, period_start, period_end, outcome, failure_type, started_at, finished_at, rows_rejected,
    ROW_NUMBER() OVER (PARTITION BY report, period_start ORDER BY finished_at DESC, run_id) AS nth,
    COUNT(CASE WHEN outcome = 'held' THEN 1 END) OVER (PARTITION BY report, period_start) AS held_runs
  FROM pipeline_run
) AS r
LEFT JOIN published_period AS p ON p.report = r.report AND p.period_start = r.period_start
WHERE r.nth = 1;
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_utilization_names` AS
SELECT u.period_start, u.period_end, u.ym, p.year, p.month_number, p.month_name, p.month_start, p.preliminary,
  u.client, u.client_code, u.client_key, u.qp, u.qp_code, u.qp_key,
  u.service_code, UPPER(u.service_code) = 'RCI' AS is_rci, u.grp,
  u.authorization_number, u.start_date, u.end_date,
  u.authorized_units, u.in_process_units, u.billed_units,
  u.authorized_dollars, u.in_process_dollars, u.billed_dollars,
  COALESCE(u.in_process_dollars, 0) + COALESCE(u.billed_dollars, 0) AS used_dollars,
  COALESCE(u.authorized_dollars, 0) - COALESCE(u.in_process_dollars, 0) - COALESCE(u.billed_dollars, 0)
    AS not_utilized,
  u.util, u.variance,
  CASE WHEN u.variance < 0 THEN u.variance WHEN u.variance >= 0 THEN 0.00 END AS under_dollars,
  CASE WHEN u.variance > 0 THEN u.variance WHEN u.variance <= 0 THEN 0.00 END AS over_dollars,
  CASE WHEN u.variance < 0 THEN 'Under' WHEN u.variance > 0 THEN 'Over' WHEN u.variance = 0 THEN 'Even' END
    AS under_over,
  u.variance_billed, u.source_line, u.run_id
FROM utilization AS u
LEFT JOIN v_period AS p ON p.report = 'utilization' AND p.period_start = u.period_start;
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_utilization` AS
SELECT period_start, period_end, ym, year, month_number, month_name, month_start, preliminary,
  client_code, client_key, qp_code, qp_key, service_code, is_rci, grp, authorization_number, start_date, end_date,
  authorized_units, in_process_units, billed_units, authorized_dollars, in_process_dollars, billed_dollars,
  used_dollars, not_utilized, util, variance, under_dollars, over_dollars, under_over, variance_billed,
  source_line, run_id
FROM v_utilization_names;
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_notes_names` AS
SELECT n.period_start, n.period_end, n.ym, p.year, p.month_number, p.month_name, p.month_start, n.billing_cycle,
  p.preliminary,
  n.client, n.client_code, n.client_key, n.caregiver, n.employee_code, n.caregiver_key,
  n.client_supervisor, n.supervisor_code, n.supervisor_key,
  n.service_code, UPPER(n.service_code) = 'RCI' AS is_rci, n.grp,
  n.date_of_service, DATEDIFF(UTC_DATE(), n.date_of_service) AS days_ago,
  n.staff_sign_date, n.staff_signed_at, n.days_to_sign,
  CASE WHEN n.staff_sign_date IS NOT NULL THEN n.days_to_sign END AS signed_days,
  n.note_status,
  CASE n.note_status WHEN 'On Time' THEN 1 WHEN 'Late' THEN 2 ELSE 3 END AS note_status_order,
  n.note_status = 'On Time' AS on_time,
  n.note_status = 'Late' AS late,
  n.note_status = 'Unbillable' AS unbillable,
  n.staff_sign_date IS NULL AS `unsigned`,
  n.source_line, n.run_id
FROM notes AS n
LEFT JOIN v_period AS p ON p.report = 'notes' AND p.period_start = n.period_start;
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_notes` AS
SELECT period_start, period_end, ym, year, month_number, month_name, month_start, billing_cycle, preliminary,
  client_code, client_key, employee_code, caregiver_key, supervisor_code, supervisor_key,
  service_code, is_rci, grp, date_of_service, days_ago, staff_sign_date, staff_signed_at, days_to_sign, signed_days,
  note_status, note_status_order, on_time, late, unbillable, `unsigned`, source_line, run_id
FROM v_notes_names;
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_utilization_by_month` AS
SELECT s.period_start, p.period_end, s.ym, p.year, p.month_number, p.month_name, p.month_start, s.preliminary,
  s.row_count, s.authorized_dollars, s.in_process_dollars, s.billed_dollars,
  s.in_process_dollars + s.billed_dollars AS used_dollars,
  s.not_utilized, s.under_dollars, s.over_dollars, s.util, s.avg_util
FROM utilization_summary AS s
LEFT JOIN v_period AS p ON p.report = 'utilization' AND p.period_start = s.period_start
WHERE s.dimension = 'total';
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_utilization_by_group` AS
SELECT s.period_start, p.period_end, s.ym, p.year, p.month_number, p.month_name, p.month_start, s.preliminary,
  CAST(s.member AS SIGNED) AS grp,
  s.row_count, s.authorized_dollars, s.in_process_dollars, s.billed_dollars,
  s.in_process_dollars + s.billed_dollars AS used_dollars,
  s.not_utilized, s.under_dollars, s.over_dollars, s.util, s.avg_util
FROM utilization_summary AS s
LEFT JOIN v_period AS p ON p.report = 'utilization' AND p.period_start = s.period_start
WHERE s.dimension = 'grp';
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_utilization_by_service` AS
SELECT s.period_start, p.period_end, s.ym, p.year, p.month_number, p.month_name, p.month_start, s.preliminary,
  s.member AS service_code, UPPER(s.member) = 'RCI' AS is_rci,
  s.row_count, s.authorized_dollars, s.in_process_dollars, s.billed_dollars,
  s.in_process_dollars + s.billed_dollars AS used_dollars,
  s.not_utilized, s.under_dollars, s.over_dollars, s.util, s.avg_util
FROM utilization_summary AS s
LEFT JOIN v_period AS p ON p.report = 'utilization' AND p.period_start = s.period_start
WHERE s.dimension = 'service';
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_utilization_by_qp_names` AS
SELECT s.period_start, p.period_end, s.ym, p.year, p.month_number, p.month_name, p.month_start, s.preliminary,
  NULLIF(s.member, '') AS qp, s.member_code AS qp_code, NULLIF(s.member_key, '') AS qp_key,
  s.row_count, s.authorized_dollars, s.in_process_dollars, s.billed_dollars,
  s.in_process_dollars + s.billed_dollars AS used_dollars,
  s.not_utilized, s.under_dollars, s.over_dollars, s.util, s.avg_util
FROM utilization_summary AS s
LEFT JOIN v_period AS p ON p.report = 'utilization' AND p.period_start = s.period_start
WHERE s.dimension = 'qp';
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_utilization_by_qp` AS
SELECT s.period_start, p.period_end, s.ym, p.year, p.month_number, p.month_name, p.month_start, s.preliminary,
  s.member_code AS qp_code, NULLIF(s.member_key, '') AS qp_key,
  s.row_count, s.authorized_dollars, s.in_process_dollars, s.billed_dollars,
  s.in_process_dollars + s.billed_dollars AS used_dollars,
  s.not_utilized, s.under_dollars, s.over_dollars, s.util, s.avg_util
FROM utilization_summary AS s
LEFT JOIN v_period AS p ON p.report = 'utilization' AND p.period_start = s.period_start
WHERE s.dimension = 'qp';
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_utilization_by_client_names` AS
SELECT s.period_start, p.period_end, s.ym, p.year, p.month_number, p.month_name, p.month_start, s.preliminary,
  NULLIF(s.member, '') AS client, s.member_code AS client_code, NULLIF(s.member_key, '') AS client_key,
  s.row_count, s.authorized_dollars, s.in_process_dollars, s.billed_dollars,
  s.in_process_dollars + s.billed_dollars AS used_dollars,
  s.not_utilized, s.under_dollars, s.over_dollars, s.util, s.avg_util
FROM utilization_summary AS s
LEFT JOIN v_period AS p ON p.report = 'utilization' AND p.period_start = s.period_start
WHERE s.dimension = 'client';
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_utilization_by_client` AS
SELECT s.period_start, p.period_end, s.ym, p.year, p.month_number, p.month_name, p.month_start, s.preliminary,
  s.member_code AS client_code, NULLIF(s.member_key, '') AS client_key,
  s.row_count, s.authorized_dollars, s.in_process_dollars, s.billed_dollars,
  s.in_process_dollars + s.billed_dollars AS used_dollars,
  s.not_utilized, s.under_dollars, s.over_dollars, s.util, s.avg_util
FROM utilization_summary AS s
LEFT JOIN v_period AS p ON p.report = 'utilization' AND p.period_start = s.period_start
WHERE s.dimension = 'client';
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_notes_by_cycle` AS
SELECT s.period_start, p.period_end, s.ym, p.year, p.month_number, p.month_name, p.month_start, p.billing_cycle,
  s.preliminary,
  s.row_count, s.on_time, s.late, s.unbillable, s.`unsigned`, s.avg_days_to_sign
FROM notes_summary AS s
LEFT JOIN v_period AS p ON p.report = 'notes' AND p.period_start = s.period_start
WHERE s.dimension = 'total';
--> statement-breakpoint
-- An average over two cycles cannot be made of their averages, so this one adds the rows up. With twenty decimals the
-- division cannot round up to a half that ROUND would then take for one, whatever the session's precision of divisions.
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_notes_by_month` AS
SELECT n.ym, n.year, n.month_number, n.month_name, n.month_start, MAX(n.preliminary) AS preliminary,
  COUNT(*) AS row_count,
  COUNT(CASE WHEN n.note_status = 'On Time' THEN 1 END) AS on_time,
  COUNT(CASE WHEN n.note_status = 'Late' THEN 1 END) AS late,
  COUNT(CASE WHEN n.note_status = 'Unbillable' THEN 1 END) AS unbillable,
  COUNT(CASE WHEN n.staff_sign_date IS NULL THEN 1 END) AS `unsigned`,
  ROUND(CAST(SUM(n.signed_days) AS DECIMAL(38, 20)) / NULLIF(COUNT(n.signed_days), 0), 2) AS avg_days_to_sign
FROM v_notes AS n
GROUP BY n.ym, n.year, n.month_number, n.month_name, n.month_start;
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_notes_by_service` AS
SELECT s.period_start, p.period_end, s.ym, p.year, p.month_number, p.month_name, p.month_start, p.billing_cycle,
  s.preliminary,
  s.member AS service_code,
  s.row_count, s.on_time, s.late, s.unbillable, s.`unsigned`, s.avg_days_to_sign
FROM notes_summary AS s
LEFT JOIN v_period AS p ON p.report = 'notes' AND p.period_start = s.period_start
WHERE s.dimension = 'service';
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_notes_by_caregiver_names` AS
SELECT s.period_start, p.period_end, s.ym, p.year, p.month_number, p.month_name, p.month_start, p.billing_cycle,
  s.preliminary,
  NULLIF(s.member, '') AS caregiver, s.member_code AS employee_code, NULLIF(s.member_key, '') AS caregiver_key,
  s.row_count, s.on_time, s.late, s.unbillable, s.`unsigned`, s.avg_days_to_sign
FROM notes_summary AS s
LEFT JOIN v_period AS p ON p.report = 'notes' AND p.period_start = s.period_start
WHERE s.dimension = 'caregiver';
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_notes_by_caregiver` AS
SELECT s.period_start, p.period_end, s.ym, p.year, p.month_number, p.month_name, p.month_start, p.billing_cycle,
  s.preliminary,
  s.member_code AS employee_code, NULLIF(s.member_key, '') AS caregiver_key,
  s.row_count, s.on_time, s.late, s.unbillable, s.`unsigned`, s.avg_days_to_sign
FROM notes_summary AS s
LEFT JOIN v_period AS p ON p.report = 'notes' AND p.period_start = s.period_start
WHERE s.dimension = 'caregiver';
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_notes_by_supervisor_names` AS
SELECT s.period_start, p.period_end, s.ym, p.year, p.month_number, p.month_name, p.month_start, p.billing_cycle,
  s.preliminary,
  NULLIF(s.member, '') AS client_supervisor, s.member_code AS supervisor_code,
  NULLIF(s.member_key, '') AS supervisor_key,
  s.row_count, s.on_time, s.late, s.unbillable, s.`unsigned`, s.avg_days_to_sign
FROM notes_summary AS s
LEFT JOIN v_period AS p ON p.report = 'notes' AND p.period_start = s.period_start
WHERE s.dimension = 'supervisor';
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_notes_by_supervisor` AS
SELECT s.period_start, p.period_end, s.ym, p.year, p.month_number, p.month_name, p.month_start, p.billing_cycle,
  s.preliminary,
  s.member_code AS supervisor_code, NULLIF(s.member_key, '') AS supervisor_key,
  s.row_count, s.on_time, s.late, s.unbillable, s.`unsigned`, s.avg_days_to_sign
FROM notes_summary AS s
LEFT JOIN v_period AS p ON p.report = 'notes' AND p.period_start = s.period_start
WHERE s.dimension = 'supervisor';
--> statement-breakpoint
-- A day of service lies at most 15 days behind the first day of its period: with the second condition the server
-- reads only the periods that matter.
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_notes_last_90_days` AS
SELECT UTC_DATE() - INTERVAL 90 DAY AS first_day, MAX(n.date_of_service) AS last_service,
  COALESCE(MAX(n.preliminary), 0) AS preliminary,
  COUNT(*) AS row_count,
  COUNT(CASE WHEN n.note_status = 'On Time' THEN 1 END) AS on_time,
  COUNT(CASE WHEN n.note_status = 'Late' THEN 1 END) AS late,
  COUNT(CASE WHEN n.note_status = 'Unbillable' THEN 1 END) AS unbillable,
  COUNT(CASE WHEN n.staff_sign_date IS NULL THEN 1 END) AS `unsigned`,
  ROUND(CAST(SUM(n.signed_days) AS DECIMAL(38, 20)) / NULLIF(COUNT(n.signed_days), 0), 2) AS avg_days_to_sign
FROM v_notes AS n
WHERE n.date_of_service >= UTC_DATE() - INTERVAL 90 DAY
  AND n.period_start >= UTC_DATE() - INTERVAL 105 DAY;
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_notes_last_90_days_by_caregiver_names` AS
SELECT UTC_DATE() - INTERVAL 90 DAY AS first_day, MAX(n.date_of_service) AS last_service,
  MAX(n.preliminary) AS preliminary,
  n.caregiver, n.employee_code, n.caregiver_key,
  COUNT(*) AS row_count,
  COUNT(CASE WHEN n.note_status = 'On Time' THEN 1 END) AS on_time,
  COUNT(CASE WHEN n.note_status = 'Late' THEN 1 END) AS late,
  COUNT(CASE WHEN n.note_status = 'Unbillable' THEN 1 END) AS unbillable,
  COUNT(CASE WHEN n.staff_sign_date IS NULL THEN 1 END) AS `unsigned`,
  ROUND(CAST(SUM(n.signed_days) AS DECIMAL(38, 20)) / NULLIF(COUNT(n.signed_days), 0), 2) AS avg_days_to_sign
FROM v_notes_names AS n
WHERE n.date_of_service >= UTC_DATE() - INTERVAL 90 DAY
  AND n.period_start >= UTC_DATE() - INTERVAL 105 DAY
GROUP BY n.caregiver, n.employee_code, n.caregiver_key;
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_notes_last_90_days_by_caregiver` AS
SELECT UTC_DATE() - INTERVAL 90 DAY AS first_day, MAX(n.date_of_service) AS last_service,
  MAX(n.preliminary) AS preliminary,
  n.employee_code, n.caregiver_key,
  COUNT(*) AS row_count,
  COUNT(CASE WHEN n.note_status = 'On Time' THEN 1 END) AS on_time,
  COUNT(CASE WHEN n.note_status = 'Late' THEN 1 END) AS late,
  COUNT(CASE WHEN n.note_status = 'Unbillable' THEN 1 END) AS unbillable,
  COUNT(CASE WHEN n.staff_sign_date IS NULL THEN 1 END) AS `unsigned`,
  ROUND(CAST(SUM(n.signed_days) AS DECIMAL(38, 20)) / NULLIF(COUNT(n.signed_days), 0), 2) AS avg_days_to_sign
FROM v_notes AS n
WHERE n.date_of_service >= UTC_DATE() - INTERVAL 90 DAY
  AND n.period_start >= UTC_DATE() - INTERVAL 105 DAY
GROUP BY n.employee_code, n.caregiver_key;
