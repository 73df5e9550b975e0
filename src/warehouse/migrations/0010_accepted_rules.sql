-- Hand-finished after drizzle-kit: only what is not there yet, so that a migration that was cut off is simply run again.
CREATE TABLE IF NOT EXISTS `accepted_rules` (
	`rules_sha256` char(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`accepted_at` datetime(3) NOT NULL,
	`accepted_by` varchar(320) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`identity` varchar(320) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`reason` varchar(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	CONSTRAINT `accepted_rules_accepted_at_rules_sha256_pk` PRIMARY KEY(`accepted_at`,`rules_sha256`)
);
--> statement-breakpoint
SET @statement = IF(EXISTS(SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'pipeline_run' AND column_name = 'moved_dollars'), 'DO 0', 'ALTER TABLE `pipeline_run` ADD `moved_dollars` decimal(18,2)');
--> statement-breakpoint
PREPARE add_column FROM @statement;
--> statement-breakpoint
EXECUTE add_column;
--> statement-breakpoint
DEALLOCATE PREPARE add_column;
