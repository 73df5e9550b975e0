import type { ReportName } from '../domain/reports.ts';
import { notes, notesSummary, utilization, utilizationSummary } from './schema.ts';

export const rowTables = { utilization, notes } as const satisfies Record<ReportName, unknown>;

export const rollupTables = {
  utilization: utilizationSummary,
  notes: notesSummary,
} as const satisfies Record<ReportName, unknown>;

/**
 * The `total` roll-up worked out from the rows by the database itself, a second opinion on the roll-up file.
 * Quotients come with 30 decimals (see connect.ts), and ROUND of an exact decimal rounds half away from zero.
 */
export const totalExpressions = {
  utilization: {
    row_count: 'COUNT(*)',
    authorized_dollars: 'COALESCE(SUM(authorized_dollars), 0)',
    in_process_dollars: 'COALESCE(SUM(in_process_dollars), 0)',
    billed_dollars: 'COALESCE(SUM(billed_dollars), 0)',
    not_utilized:
      'COALESCE(SUM(authorized_dollars), 0) - COALESCE(SUM(in_process_dollars), 0) - COALESCE(SUM(billed_dollars), 0)',
    under_dollars: 'COALESCE(SUM(CASE WHEN variance < 0 THEN variance END), 0)',
    over_dollars: 'COALESCE(SUM(CASE WHEN variance > 0 THEN variance END), 0)',
    util: `ROUND((COALESCE(SUM(in_process_dollars), 0) + COALESCE(SUM(billed_dollars), 0))
      / NULLIF(SUM(authorized_dollars), 0), 6)`,
    avg_util: 'ROUND(SUM(util) / NULLIF(COUNT(util), 0), 6)',
  },
  notes: {
    row_count: 'COUNT(*)',
    on_time: "COUNT(CASE WHEN note_status = 'On Time' THEN 1 END)",
    late: "COUNT(CASE WHEN note_status = 'Late' THEN 1 END)",
    unbillable: "COUNT(CASE WHEN note_status = 'Unbillable' THEN 1 END)",
    unsigned: 'COUNT(CASE WHEN staff_sign_date IS NULL THEN 1 END)',
    avg_days_to_sign: `ROUND(SUM(CASE WHEN staff_sign_date IS NOT NULL THEN days_to_sign END)
      / NULLIF(COUNT(CASE WHEN staff_sign_date IS NOT NULL THEN days_to_sign END), 0), 2)`,
  },
} as const satisfies Record<ReportName, Readonly<Record<string, string>>>;

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
  notes: ['row_count', 'on_time', 'late', 'unbillable', 'unsigned'],
} as const satisfies Record<ReportName, readonly string[]>;
