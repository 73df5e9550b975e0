-- Hand-finished after drizzle-kit: each column only where it is not there yet, so that a migration that was cut off
-- is simply run again.
SET @statement = IF(EXISTS(SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'notes_summary' AND column_name = 'unsigned_notes'), 'DO 0', 'ALTER TABLE `notes_summary` ADD `unsigned_notes` int unsigned');
--> statement-breakpoint
PREPARE add_column FROM @statement;
--> statement-breakpoint
EXECUTE add_column;
--> statement-breakpoint
SET @statement = IF(EXISTS(SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'published_period' AND column_name = 'stale_at'), 'DO 0', 'ALTER TABLE `published_period` ADD `stale_at` datetime(3)');
--> statement-breakpoint
PREPARE add_column FROM @statement;
--> statement-breakpoint
EXECUTE add_column;
--> statement-breakpoint
DEALLOCATE PREPARE add_column;
--> statement-breakpoint
UPDATE `notes_summary` SET `unsigned_notes` = `unsigned` WHERE `unsigned_notes` IS NULL;
--> statement-breakpoint
-- Of the periods that were loaded before this migration, those that any daily run loads again: the one that is due on the
-- day after the export, and newer ones. By the calendar of UTC. How many more it loads is a setting that no table knows;
-- their next load does. A cycle's number counts half months.
UPDATE `published_period` SET `stale_at` = GREATEST(`exported_at`, `period_end` + INTERVAL 1 DAY) + INTERVAL 36 HOUR
WHERE `stale_at` IS NULL AND `run_id` IS NOT NULL AND `exported_at` IS NOT NULL AND CASE `report`
  WHEN 'utilization' THEN PERIOD_DIFF(
    DATE_FORMAT(GREATEST(DATE(`exported_at`), `period_end`) + INTERVAL 1 DAY, '%Y%m'), DATE_FORMAT(`period_start`, '%Y%m')) <= 1
  ELSE 2 * PERIOD_DIFF(
    DATE_FORMAT(GREATEST(DATE(`exported_at`), `period_end`) + INTERVAL 1 DAY, '%Y%m'), DATE_FORMAT(`period_start`, '%Y%m'))
    + (DAY(GREATEST(DATE(`exported_at`), `period_end`) + INTERVAL 1 DAY) > 15) - (DAY(`period_start`) > 15) <= 1
END;
