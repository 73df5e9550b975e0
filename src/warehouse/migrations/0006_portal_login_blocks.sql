-- Hand-finished after drizzle-kit: one ALTER, and only where its columns are not there yet, so that a migration that was
-- cut off is simply run again.
SET @statement = IF(EXISTS(SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'portal_login' AND column_name = 'renamed_to'), 'DO 0', 'ALTER TABLE `portal_login`
	ADD `refused_at` datetime(3),
	ADD `renamed_to` char(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
--> statement-breakpoint
PREPARE add_columns FROM @statement;
--> statement-breakpoint
EXECUTE add_columns;
--> statement-breakpoint
DEALLOCATE PREPARE add_columns;
