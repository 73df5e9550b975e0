-- Hand-finished after drizzle-kit: only what is not there yet, so that a migration that was cut off is simply run again.
CREATE TABLE IF NOT EXISTS `authorization_history` (
	`period_start` date NOT NULL,
	`load_day` date NOT NULL,
	`authorization_number` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`service_code` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`start_date` date NOT NULL,
	`end_date` date NOT NULL,
	`row_count` int unsigned NOT NULL,
	`authorized_units` decimal(18,4),
	`in_process_units` decimal(18,4),
	`billed_units` decimal(18,4),
	`authorized_dollars` decimal(18,2),
	`in_process_dollars` decimal(18,2),
	`billed_dollars` decimal(18,2),
	`run_id` char(36) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	CONSTRAINT `authorization_history` PRIMARY KEY(`period_start`,`load_day`,`authorization_number`,`service_code`,`start_date`),
	INDEX `authorization_history_item` (`authorization_number`,`service_code`,`start_date`,`load_day`)
);
--> statement-breakpoint
SET @statement = IF(EXISTS(SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'pipeline_run' AND column_name = 'history_day'), 'DO 0', 'ALTER TABLE `pipeline_run` ADD `history_day` date');
--> statement-breakpoint
PREPARE add_column FROM @statement;
--> statement-breakpoint
EXECUTE add_column;
--> statement-breakpoint
DEALLOCATE PREPARE add_column;
