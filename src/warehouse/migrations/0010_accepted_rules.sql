CREATE TABLE `accepted_rules` (
	`rules_sha256` char(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`accepted_at` datetime(3) NOT NULL,
	`accepted_by` varchar(320) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`identity` varchar(320) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`reason` varchar(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	CONSTRAINT `accepted_rules_accepted_at_rules_sha256_pk` PRIMARY KEY(`accepted_at`,`rules_sha256`)
);
--> statement-breakpoint
ALTER TABLE `pipeline_run` ADD `moved_dollars` decimal(18,2);