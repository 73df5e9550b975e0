-- Hand-finished after drizzle-kit: only what is not there yet, so that a migration that was cut off is simply run again.
-- `migrate` writes the row: SQL does not know which agency it acts for.
CREATE TABLE IF NOT EXISTS `database_owner` (
	`id` smallint NOT NULL,
	`agency` varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	CONSTRAINT `database_owner_id` PRIMARY KEY(`id`)
);
