-- Hand-finished after drizzle-kit: one ALTER a table, which happens whole or not at all, and only where its
-- columns are not there yet. So a migration that was cut off between two tables is simply run again; MySQL has no
-- ADD COLUMN IF NOT EXISTS.
SET @statement = IF(EXISTS(SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'pipeline_run' AND column_name = 'restored_run_id'), 'DO 0', 'ALTER TABLE `pipeline_run`
	ADD `exported_at` datetime(3),
	ADD `preliminary` boolean,
	ADD `published_at` datetime(3),
	ADD `held_because` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	ADD `changes` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	ADD `files` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	ADD `superseded_by` char(36) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	ADD `decision_kind` varchar(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	ADD `decided_at` datetime(3),
	ADD `decided_by` varchar(320) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	ADD `decision_reason` varchar(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	ADD `restored_run_id` char(36) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
--> statement-breakpoint
PREPARE add_columns FROM @statement;
--> statement-breakpoint
EXECUTE add_columns;
--> statement-breakpoint
SET @statement = IF(EXISTS(SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'published_period' AND column_name = 'unpinned_by'), 'DO 0', 'ALTER TABLE `published_period`
	ADD `exported_at` datetime(3),
	ADD `preliminary` boolean,
	ADD `pinned_at` datetime(3),
	ADD `pinned_by` varchar(320) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	ADD `pin_reason` varchar(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	ADD `unpinned_at` datetime(3),
	ADD `unpinned_by` varchar(320) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
--> statement-breakpoint
PREPARE add_columns FROM @statement;
--> statement-breakpoint
EXECUTE add_columns;
--> statement-breakpoint
SET @statement = IF(EXISTS(SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'utilization_summary' AND column_name = 'preliminary'), 'DO 0', 'ALTER TABLE `utilization_summary` ADD `preliminary` boolean DEFAULT false NOT NULL');
--> statement-breakpoint
PREPARE add_columns FROM @statement;
--> statement-breakpoint
EXECUTE add_columns;
--> statement-breakpoint
SET @statement = IF(EXISTS(SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'notes_summary' AND column_name = 'preliminary'), 'DO 0', 'ALTER TABLE `notes_summary` ADD `preliminary` boolean DEFAULT false NOT NULL');
--> statement-breakpoint
PREPARE add_columns FROM @statement;
--> statement-breakpoint
EXECUTE add_columns;
--> statement-breakpoint
DEALLOCATE PREPARE add_columns;
--> statement-breakpoint
-- What was published before this migration came to be shown when its run ended.
UPDATE `pipeline_run` SET `published_at` = `finished_at` WHERE `outcome` = 'published' AND `published_at` IS NULL;
