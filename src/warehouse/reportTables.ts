import type { ReportName } from '../domain/reports.ts';
import { notes, notesSummary, utilization, utilizationSummary } from './schema.ts';

export const rowTables = { utilization, notes } as const satisfies Record<ReportName, unknown>;

export const rollupTables = {
  utilization: utilizationSummary,
  notes: notesSummary,
} as const satisfies Record<ReportName, unknown>;

/** What is added up over the rows of a period besides `summedColumns`, so that one pass over them is enough. */
export const furtherSums = {
  utilization: {
    under_sum: 'SUM(CASE WHEN variance < 0 THEN variance END)',
    over_sum: 'SUM(CASE WHEN variance > 0 THEN variance END)',
    util_sum: 'SUM(util)',
    util_rows: 'COUNT(util)',
  },
  notes: {
    on_time: "COUNT(CASE WHEN note_status = 'On Time' THEN 1 END)",
    late: "COUNT(CASE WHEN note_status = 'Late' THEN 1 END)",
    unbillable: "COUNT(CASE WHEN note_status = 'Unbillable' THEN 1 END)",
    unsigned_rows: 'COUNT(CASE WHEN staff_sign_date IS NULL THEN 1 END)',
    signed_days: 'SUM(CASE WHEN staff_sign_date IS NOT NULL THEN days_to_sign END)',
    signed_rows: 'COUNT(CASE WHEN staff_sign_date IS NOT NULL THEN days_to_sign END)',
  },
} as const satisfies Record<ReportName, Readonly<Record<string, string>>>;

/**
 * The `total` roll-up worked out by the database itself, a second opinion on the roll-up file: of the sums over the
 * rows, which are named as the summed columns and as `furtherSums`, and `row_count`. Quotients come with 30 decimals
 * (see connect.ts), and ROUND of an exact decimal rounds half away from zero.
 */
export const totalExpressions = {
  utilization: {
    row_count: 'row_count',
    authorized_dollars: 'COALESCE(authorized_dollars, 0)',
    in_process_dollars: 'COALESCE(in_process_dollars, 0)',
    billed_dollars: 'COALESCE(billed_dollars, 0)',
    not_utilized:
      'COALESCE(authorized_dollars, 0) - COALESCE(in_process_dollars, 0) - COALESCE(billed_dollars, 0)',
    under_dollars: 'COALESCE(under_sum, 0)',
    over_dollars: 'COALESCE(over_sum, 0)',
    util: fitting(`ROUND((COALESCE(in_process_dollars, 0) + COALESCE(billed_dollars, 0))
      / NULLIF(authorized_dollars, 0), 6)`),
    avg_util: 'ROUND(util_sum / NULLIF(util_rows, 0), 6)',
  },
  notes: {
    row_count: 'row_count',
    on_time: 'on_time',
    late: 'late',
    unbillable: 'unbillable',
    unsigned: 'unsigned_rows',
    unsigned_notes: 'unsigned_rows',
    avg_days_to_sign: 'ROUND(signed_days / NULLIF(signed_rows, 0), 2)',
  },
} as const satisfies Record<ReportName, Readonly<Record<string, string>>>;

/** A ratio that DECIMAL(14, 6) cannot hold is NULL, as in the roll-up file (see rollups.ts). */
function fitting(ratio: string): string {
  return `CASE WHEN ABS(${ratio}) < 100000000 THEN ${ratio} END`;
}

/** Columns that add up: in every dimension the members' values sum to the total's. */
export const additiveColumns = {
  utilization: [
    'row_count',
    'authorized_dollars',
    'in_process_dollars',
    'billed_dollars',
    'not_utilized',
    'under_dollars',
    'over_dollars',
  ],
  notes: ['row_count', 'on_time', 'late', 'unbillable', 'unsigned', 'unsigned_notes'],
} as const satisfies Record<ReportName, readonly string[]>;
