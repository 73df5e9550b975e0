-- Written by hand: Drizzle knows of no view here, and reads none. docs/tables.md explains the columns, and
-- src/warehouse/readers.ts says who may read which view.
-- CREATE OR REPLACE: a migration that was cut off is simply run again, and so is this file where the account that
-- owns the views has gone.
-- SQL SECURITY DEFINER: whoever may read a view needs no right on the tables. Views without _names show no name, and a
-- service only where it looks like a code (serviceLabels.ts).
-- Month names by ELT: MONTHNAME speaks the language that the reader's session is set to.
-- is_rci follows service_setting, which workers fill from pipeline.yaml: NULL while that says of no service whether it is
-- respite, so that a condition on it finds no row instead of a wrong one.
-- A column has one type in all views: dollars DECIMAL(20, 2), counts BIGINT (on MariaDB a comparison is an INT and a
-- factor of ten digits makes it a BIGINT), flags INT, text utf8mb4_bin.
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_period` AS
SELECT report, period_start, period_end,
  CAST(DATE_FORMAT(period_start, '%Y-%m') AS CHAR(7) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS ym,
  EXTRACT(YEAR FROM period_start) AS year,
  MONTH(period_start) AS month_number,
  CAST(ELT(MONTH(period_start), 'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September',
    'October', 'November', 'December') AS CHAR(9) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS month_name,
  DATE_SUB(period_start, INTERVAL DAY(period_start) - 1 DAY) AS month_start,
  CAST(CASE WHEN report = 'notes' THEN IF(DAY(period_start) = 1, '1-15', '16-eom') END AS CHAR(6) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS billing_cycle,
  COALESCE(preliminary, 0) AS preliminary
FROM published_period
WHERE run_id IS NOT NULL;
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_data_status` AS
SELECT r.report, r.period_start, r.period_end,
  CAST(DATE_FORMAT(r.period_start, '%Y-%m') AS CHAR(7) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS ym,
  EXTRACT(YEAR FROM r.period_start) AS year,
  MONTH(r.period_start) AS month_number,
  CAST(ELT(MONTH(r.period_start), 'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September',
    'October', 'November', 'December') AS CHAR(9) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS month_name,
  DATE_SUB(r.period_start, INTERVAL DAY(r.period_start) - 1 DAY) AS month_start,
  CAST(CASE WHEN r.report = 'notes' THEN IF(DAY(r.period_start) = 1, '1-15', '16-eom') END AS CHAR(6) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS billing_cycle,
  p.run_id AS published_run_id,
  CAST(p.row_count AS SIGNED) AS row_count,
  p.exported_at AS data_as_of,
  GREATEST(TIMESTAMPDIFF(HOUR, p.exported_at, UTC_TIMESTAMP()), 0) AS data_age_hours,
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
  r.rows_rejected AS last_rows_rejected,
  CAST(CASE
    WHEN r.newest_outcome = 'failed' THEN 'failed'
    WHEN r.held_runs > 0 THEN 'held'
    WHEN p.run_id IS NULL THEN 'not loaded'
    WHEN p.stale_at <= UTC_TIMESTAMP(3) THEN 'stale'
    WHEN p.preliminary = 1 THEN 'preliminary'
    ELSE 'settled' END AS CHAR(12) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS state,
  p.stale_at
FROM (
  SELECT run_id, report, period_start, period_end, outcome, failure_type, started_at, finished_at, rows_rejected,
    ROW_NUMBER() OVER (PARTITION BY report, period_start ORDER BY finished_at DESC, run_id) AS nth,
    FIRST_VALUE(outcome) OVER (PARTITION BY report, period_start
      ORDER BY outcome = 'cancelled', finished_at DESC, run_id) AS newest_outcome,
    COUNT(CASE WHEN outcome = 'held' THEN 1 END) OVER (PARTITION BY report, period_start) AS held_runs
  FROM pipeline_run
) AS r
LEFT JOIN published_period AS p ON p.report = r.report AND p.period_start = r.period_start
WHERE r.nth = 1;
--> statement-breakpoint
-- The days that the notes overview looks back on: the 90 that end with the newest loaded billing cycle, as notesWindow.ts
-- has it. No row where no cycle is loaded.
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_last_90_days` AS
SELECT w.first_day, w.last_day,
  CAST(SUM(DATEDIFF(LEAST(p.period_end, w.last_day), GREATEST(p.period_start, w.first_day)) + 1) AS SIGNED)
    AS loaded_days,
  IF(MAX(COALESCE(p.preliminary, 0)) = 1
    OR SUM(DATEDIFF(LEAST(p.period_end, w.last_day), GREATEST(p.period_start, w.first_day)) + 1) < 90, 1, 0)
    AS preliminary
FROM (
  SELECT MAX(period_end) - INTERVAL 89 DAY AS first_day, MAX(period_end) AS last_day
  FROM published_period WHERE report = 'notes' AND run_id IS NOT NULL
) AS w
JOIN published_period AS p ON p.report = 'notes' AND p.run_id IS NOT NULL
  AND p.period_end >= w.first_day AND p.period_start <= w.last_day
GROUP BY w.first_day, w.last_day;
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_utilization_names` AS
SELECT u.period_start, u.period_end, CAST(u.ym AS CHAR(7) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS ym, p.year, p.month_number, p.month_name, p.month_start,
  p.preliminary,
  u.client, u.client_code, NULLIF(u.client_key, '') AS client_key, u.qp, u.qp_code, NULLIF(u.qp_key, '') AS qp_key,
  u.service_code, CASE WHEN said.services > 0 THEN f.respite IS TRUE END AS is_rci, u.grp + 0 * 10000000000 AS grp,
  u.authorization_number, u.start_date, u.end_date,
  u.authorized_units, u.in_process_units, u.billed_units,
  CAST(u.authorized_dollars AS DECIMAL(20, 2)) AS authorized_dollars,
  CAST(u.in_process_dollars AS DECIMAL(20, 2)) AS in_process_dollars,
  CAST(u.billed_dollars AS DECIMAL(20, 2)) AS billed_dollars,
  CAST(COALESCE(u.in_process_dollars, 0) + COALESCE(u.billed_dollars, 0) AS DECIMAL(20, 2)) AS used_dollars,
  CAST(COALESCE(u.authorized_dollars, 0) - COALESCE(u.in_process_dollars, 0) - COALESCE(u.billed_dollars, 0)
    AS DECIMAL(20, 2)) AS not_utilized,
  u.util, u.variance,
  CAST(CASE WHEN u.variance < 0 THEN u.variance WHEN u.variance >= 0 THEN 0.00 END AS DECIMAL(20, 2)) AS under_dollars,
  CAST(CASE WHEN u.variance > 0 THEN u.variance WHEN u.variance <= 0 THEN 0.00 END AS DECIMAL(20, 2)) AS over_dollars,
  CAST(CASE WHEN u.variance < 0 THEN 'Under' WHEN u.variance > 0 THEN 'Over' WHEN u.variance = 0 THEN 'Even' END AS CHAR(5) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin
    AS under_over,
  u.variance_billed, u.source_line, u.run_id
FROM utilization AS u
LEFT JOIN v_period AS p ON p.report = 'utilization' AND p.period_start = u.period_start
LEFT JOIN service_setting AS f ON f.service_code = UPPER(u.service_code)
CROSS JOIN (SELECT COUNT(*) AS services FROM service_setting) AS said;
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_utilization` AS
SELECT period_start, period_end, ym, year, month_number, month_name, month_start, preliminary,
  client_code, client_key, qp_code, qp_key,
  CASE WHEN grp > 0
    OR CHAR_LENGTH(service_code) <= 12 AND service_code REGEXP '^[A-Za-z0-9]' AND service_code NOT REGEXP '[^A-Za-z0-9 &/-]'
    AND CHAR_LENGTH(REGEXP_REPLACE(service_code, '[^A-Za-z]', '')) <= 4
    THEN LEFT(service_code, 64) ELSE CONCAT('(text, ', CHAR_LENGTH(service_code), ' characters)') END AS service_code, is_rci, grp, authorization_number, start_date, end_date,
  authorized_units, in_process_units, billed_units, authorized_dollars, in_process_dollars, billed_dollars,
  used_dollars, not_utilized, util, variance, under_dollars, over_dollars, under_over, variance_billed,
  source_line, run_id
FROM v_utilization_names;
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_notes_names` AS
SELECT n.period_start, n.period_end, CAST(n.ym AS CHAR(7) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS ym, p.year, p.month_number, p.month_name, p.month_start,
  n.billing_cycle, p.preliminary,
  n.client, n.client_code, NULLIF(n.client_key, '') AS client_key,
  n.caregiver, n.employee_code, NULLIF(n.caregiver_key, '') AS caregiver_key,
  n.client_supervisor, n.supervisor_code, NULLIF(n.supervisor_key, '') AS supervisor_key,
  n.service_code, CASE WHEN said.services > 0 THEN f.respite IS TRUE END AS is_rci, n.grp + 0 * 10000000000 AS grp,
  n.date_of_service, DATEDIFF(UTC_DATE(), n.date_of_service) AS days_ago,
  n.staff_sign_date, n.staff_signed_at, n.days_to_sign,
  CASE WHEN n.staff_sign_date IS NOT NULL THEN n.days_to_sign END AS signed_days,
  n.note_status,
  CASE n.note_status WHEN 'On Time' THEN 1 WHEN 'Late' THEN 2 ELSE 3 END AS note_status_order,
  (n.note_status = 'On Time') + 0 * 10000000000 AS on_time,
  (n.note_status = 'Late') + 0 * 10000000000 AS late,
  (n.note_status = 'Unbillable') + 0 * 10000000000 AS unbillable,
  (n.staff_sign_date IS NULL) + 0 * 10000000000 AS `unsigned`,
  n.source_line, n.run_id,
  n.staff_sign_date IS NULL AS is_unsigned,
  COALESCE(n.date_of_service BETWEEN w.first_day AND w.last_day, 0) AS in_last_90_days
FROM notes AS n
LEFT JOIN v_period AS p ON p.report = 'notes' AND p.period_start = n.period_start
LEFT JOIN v_last_90_days AS w ON 1 = 1
LEFT JOIN service_setting AS f ON f.service_code = UPPER(n.service_code)
CROSS JOIN (SELECT COUNT(*) AS services FROM service_setting) AS said;
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_notes` AS
SELECT period_start, period_end, ym, year, month_number, month_name, month_start, billing_cycle, preliminary,
  client_code, client_key, employee_code, caregiver_key, supervisor_code, supervisor_key,
  CASE WHEN grp > 0
    OR CHAR_LENGTH(service_code) <= 12 AND service_code REGEXP '^[A-Za-z0-9]' AND service_code NOT REGEXP '[^A-Za-z0-9 &/-]'
    AND CHAR_LENGTH(REGEXP_REPLACE(service_code, '[^A-Za-z]', '')) <= 4
    THEN LEFT(service_code, 64) ELSE CONCAT('(text, ', CHAR_LENGTH(service_code), ' characters)') END AS service_code, is_rci, grp, date_of_service, days_ago, staff_sign_date, staff_signed_at,
  days_to_sign, signed_days, note_status, note_status_order, on_time, late, unbillable, `unsigned`, source_line, run_id,
  is_unsigned, in_last_90_days
FROM v_notes_names;
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_utilization_by_month` AS
SELECT s.period_start, p.period_end, CAST(s.ym AS CHAR(7) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS ym, p.year, p.month_number, p.month_name, p.month_start,
  COALESCE(s.preliminary, 0) AS preliminary,
  CAST(s.row_count AS SIGNED) AS row_count,
  CAST(s.authorized_dollars AS DECIMAL(20, 2)) AS authorized_dollars,
  CAST(s.in_process_dollars AS DECIMAL(20, 2)) AS in_process_dollars,
  CAST(s.billed_dollars AS DECIMAL(20, 2)) AS billed_dollars,
  CAST(s.in_process_dollars + s.billed_dollars AS DECIMAL(20, 2)) AS used_dollars,
  CAST(s.not_utilized AS DECIMAL(20, 2)) AS not_utilized,
  CAST(s.under_dollars AS DECIMAL(20, 2)) AS under_dollars,
  CAST(s.over_dollars AS DECIMAL(20, 2)) AS over_dollars, s.util, s.avg_util
FROM utilization_summary AS s
LEFT JOIN v_period AS p ON p.report = 'utilization' AND p.period_start = s.period_start
WHERE s.dimension = 'total';
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_utilization_by_group` AS
SELECT s.period_start, p.period_end, CAST(s.ym AS CHAR(7) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS ym, p.year, p.month_number, p.month_name, p.month_start,
  COALESCE(s.preliminary, 0) AS preliminary,
  CAST(s.member AS SIGNED) + 0 * 10000000000 AS grp,
  CAST(s.row_count AS SIGNED) AS row_count,
  CAST(s.authorized_dollars AS DECIMAL(20, 2)) AS authorized_dollars,
  CAST(s.in_process_dollars AS DECIMAL(20, 2)) AS in_process_dollars,
  CAST(s.billed_dollars AS DECIMAL(20, 2)) AS billed_dollars,
  CAST(s.in_process_dollars + s.billed_dollars AS DECIMAL(20, 2)) AS used_dollars,
  CAST(s.not_utilized AS DECIMAL(20, 2)) AS not_utilized,
  CAST(s.under_dollars AS DECIMAL(20, 2)) AS under_dollars,
  CAST(s.over_dollars AS DECIMAL(20, 2)) AS over_dollars, s.util, s.avg_util
FROM utilization_summary AS s
LEFT JOIN v_period AS p ON p.report = 'utilization' AND p.period_start = s.period_start
WHERE s.dimension = 'grp';
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_utilization_by_service_names` AS
SELECT s.period_start, p.period_end, CAST(s.ym AS CHAR(7) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS ym, p.year, p.month_number, p.month_name, p.month_start,
  COALESCE(s.preliminary, 0) AS preliminary,
  CAST(s.member AS CHAR(64) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS service_code, CASE WHEN said.services > 0 THEN f.respite IS TRUE END AS is_rci,
  CAST(s.row_count AS SIGNED) AS row_count,
  CAST(s.authorized_dollars AS DECIMAL(20, 2)) AS authorized_dollars,
  CAST(s.in_process_dollars AS DECIMAL(20, 2)) AS in_process_dollars,
  CAST(s.billed_dollars AS DECIMAL(20, 2)) AS billed_dollars,
  CAST(s.in_process_dollars + s.billed_dollars AS DECIMAL(20, 2)) AS used_dollars,
  CAST(s.not_utilized AS DECIMAL(20, 2)) AS not_utilized,
  CAST(s.under_dollars AS DECIMAL(20, 2)) AS under_dollars,
  CAST(s.over_dollars AS DECIMAL(20, 2)) AS over_dollars, s.util, s.avg_util
FROM utilization_summary AS s
LEFT JOIN v_period AS p ON p.report = 'utilization' AND p.period_start = s.period_start
LEFT JOIN service_setting AS f ON f.service_code = UPPER(s.member)
CROSS JOIN (SELECT COUNT(*) AS services FROM service_setting) AS said
WHERE s.dimension = 'service';
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_utilization_by_service` AS
SELECT s.period_start, p.period_end, CAST(s.ym AS CHAR(7) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS ym, p.year, p.month_number, p.month_name, p.month_start,
  COALESCE(s.preliminary, 0) AS preliminary,
  CASE WHEN EXISTS (
      SELECT 1 FROM utilization AS r WHERE r.period_start = s.period_start AND r.service_code = s.member AND r.grp > 0)
    OR CHAR_LENGTH(s.member) <= 12 AND s.member REGEXP '^[A-Za-z0-9]' AND s.member NOT REGEXP '[^A-Za-z0-9 &/-]'
    AND CHAR_LENGTH(REGEXP_REPLACE(s.member, '[^A-Za-z]', '')) <= 4
    THEN LEFT(s.member, 64) ELSE CONCAT('(text, ', CHAR_LENGTH(s.member), ' characters)') END AS service_code,
  CASE WHEN said.services > 0 THEN f.respite IS TRUE END AS is_rci,
  CAST(s.row_count AS SIGNED) AS row_count,
  CAST(s.authorized_dollars AS DECIMAL(20, 2)) AS authorized_dollars,
  CAST(s.in_process_dollars AS DECIMAL(20, 2)) AS in_process_dollars,
  CAST(s.billed_dollars AS DECIMAL(20, 2)) AS billed_dollars,
  CAST(s.in_process_dollars + s.billed_dollars AS DECIMAL(20, 2)) AS used_dollars,
  CAST(s.not_utilized AS DECIMAL(20, 2)) AS not_utilized,
  CAST(s.under_dollars AS DECIMAL(20, 2)) AS under_dollars,
  CAST(s.over_dollars AS DECIMAL(20, 2)) AS over_dollars, s.util, s.avg_util
FROM utilization_summary AS s
LEFT JOIN v_period AS p ON p.report = 'utilization' AND p.period_start = s.period_start
LEFT JOIN service_setting AS f ON f.service_code = UPPER(s.member)
CROSS JOIN (SELECT COUNT(*) AS services FROM service_setting) AS said
WHERE s.dimension = 'service';
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_utilization_by_qp_names` AS
SELECT s.period_start, p.period_end, CAST(s.ym AS CHAR(7) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS ym, p.year, p.month_number, p.month_name, p.month_start,
  COALESCE(s.preliminary, 0) AS preliminary,
  NULLIF(s.member, '') AS qp, s.member_code AS qp_code, NULLIF(s.member_key, '') AS qp_key,
  CAST(s.row_count AS SIGNED) AS row_count,
  CAST(s.authorized_dollars AS DECIMAL(20, 2)) AS authorized_dollars,
  CAST(s.in_process_dollars AS DECIMAL(20, 2)) AS in_process_dollars,
  CAST(s.billed_dollars AS DECIMAL(20, 2)) AS billed_dollars,
  CAST(s.in_process_dollars + s.billed_dollars AS DECIMAL(20, 2)) AS used_dollars,
  CAST(s.not_utilized AS DECIMAL(20, 2)) AS not_utilized,
  CAST(s.under_dollars AS DECIMAL(20, 2)) AS under_dollars,
  CAST(s.over_dollars AS DECIMAL(20, 2)) AS over_dollars, s.util, s.avg_util
FROM utilization_summary AS s
LEFT JOIN v_period AS p ON p.report = 'utilization' AND p.period_start = s.period_start
WHERE s.dimension = 'qp';
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_utilization_by_qp` AS
SELECT s.period_start, p.period_end, CAST(s.ym AS CHAR(7) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS ym, p.year, p.month_number, p.month_name, p.month_start,
  COALESCE(s.preliminary, 0) AS preliminary,
  s.member_code AS qp_code, NULLIF(s.member_key, '') AS qp_key,
  CAST(s.row_count AS SIGNED) AS row_count,
  CAST(s.authorized_dollars AS DECIMAL(20, 2)) AS authorized_dollars,
  CAST(s.in_process_dollars AS DECIMAL(20, 2)) AS in_process_dollars,
  CAST(s.billed_dollars AS DECIMAL(20, 2)) AS billed_dollars,
  CAST(s.in_process_dollars + s.billed_dollars AS DECIMAL(20, 2)) AS used_dollars,
  CAST(s.not_utilized AS DECIMAL(20, 2)) AS not_utilized,
  CAST(s.under_dollars AS DECIMAL(20, 2)) AS under_dollars,
  CAST(s.over_dollars AS DECIMAL(20, 2)) AS over_dollars, s.util, s.avg_util
FROM utilization_summary AS s
LEFT JOIN v_period AS p ON p.report = 'utilization' AND p.period_start = s.period_start
WHERE s.dimension = 'qp';
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_utilization_by_client_names` AS
SELECT s.period_start, p.period_end, CAST(s.ym AS CHAR(7) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS ym, p.year, p.month_number, p.month_name, p.month_start,
  COALESCE(s.preliminary, 0) AS preliminary,
  NULLIF(s.member, '') AS client, s.member_code AS client_code, NULLIF(s.member_key, '') AS client_key,
  CAST(s.row_count AS SIGNED) AS row_count,
  CAST(s.authorized_dollars AS DECIMAL(20, 2)) AS authorized_dollars,
  CAST(s.in_process_dollars AS DECIMAL(20, 2)) AS in_process_dollars,
  CAST(s.billed_dollars AS DECIMAL(20, 2)) AS billed_dollars,
  CAST(s.in_process_dollars + s.billed_dollars AS DECIMAL(20, 2)) AS used_dollars,
  CAST(s.not_utilized AS DECIMAL(20, 2)) AS not_utilized,
  CAST(s.under_dollars AS DECIMAL(20, 2)) AS under_dollars,
  CAST(s.over_dollars AS DECIMAL(20, 2)) AS over_dollars, s.util, s.avg_util
FROM utilization_summary AS s
LEFT JOIN v_period AS p ON p.report = 'utilization' AND p.period_start = s.period_start
WHERE s.dimension = 'client';
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_utilization_by_client` AS
SELECT s.period_start, p.period_end, CAST(s.ym AS CHAR(7) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS ym, p.year, p.month_number, p.month_name, p.month_start,
  COALESCE(s.preliminary, 0) AS preliminary,
  s.member_code AS client_code, NULLIF(s.member_key, '') AS client_key,
  CAST(s.row_count AS SIGNED) AS row_count,
  CAST(s.authorized_dollars AS DECIMAL(20, 2)) AS authorized_dollars,
  CAST(s.in_process_dollars AS DECIMAL(20, 2)) AS in_process_dollars,
  CAST(s.billed_dollars AS DECIMAL(20, 2)) AS billed_dollars,
  CAST(s.in_process_dollars + s.billed_dollars AS DECIMAL(20, 2)) AS used_dollars,
  CAST(s.not_utilized AS DECIMAL(20, 2)) AS not_utilized,
  CAST(s.under_dollars AS DECIMAL(20, 2)) AS under_dollars,
  CAST(s.over_dollars AS DECIMAL(20, 2)) AS over_dollars, s.util, s.avg_util
FROM utilization_summary AS s
LEFT JOIN v_period AS p ON p.report = 'utilization' AND p.period_start = s.period_start
WHERE s.dimension = 'client';
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_notes_by_cycle` AS
SELECT s.period_start, p.period_end, CAST(s.ym AS CHAR(7) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS ym, p.year, p.month_number, p.month_name, p.month_start,
  p.billing_cycle, COALESCE(s.preliminary, 0) AS preliminary,
  CAST(s.row_count AS SIGNED) AS row_count, CAST(s.on_time AS SIGNED) AS on_time, CAST(s.late AS SIGNED) AS late,
  CAST(s.unbillable AS SIGNED) AS unbillable,
  CAST(COALESCE(s.unsigned_notes, s.`unsigned`) AS SIGNED) AS `unsigned`,
  s.avg_days_to_sign,
  CAST(COALESCE(s.unsigned_notes, s.`unsigned`) AS SIGNED) AS unsigned_notes
FROM notes_summary AS s
LEFT JOIN v_period AS p ON p.report = 'notes' AND p.period_start = s.period_start
WHERE s.dimension = 'total';
--> statement-breakpoint
-- Every month of which a billing cycle is loaded, and preliminary until both of them are. An average over two cycles
-- cannot be made of their averages, so this one adds the rows up. With twenty decimals the division cannot round up to a
-- half that ROUND would then take for one, whatever the session's precision of divisions.
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_notes_by_month` AS
SELECT p.ym, p.year, p.month_number, p.month_name, p.month_start,
  IF(MAX(p.preliminary) = 1 OR COUNT(DISTINCT p.period_start) < 2, 1, 0) AS preliminary,
  COUNT(n.source_line) AS row_count,
  COUNT(CASE WHEN n.note_status = 'On Time' THEN 1 END) AS on_time,
  COUNT(CASE WHEN n.note_status = 'Late' THEN 1 END) AS late,
  COUNT(CASE WHEN n.note_status = 'Unbillable' THEN 1 END) AS unbillable,
  COUNT(CASE WHEN n.note_status IS NOT NULL AND n.staff_sign_date IS NULL THEN 1 END) AS `unsigned`,
  CAST(ROUND(CAST(SUM(CASE WHEN n.staff_sign_date IS NOT NULL THEN n.days_to_sign END) AS DECIMAL(38, 20))
    / NULLIF(COUNT(CASE WHEN n.staff_sign_date IS NOT NULL THEN n.days_to_sign END), 0), 2) AS DECIMAL(8, 2))
    AS avg_days_to_sign,
  COUNT(CASE WHEN n.note_status IS NOT NULL AND n.staff_sign_date IS NULL THEN 1 END) AS unsigned_notes,
  COUNT(DISTINCT p.period_start) AS loaded_cycles
FROM v_period AS p
LEFT JOIN notes AS n ON n.period_start = p.period_start
WHERE p.report = 'notes'
GROUP BY p.ym, p.year, p.month_number, p.month_name, p.month_start;
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_notes_by_service_names` AS
SELECT s.period_start, p.period_end, CAST(s.ym AS CHAR(7) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS ym, p.year, p.month_number, p.month_name, p.month_start,
  p.billing_cycle, COALESCE(s.preliminary, 0) AS preliminary,
  CAST(s.member AS CHAR(64) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS service_code,
  CAST(s.row_count AS SIGNED) AS row_count, CAST(s.on_time AS SIGNED) AS on_time, CAST(s.late AS SIGNED) AS late,
  CAST(s.unbillable AS SIGNED) AS unbillable,
  CAST(COALESCE(s.unsigned_notes, s.`unsigned`) AS SIGNED) AS `unsigned`,
  s.avg_days_to_sign,
  CAST(COALESCE(s.unsigned_notes, s.`unsigned`) AS SIGNED) AS unsigned_notes
FROM notes_summary AS s
LEFT JOIN v_period AS p ON p.report = 'notes' AND p.period_start = s.period_start
WHERE s.dimension = 'service';
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_notes_by_service` AS
SELECT s.period_start, p.period_end, CAST(s.ym AS CHAR(7) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS ym, p.year, p.month_number, p.month_name, p.month_start,
  p.billing_cycle, COALESCE(s.preliminary, 0) AS preliminary,
  CASE WHEN EXISTS (
      SELECT 1 FROM notes AS r WHERE r.period_start = s.period_start AND r.service_code = s.member AND r.grp > 0)
    OR CHAR_LENGTH(s.member) <= 12 AND s.member REGEXP '^[A-Za-z0-9]' AND s.member NOT REGEXP '[^A-Za-z0-9 &/-]'
    AND CHAR_LENGTH(REGEXP_REPLACE(s.member, '[^A-Za-z]', '')) <= 4
    THEN LEFT(s.member, 64) ELSE CONCAT('(text, ', CHAR_LENGTH(s.member), ' characters)') END AS service_code,
  CAST(s.row_count AS SIGNED) AS row_count, CAST(s.on_time AS SIGNED) AS on_time, CAST(s.late AS SIGNED) AS late,
  CAST(s.unbillable AS SIGNED) AS unbillable,
  CAST(COALESCE(s.unsigned_notes, s.`unsigned`) AS SIGNED) AS `unsigned`,
  s.avg_days_to_sign,
  CAST(COALESCE(s.unsigned_notes, s.`unsigned`) AS SIGNED) AS unsigned_notes
FROM notes_summary AS s
LEFT JOIN v_period AS p ON p.report = 'notes' AND p.period_start = s.period_start
WHERE s.dimension = 'service';
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_notes_by_caregiver_names` AS
SELECT s.period_start, p.period_end, CAST(s.ym AS CHAR(7) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS ym, p.year, p.month_number, p.month_name, p.month_start,
  p.billing_cycle, COALESCE(s.preliminary, 0) AS preliminary,
  NULLIF(s.member, '') AS caregiver, s.member_code AS employee_code, NULLIF(s.member_key, '') AS caregiver_key,
  CAST(s.row_count AS SIGNED) AS row_count, CAST(s.on_time AS SIGNED) AS on_time, CAST(s.late AS SIGNED) AS late,
  CAST(s.unbillable AS SIGNED) AS unbillable,
  CAST(COALESCE(s.unsigned_notes, s.`unsigned`) AS SIGNED) AS `unsigned`,
  s.avg_days_to_sign,
  CAST(COALESCE(s.unsigned_notes, s.`unsigned`) AS SIGNED) AS unsigned_notes
FROM notes_summary AS s
LEFT JOIN v_period AS p ON p.report = 'notes' AND p.period_start = s.period_start
WHERE s.dimension = 'caregiver';
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_notes_by_caregiver` AS
SELECT s.period_start, p.period_end, CAST(s.ym AS CHAR(7) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS ym, p.year, p.month_number, p.month_name, p.month_start,
  p.billing_cycle, COALESCE(s.preliminary, 0) AS preliminary,
  s.member_code AS employee_code, NULLIF(s.member_key, '') AS caregiver_key,
  CAST(s.row_count AS SIGNED) AS row_count, CAST(s.on_time AS SIGNED) AS on_time, CAST(s.late AS SIGNED) AS late,
  CAST(s.unbillable AS SIGNED) AS unbillable,
  CAST(COALESCE(s.unsigned_notes, s.`unsigned`) AS SIGNED) AS `unsigned`,
  s.avg_days_to_sign,
  CAST(COALESCE(s.unsigned_notes, s.`unsigned`) AS SIGNED) AS unsigned_notes
FROM notes_summary AS s
LEFT JOIN v_period AS p ON p.report = 'notes' AND p.period_start = s.period_start
WHERE s.dimension = 'caregiver';
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_notes_by_supervisor_names` AS
SELECT s.period_start, p.period_end, CAST(s.ym AS CHAR(7) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS ym, p.year, p.month_number, p.month_name, p.month_start,
  p.billing_cycle, COALESCE(s.preliminary, 0) AS preliminary,
  NULLIF(s.member, '') AS client_supervisor, s.member_code AS supervisor_code, NULLIF(s.member_key, '') AS supervisor_key,
  CAST(s.row_count AS SIGNED) AS row_count, CAST(s.on_time AS SIGNED) AS on_time, CAST(s.late AS SIGNED) AS late,
  CAST(s.unbillable AS SIGNED) AS unbillable,
  CAST(COALESCE(s.unsigned_notes, s.`unsigned`) AS SIGNED) AS `unsigned`,
  s.avg_days_to_sign,
  CAST(COALESCE(s.unsigned_notes, s.`unsigned`) AS SIGNED) AS unsigned_notes
FROM notes_summary AS s
LEFT JOIN v_period AS p ON p.report = 'notes' AND p.period_start = s.period_start
WHERE s.dimension = 'supervisor';
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_notes_by_supervisor` AS
SELECT s.period_start, p.period_end, CAST(s.ym AS CHAR(7) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS ym, p.year, p.month_number, p.month_name, p.month_start,
  p.billing_cycle, COALESCE(s.preliminary, 0) AS preliminary,
  s.member_code AS supervisor_code, NULLIF(s.member_key, '') AS supervisor_key,
  CAST(s.row_count AS SIGNED) AS row_count, CAST(s.on_time AS SIGNED) AS on_time, CAST(s.late AS SIGNED) AS late,
  CAST(s.unbillable AS SIGNED) AS unbillable,
  CAST(COALESCE(s.unsigned_notes, s.`unsigned`) AS SIGNED) AS `unsigned`,
  s.avg_days_to_sign,
  CAST(COALESCE(s.unsigned_notes, s.`unsigned`) AS SIGNED) AS unsigned_notes
FROM notes_summary AS s
LEFT JOIN v_period AS p ON p.report = 'notes' AND p.period_start = s.period_start
WHERE s.dimension = 'supervisor';
--> statement-breakpoint
-- One row where a billing cycle is loaded, even one without notes, else none. A day of service lies at most 15 days
-- behind the first day of its period: with the second condition the server reads only the periods that matter.
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_notes_last_90_days` AS
SELECT w.first_day, MAX(n.date_of_service) AS last_service, w.preliminary,
  COUNT(n.source_line) AS row_count,
  COUNT(CASE WHEN n.note_status = 'On Time' THEN 1 END) AS on_time,
  COUNT(CASE WHEN n.note_status = 'Late' THEN 1 END) AS late,
  COUNT(CASE WHEN n.note_status = 'Unbillable' THEN 1 END) AS unbillable,
  COUNT(CASE WHEN n.note_status IS NOT NULL AND n.staff_sign_date IS NULL THEN 1 END) AS `unsigned`,
  CAST(ROUND(CAST(SUM(CASE WHEN n.staff_sign_date IS NOT NULL THEN n.days_to_sign END) AS DECIMAL(38, 20))
    / NULLIF(COUNT(CASE WHEN n.staff_sign_date IS NOT NULL THEN n.days_to_sign END), 0), 2) AS DECIMAL(8, 2))
    AS avg_days_to_sign,
  COUNT(CASE WHEN n.note_status IS NOT NULL AND n.staff_sign_date IS NULL THEN 1 END) AS unsigned_notes,
  w.last_day, w.loaded_days
FROM v_last_90_days AS w
LEFT JOIN notes AS n ON n.date_of_service BETWEEN w.first_day AND w.last_day
  AND n.period_start BETWEEN w.first_day - INTERVAL 15 DAY AND w.last_day
GROUP BY w.first_day, w.last_day, w.loaded_days, w.preliminary;
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_notes_last_90_days_by_caregiver_names` AS
SELECT w.first_day, MAX(n.date_of_service) AS last_service, w.preliminary,
  n.caregiver, n.employee_code, NULLIF(n.caregiver_key, '') AS caregiver_key,
  COUNT(n.source_line) AS row_count,
  COUNT(CASE WHEN n.note_status = 'On Time' THEN 1 END) AS on_time,
  COUNT(CASE WHEN n.note_status = 'Late' THEN 1 END) AS late,
  COUNT(CASE WHEN n.note_status = 'Unbillable' THEN 1 END) AS unbillable,
  COUNT(CASE WHEN n.note_status IS NOT NULL AND n.staff_sign_date IS NULL THEN 1 END) AS `unsigned`,
  CAST(ROUND(CAST(SUM(CASE WHEN n.staff_sign_date IS NOT NULL THEN n.days_to_sign END) AS DECIMAL(38, 20))
    / NULLIF(COUNT(CASE WHEN n.staff_sign_date IS NOT NULL THEN n.days_to_sign END), 0), 2) AS DECIMAL(8, 2))
    AS avg_days_to_sign,
  COUNT(CASE WHEN n.note_status IS NOT NULL AND n.staff_sign_date IS NULL THEN 1 END) AS unsigned_notes,
  w.last_day, w.loaded_days
FROM v_last_90_days AS w
JOIN notes AS n ON n.date_of_service BETWEEN w.first_day AND w.last_day
  AND n.period_start BETWEEN w.first_day - INTERVAL 15 DAY AND w.last_day
GROUP BY w.first_day, w.last_day, w.loaded_days, w.preliminary, n.caregiver, n.employee_code, n.caregiver_key;
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_notes_last_90_days_by_caregiver` AS
SELECT w.first_day, MAX(n.date_of_service) AS last_service, w.preliminary,
  n.employee_code, NULLIF(n.caregiver_key, '') AS caregiver_key,
  COUNT(n.source_line) AS row_count,
  COUNT(CASE WHEN n.note_status = 'On Time' THEN 1 END) AS on_time,
  COUNT(CASE WHEN n.note_status = 'Late' THEN 1 END) AS late,
  COUNT(CASE WHEN n.note_status = 'Unbillable' THEN 1 END) AS unbillable,
  COUNT(CASE WHEN n.note_status IS NOT NULL AND n.staff_sign_date IS NULL THEN 1 END) AS `unsigned`,
  CAST(ROUND(CAST(SUM(CASE WHEN n.staff_sign_date IS NOT NULL THEN n.days_to_sign END) AS DECIMAL(38, 20))
    / NULLIF(COUNT(CASE WHEN n.staff_sign_date IS NOT NULL THEN n.days_to_sign END), 0), 2) AS DECIMAL(8, 2))
    AS avg_days_to_sign,
  COUNT(CASE WHEN n.note_status IS NOT NULL AND n.staff_sign_date IS NULL THEN 1 END) AS unsigned_notes,
  w.last_day, w.loaded_days
FROM v_last_90_days AS w
JOIN notes AS n ON n.date_of_service BETWEEN w.first_day AND w.last_day
  AND n.period_start BETWEEN w.first_day - INTERVAL 15 DAY AND w.last_day
GROUP BY w.first_day, w.last_day, w.loaded_days, w.preliminary, n.employee_code, n.caregiver_key;
