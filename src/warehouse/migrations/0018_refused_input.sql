-- Written by hand, as in the views before: a run that was refused for what its caller gave it (no such file, a period of
-- the future) says nothing of the period. ledger.ts has the same condition.
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
  WHERE NOT (outcome = 'failed' AND failure_type <=> 'InvalidInput' AND export_sha256 IS NULL
    AND (source = 'file' OR period_start >= DATE(finished_at)))
) AS r
LEFT JOIN published_period AS p ON p.report = r.report AND p.period_start = r.period_start
WHERE r.nth = 1;
