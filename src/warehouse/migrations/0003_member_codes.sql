-- Hand-finished after drizzle-kit: each column only where it is not there yet, so that a migration that was cut off
-- is simply run again.
SET @statement = IF(EXISTS(SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'utilization_summary' AND column_name = 'member_code'), 'DO 0', 'ALTER TABLE `utilization_summary` ADD `member_code` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
--> statement-breakpoint
PREPARE add_column FROM @statement;
--> statement-breakpoint
EXECUTE add_column;
--> statement-breakpoint
SET @statement = IF(EXISTS(SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'notes_summary' AND column_name = 'member_code'), 'DO 0', 'ALTER TABLE `notes_summary` ADD `member_code` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
--> statement-breakpoint
PREPARE add_column FROM @statement;
--> statement-breakpoint
EXECUTE add_column;
--> statement-breakpoint
DEALLOCATE PREPARE add_column;
--> statement-breakpoint
-- Roll-ups of periods that were loaded before this migration take the codes from the rows of their period.
UPDATE `utilization_summary` AS s JOIN (SELECT `period_start`, `qp_key`, MIN(`qp_code`) AS `code` FROM `utilization` GROUP BY `period_start`, `qp_key`) AS r ON r.`period_start` = s.`period_start` AND r.`qp_key` = s.`member_key` SET s.`member_code` = r.`code` WHERE s.`dimension` = 'qp' AND s.`member_code` IS NULL;
--> statement-breakpoint
UPDATE `utilization_summary` AS s JOIN (SELECT `period_start`, `client_key`, MIN(`client_code`) AS `code` FROM `utilization` GROUP BY `period_start`, `client_key`) AS r ON r.`period_start` = s.`period_start` AND r.`client_key` = s.`member_key` SET s.`member_code` = r.`code` WHERE s.`dimension` = 'client' AND s.`member_code` IS NULL;
--> statement-breakpoint
UPDATE `notes_summary` AS s JOIN (SELECT `period_start`, `caregiver_key`, MIN(`employee_code`) AS `code` FROM `notes` GROUP BY `period_start`, `caregiver_key`) AS r ON r.`period_start` = s.`period_start` AND r.`caregiver_key` = s.`member_key` SET s.`member_code` = r.`code` WHERE s.`dimension` = 'caregiver' AND s.`member_code` IS NULL;
--> statement-breakpoint
UPDATE `notes_summary` AS s JOIN (SELECT `period_start`, `supervisor_key`, MIN(`supervisor_code`) AS `code` FROM `notes` GROUP BY `period_start`, `supervisor_key`) AS r ON r.`period_start` = s.`period_start` AND r.`supervisor_key` = s.`member_key` SET s.`member_code` = r.`code` WHERE s.`dimension` = 'supervisor' AND s.`member_code` IS NULL;
