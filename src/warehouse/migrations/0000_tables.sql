-- Hand-finished after drizzle-kit: IF NOT EXISTS, and the index inside its table, since MySQL commits each
-- CREATE by itself: a first migration that was cut off half-way is simply run again.
CREATE TABLE IF NOT EXISTS `notes` (
	`period_start` date NOT NULL,
	`period_end` date NOT NULL,
	`source_line` int unsigned NOT NULL,
	`run_id` char(36) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`client` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`client_code` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`client_key` char(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`caregiver` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`employee_code` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`caregiver_key` char(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`client_supervisor` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`supervisor_code` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`supervisor_key` char(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`service_code` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`date_of_service` date NOT NULL,
	`staff_sign_date` date,
	`staff_signed_at` datetime,
	`days_to_sign` int,
	`note_status` varchar(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`billing_cycle` varchar(6) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`ym` char(7) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`grp` smallint NOT NULL,
	CONSTRAINT `notes_period_start_source_line_pk` PRIMARY KEY(`period_start`,`source_line`)
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `notes_summary` (
	`ym` char(7) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`period_start` date NOT NULL,
	`dimension` varchar(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`member` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`member_key` char(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`row_count` int unsigned NOT NULL,
	`on_time` int unsigned NOT NULL,
	`late` int unsigned NOT NULL,
	`unbillable` int unsigned NOT NULL,
	`unsigned` int unsigned NOT NULL,
	`avg_days_to_sign` decimal(8,2),
	CONSTRAINT `notes_summary_period_start_dimension_member_pk` PRIMARY KEY(`period_start`,`dimension`,`member`)
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `pipeline_run` (
	`run_id` char(36) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`workflow_id` varchar(1000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`report` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`period_start` date NOT NULL,
	`period_end` date NOT NULL,
	`source` varchar(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`outcome` varchar(12) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`started_at` datetime(3) NOT NULL,
	`finished_at` datetime(3) NOT NULL,
	`export_sha256` char(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`rules_sha256` char(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`code_version` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`rows_read` int unsigned,
	`rows_loaded` int unsigned,
	`rows_excluded` int unsigned,
	`rows_rejected` int unsigned,
	`rows_replaced` int unsigned,
	`moved_to_lincs` int unsigned,
	`dollars` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`warnings` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`unknown_services` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`failure_type` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`failure_message` varchar(2000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	CONSTRAINT `pipeline_run_run_id` PRIMARY KEY(`run_id`),
	KEY `pipeline_run_period` (`report`,`period_start`,`finished_at`)
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `portal_login` (
	`login_key` char(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`state` varchar(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`credential_hash` char(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`failure_type` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`blocked_at` datetime(3),
	`unresolved_submissions` int unsigned NOT NULL,
	`updated_at` datetime(3) NOT NULL,
	CONSTRAINT `portal_login_login_key` PRIMARY KEY(`login_key`)
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `published_period` (
	`report` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`period_start` date NOT NULL,
	`period_end` date NOT NULL,
	`run_id` char(36) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`versions` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`published_at` datetime(3),
	`row_count` int unsigned,
	`sums` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	CONSTRAINT `published_period_report_period_start_pk` PRIMARY KEY(`report`,`period_start`)
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `rejected_row` (
	`run_id` char(36) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`source_line` int unsigned NOT NULL,
	`report` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`period_start` date NOT NULL,
	`period_end` date NOT NULL,
	`column_name` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`rule` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`reason` varchar(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	CONSTRAINT `rejected_row_run_id_source_line_pk` PRIMARY KEY(`run_id`,`source_line`)
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `utilization` (
	`period_start` date NOT NULL,
	`period_end` date NOT NULL,
	`source_line` int unsigned NOT NULL,
	`run_id` char(36) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`client` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`client_code` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`client_key` char(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`qp` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`qp_code` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`qp_key` char(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`service_code` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`authorization_number` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`start_date` date NOT NULL,
	`end_date` date NOT NULL,
	`authorized_units` decimal(14,4),
	`in_process_units` decimal(14,4),
	`billed_units` decimal(14,4),
	`authorized_dollars` decimal(14,2),
	`in_process_dollars` decimal(14,2),
	`billed_dollars` decimal(14,2),
	`variance_billed` decimal(14,2),
	`ym` char(7) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`grp` smallint NOT NULL,
	`util` decimal(14,6),
	`variance` decimal(14,2),
	CONSTRAINT `utilization_period_start_source_line_pk` PRIMARY KEY(`period_start`,`source_line`)
);
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `utilization_summary` (
	`ym` char(7) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`period_start` date NOT NULL,
	`dimension` varchar(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`member` varchar(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`member_key` char(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`row_count` int unsigned NOT NULL,
	`authorized_dollars` decimal(18,2) NOT NULL,
	`in_process_dollars` decimal(18,2) NOT NULL,
	`billed_dollars` decimal(18,2) NOT NULL,
	`not_utilized` decimal(18,2) NOT NULL,
	`under_dollars` decimal(18,2) NOT NULL,
	`over_dollars` decimal(18,2) NOT NULL,
	`util` decimal(14,6),
	`avg_util` decimal(14,6),
	CONSTRAINT `utilization_summary_period_start_dimension_member_pk` PRIMARY KEY(`period_start`,`dimension`,`member`)
);