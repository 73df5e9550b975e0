-- Hand-finished after drizzle-kit: IF NOT EXISTS, so that a migration that was cut off is simply run again.
CREATE TABLE IF NOT EXISTS `alert_look` (
	`id` smallint NOT NULL,
	`looked_at` datetime(3) NOT NULL,
	CONSTRAINT `alert_look_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `open_alert` (
	`cause_key` varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`channel` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`cause` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`since` datetime(3) NOT NULL,
	`told_at` datetime(3) NOT NULL,
	CONSTRAINT `open_alert_cause_key_channel_pk` PRIMARY KEY(`cause_key`,`channel`)
);
