/**
 * Names that a report cannot have, since the product has them already. A test compares the tables and added columns with
 * the schema.
 */

/** Words that begin the ids of other workflows and schedules, or stand in a database role of earlier versions. */
export const idWords = [
  'alerts',
  'backfill',
  'daily',
  'default',
  'preview',
  'publish-held',
  'reader',
  'rollback',
  'run',
  'sources',
] as const;

/** The product's own tables (warehouse/schema.ts). */
export const productTables = [
  'accepted_rules',
  'alert_look',
  'audit_event',
  'audit_head',
  'database_owner',
  'open_alert',
  'pipeline_run',
  'portal_login',
  'published_period',
  'rejected_row',
  'removed_file',
  'report_setting',
  'service_setting',
] as const;

/** How the names of all views begin. */
export const viewPrefix = 'v_';

/** Columns that every table of a kind has besides the report's own (warehouse/reportTables.ts). */
export const addedColumns = {
  rows: ['period_start', 'period_end', 'source_line', 'run_id'],
  rollups: [
    'ym',
    'period_start',
    'dimension',
    'member',
    'member_key',
    'member_code',
    'row_count',
    'preliminary',
  ],
  history: ['period_start', 'load_day', 'row_count', 'run_id'],
} as const;

/** Names that the load's sums over the rows have in SQL, beside the columns (warehouse/reconcile.ts). */
export const sumNames = /^(?:row_count|rows_checksum|term_\d+)$/;

/** Warnings that any report may have. */
export const productWarnings = [
  'blank-rows',
  'duplicate-row',
  'extra-column',
  'html-entities',
  'look-alike-names',
  'ratio-too-large',
  'repeated-headers',
  'service-code-brackets',
  'totals-lines',
  'totals-unchecked',
  'unknown-service',
] as const;
