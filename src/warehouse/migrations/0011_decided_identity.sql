-- Hand-finished after drizzle-kit: only where the column is not there yet, so that a migration that was cut off is
-- simply run again.
SET @statement = IF(EXISTS(SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'pipeline_run' AND column_name = 'decided_identity'), 'DO 0', 'ALTER TABLE `pipeline_run` ADD `decided_identity` varchar(320) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
--> statement-breakpoint
PREPARE add_column FROM @statement;
--> statement-breakpoint
EXECUTE add_column;
--> statement-breakpoint
DEALLOCATE PREPARE add_column;
