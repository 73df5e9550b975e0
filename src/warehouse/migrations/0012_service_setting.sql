-- Hand-finished after drizzle-kit: only what is not there yet, so that a migration that was cut off is simply run again.
CREATE TABLE IF NOT EXISTS `service_setting` (
	`service_code` varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`respite` int NOT NULL,
	CONSTRAINT `service_setting_service_code` PRIMARY KEY(`service_code`)
);
