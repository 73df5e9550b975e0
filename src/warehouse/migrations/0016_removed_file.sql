-- Hand-finished after drizzle-kit: only what is not there yet, so that a migration that was cut off is simply run again.
CREATE TABLE IF NOT EXISTS `removed_file` (
	`uri` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`run_id` char(36) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`report` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`period_start` date NOT NULL,
	`class` varchar(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`bytes` bigint unsigned NOT NULL,
	`noted_at` datetime(3) NOT NULL,
	`removed_at` datetime(3),
	CONSTRAINT `removed_file_uri` PRIMARY KEY(`uri`),
	INDEX `removed_file_period` (`report`,`period_start`),
	INDEX `removed_file_pending` (`removed_at`)
);
