ALTER TABLE `portal_login` ADD `refused_at` datetime(3);--> statement-breakpoint
ALTER TABLE `portal_login` ADD `renamed_to` char(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;