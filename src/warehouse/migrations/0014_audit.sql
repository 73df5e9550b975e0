-- Hand-finished after drizzle-kit: only what is not there yet, so that a migration that was cut off is simply run again.
CREATE TABLE IF NOT EXISTS `audit_event` (
	`sequence` bigint unsigned NOT NULL,
	`at` datetime(3) NOT NULL,
	`action` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`actor` varchar(320) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`proof` varchar(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`on_behalf_of` varchar(320) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`event_key` varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`report` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`period_start` date,
	`period_end` date,
	`run_id` char(36) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`reason` varchar(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`details` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`previous_hash` char(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`hash` char(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	CONSTRAINT `audit_event_sequence` PRIMARY KEY(`sequence`),
	CONSTRAINT `audit_event_event_key_unique` UNIQUE(`event_key`)
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `audit_head` (
	`id` smallint NOT NULL,
	`sequence` bigint unsigned NOT NULL,
	`hash` char(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	CONSTRAINT `audit_head_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
-- The row that gives each event its place; the first event follows 64 zeros.
INSERT IGNORE INTO `audit_head` (`id`, `sequence`, `hash`) VALUES (1, 0, REPEAT('0', 64));
