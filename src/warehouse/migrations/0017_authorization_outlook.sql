-- Hand-finished after drizzle-kit: only what is not there yet, so that a migration that was cut off is simply run again.
CREATE TABLE IF NOT EXISTS `report_setting` (
	`report` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`figures_are` varchar(13) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	CONSTRAINT `report_setting_report` PRIMARY KEY(`report`)
);
--> statement-breakpoint
-- Written by hand, as 0013_views.sql, which explains the conventions. Dollars of the newest loaded month that lists an
-- authorization, and what they were on earlier days: authorizationOutlook.ts has the same in words and whole numbers, and
-- a test checks that the two are equal.
-- A quotient is worked out to 24 places before it is rounded, so that it is rounded once.
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_authorization_outlook_names` AS
WITH shown AS (
  SELECT p.period_start, p.period_end,
    COALESCE(
      (SELECT MAX(h.load_day) FROM authorization_history AS h
        WHERE h.period_start = p.period_start AND h.run_id = p.run_id),
      DATE(COALESCE(p.exported_at, p.published_at))) AS as_of,
    COALESCE((SELECT MAX(s.figures_are) FROM report_setting AS s WHERE s.report = p.report), 'authorization')
      AS figures_are
  FROM published_period AS p
  WHERE p.report = 'utilization' AND p.run_id IS NOT NULL AND p.period_start = (
    SELECT MAX(n.period_start) FROM published_period AS n WHERE n.report = 'utilization' AND n.run_id IS NOT NULL)
),
item AS (
  SELECT s.period_start, s.period_end, s.as_of, s.figures_are,
    u.authorization_number, u.service_code, u.start_date, MAX(u.end_date) AS end_date,
    COUNT(*) AS row_count, MAX(u.grp) AS grp,
    CASE WHEN MIN(u.client_key) = MAX(u.client_key) THEN MIN(u.client) END AS client,
    CASE WHEN MIN(u.client_key) = MAX(u.client_key) THEN MIN(u.client_code) END AS client_code,
    CASE WHEN MIN(u.client_key) = MAX(u.client_key) THEN NULLIF(MIN(u.client_key), '') END AS client_key,
    CASE WHEN MIN(COALESCE(u.qp_key, '')) = MAX(COALESCE(u.qp_key, '')) THEN MIN(u.qp) END AS qp,
    CASE WHEN MIN(COALESCE(u.qp_key, '')) = MAX(COALESCE(u.qp_key, '')) THEN MIN(u.qp_code) END AS qp_code,
    CASE WHEN MIN(COALESCE(u.qp_key, '')) = MAX(COALESCE(u.qp_key, '')) THEN NULLIF(MIN(u.qp_key), '') END AS qp_key,
    SUM(u.authorized_dollars) AS authorized,
    SUM(COALESCE(u.in_process_dollars, 0.00) + COALESCE(u.billed_dollars, 0.00)) AS used,
    CASE s.figures_are WHEN 'month' THEN GREATEST(u.start_date, s.period_start) ELSE u.start_date END AS figures_from,
    CASE s.figures_are WHEN 'month' THEN LEAST(MAX(u.end_date), s.period_end) ELSE MAX(u.end_date) END AS figures_to
  FROM shown AS s JOIN utilization AS u ON u.period_start = s.period_start
  GROUP BY s.period_start, s.period_end, s.as_of, s.figures_are, u.authorization_number, u.service_code, u.start_date
),
-- A day on which several months were loaded has the figures of the newest.
sample AS (
  SELECT h.authorization_number, h.service_code, h.start_date, h.load_day, h.authorized_dollars AS authorized,
    COALESCE(h.in_process_dollars, 0.00) + COALESCE(h.billed_dollars, 0.00) AS used,
    ROW_NUMBER() OVER (PARTITION BY h.authorization_number, h.service_code, h.start_date, h.load_day
      ORDER BY h.period_start DESC) AS nth
  FROM shown AS s
  JOIN authorization_history AS h ON h.load_day <= s.as_of AND h.period_start <= s.period_start
    AND (s.figures_are = 'authorization' OR h.period_start = s.period_start)
),
step AS (
  SELECT authorization_number, service_code, start_date, load_day, used, authorized,
    LAG(used) OVER (PARTITION BY authorization_number, service_code, start_date ORDER BY load_day) AS used_before,
    LAG(authorized) OVER (PARTITION BY authorization_number, service_code, start_date ORDER BY load_day)
      AS authorized_before,
    ROW_NUMBER() OVER (PARTITION BY authorization_number, service_code, start_date ORDER BY load_day) AS place
  FROM sample WHERE nth = 1
),
-- The loads of four and of eight weeks ago: at most seven days older.
looked AS (
  SELECT i.authorization_number, i.service_code, i.start_date,
    MAX(CASE WHEN t.load_day BETWEEN GREATEST(i.figures_from, i.as_of - INTERVAL 35 DAY)
      AND i.as_of - INTERVAL 28 DAY THEN t.load_day END) AS day_4,
    MAX(CASE WHEN t.load_day BETWEEN GREATEST(i.figures_from, i.as_of - INTERVAL 63 DAY)
      AND i.as_of - INTERVAL 56 DAY THEN t.load_day END) AS day_8,
    MAX(CASE WHEN t.place > 1 AND NOT (t.used <=> t.used_before AND t.authorized <=> t.authorized_before)
      THEN t.load_day END) AS last_change
  FROM item AS i
  LEFT JOIN step AS t ON t.authorization_number = i.authorization_number AND t.service_code = i.service_code
    AND t.start_date = i.start_date
  GROUP BY i.authorization_number, i.service_code, i.start_date
),
-- On the day before the start nothing was used.
measured AS (
  SELECT i.*, l.last_change,
    GREATEST(DATEDIFF(i.figures_to, i.figures_from) + 1, 0) AS days,
    LEAST(GREATEST(DATEDIFF(i.as_of, i.figures_from) + 1, 0),
      GREATEST(DATEDIFF(i.figures_to, i.figures_from) + 1, 0)) AS days_gone,
    CASE WHEN i.as_of < i.figures_from THEN NULL
      WHEN l.day_4 IS NOT NULL THEN DATEDIFF(i.as_of, l.day_4)
      WHEN DATEDIFF(i.as_of, i.figures_from) + 1 <= 35 THEN DATEDIFF(i.as_of, i.figures_from) + 1 END AS days_4,
    i.used - COALESCE(f.used, 0.00) AS used_4,
    CASE WHEN i.as_of < i.figures_from THEN NULL
      WHEN l.day_8 IS NOT NULL THEN DATEDIFF(i.as_of, l.day_8)
      WHEN DATEDIFF(i.as_of, i.figures_from) + 1 <= 63 THEN DATEDIFF(i.as_of, i.figures_from) + 1 END AS days_8,
    i.used - COALESCE(e.used, 0.00) AS used_8
  FROM item AS i
  JOIN looked AS l ON l.authorization_number = i.authorization_number AND l.service_code = i.service_code
    AND l.start_date = i.start_date
  LEFT JOIN sample AS f ON f.authorization_number = i.authorization_number AND f.service_code = i.service_code
    AND f.start_date = i.start_date AND f.load_day = l.day_4 AND f.nth = 1
  LEFT JOIN sample AS e ON e.authorization_number = i.authorization_number AND e.service_code = i.service_code
    AND e.start_date = i.start_date AND e.load_day = l.day_8 AND e.nth = 1
),
-- What was taken back will not go on being taken back.
paced AS (
  SELECT m.*,
    CASE WHEN m.as_of < m.figures_from THEN NULL WHEN m.days_4 IS NOT NULL THEN '4 weeks'
      WHEN m.days_8 IS NOT NULL THEN '8 weeks' ELSE 'start' END AS projected_from,
    COALESCE(m.days_4, m.days_8, DATEDIFF(m.as_of, m.figures_from) + 1) AS pace_days,
    CAST(GREATEST(CASE WHEN m.days_4 IS NOT NULL THEN m.used_4 WHEN m.days_8 IS NOT NULL THEN m.used_8 ELSE m.used END,
      0.00) AS DECIMAL(38, 20)) AS pace
  FROM measured AS m
)
SELECT p.period_start, p.period_end, p.as_of,
  CAST(p.figures_are AS CHAR(13) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS figures_are,
  p.client, p.client_code, p.client_key, p.qp, p.qp_code, p.qp_key, p.service_code,
  CASE WHEN said.services > 0 THEN f.respite IS TRUE END AS is_rci, p.grp + 0 * 10000000000 AS grp,
  p.authorization_number, p.start_date, p.end_date, p.row_count,
  CAST(p.authorized AS DECIMAL(20, 2)) AS authorized_dollars,
  CAST(p.used AS DECIMAL(20, 2)) AS used_dollars,
  CAST(COALESCE(p.authorized, 0.00) - p.used AS DECIMAL(20, 2)) AS not_utilized,
  p.figures_from, p.figures_to,
  GREATEST(DATEDIFF(p.end_date, p.as_of), 0) + 0 * 10000000000 AS days_left,
  CAST(ROUND(CAST(p.days_gone AS DECIMAL(38, 20)) / NULLIF(p.days, 0), 6) AS DECIMAL(14, 6)) AS time_gone,
  CAST(CASE WHEN ABS(ROUND(CAST(p.used AS DECIMAL(38, 20)) / NULLIF(p.authorized, 0), 6)) < 100000000
    THEN ROUND(CAST(p.used AS DECIMAL(38, 20)) / NULLIF(p.authorized, 0), 6) END AS DECIMAL(14, 6)) AS util,
  CAST(ROUND(CAST(p.authorized * p.days_gone AS DECIMAL(38, 20)) / NULLIF(p.days, 0), 2) AS DECIMAL(20, 2))
    AS target_dollars,
  CAST(p.used - ROUND(CAST(p.authorized * p.days_gone AS DECIMAL(38, 20)) / NULLIF(p.days, 0), 2) AS DECIMAL(20, 2))
    AS off_target,
  CAST(ROUND(CAST(p.used_4 * 7 AS DECIMAL(38, 20)) / p.days_4, 2) AS DECIMAL(20, 2)) AS per_week_4,
  p.days_4 + 0 * 10000000000 AS per_week_4_days,
  CAST(ROUND(CAST(p.used_8 * 7 AS DECIMAL(38, 20)) / p.days_8, 2) AS DECIMAL(20, 2)) AS per_week_8,
  p.days_8 + 0 * 10000000000 AS per_week_8_days,
  CAST(p.projected_from AS CHAR(7) CHARACTER SET utf8mb4) COLLATE utf8mb4_bin AS projected_from,
  CAST(CASE WHEN p.projected_from IS NOT NULL THEN p.used + ROUND(p.pace * (p.days - p.days_gone) / p.pace_days, 2) END
    AS DECIMAL(20, 2)) AS projected_use,
  CAST(CASE WHEN p.projected_from IS NOT NULL
    THEN p.authorized - p.used - ROUND(p.pace * (p.days - p.days_gone) / p.pace_days, 2) END AS DECIMAL(20, 2))
    AS projected_unspent,
  CASE WHEN p.authorized <= 0 THEN NULL
    WHEN p.used >= p.authorized THEN LEAST(p.as_of, p.figures_to)
    WHEN p.projected_from IS NOT NULL AND p.pace > 0
      AND (p.authorized - p.used) * p.pace_days <= p.pace * (p.days - p.days_gone)
      THEN p.as_of + INTERVAL CAST(CEILING((p.authorized - p.used) * p.pace_days / p.pace) AS SIGNED) DAY
    END AS projected_exhaustion,
  p.last_change
FROM paced AS p
LEFT JOIN service_setting AS f ON f.service_code = UPPER(p.service_code)
CROSS JOIN (SELECT COUNT(*) AS services FROM service_setting) AS said;
--> statement-breakpoint
CREATE OR REPLACE SQL SECURITY DEFINER VIEW `v_authorization_outlook` AS
SELECT period_start, period_end, as_of, figures_are, client_code, client_key, qp_code, qp_key,
  CASE WHEN grp > 0
    OR CHAR_LENGTH(service_code) <= 12 AND service_code REGEXP '^[A-Za-z0-9]' AND service_code NOT REGEXP '[^A-Za-z0-9 &/-]'
    AND CHAR_LENGTH(REGEXP_REPLACE(service_code, '[^A-Za-z]', '')) <= 4
    THEN LEFT(service_code, 64) ELSE CONCAT('(text, ', CHAR_LENGTH(service_code), ' characters)') END AS service_code,
  is_rci, grp, authorization_number, start_date, end_date, row_count, authorized_dollars, used_dollars, not_utilized,
  figures_from, figures_to, days_left, time_gone, util, target_dollars, off_target, per_week_4, per_week_4_days,
  per_week_8, per_week_8_days, projected_from, projected_use, projected_unspent, projected_exhaustion, last_change
FROM v_authorization_outlook_names;
