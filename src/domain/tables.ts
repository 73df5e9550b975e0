import type { ReportName } from './reports.ts';

/**
 * The columns that the steps hand to each other and to the tables, in file order. Each row file is a TSV in
 * the form that `LOAD DATA` reads (see tsv.ts). `period_start`, `period_end` and `run_id` are not in the
 * files: they are the same for every row, and the load sets them.
 */
export const rowColumns = {
  utilization: [
    'source_line',
    'client',
    'client_code',
    'client_key',
    'qp',
    'qp_code',
    'qp_key',
    'service_code',
    'authorization_number',
    'start_date',
    'end_date',
    'authorized_units',
    'in_process_units',
    'billed_units',
    'authorized_dollars',
    'in_process_dollars',
    'billed_dollars',
    'variance_billed',
    'ym',
    'grp',
    'util',
    'variance',
  ],
  notes: [
    'source_line',
    'client',
    'client_code',
    'client_key',
    'caregiver',
    'employee_code',
    'caregiver_key',
    'client_supervisor',
    'supervisor_code',
    'supervisor_key',
    'service_code',
    'date_of_service',
    'staff_sign_date',
    'staff_signed_at',
    'days_to_sign',
    'note_status',
    'billing_cycle',
    'ym',
    'grp',
  ],
} as const satisfies Record<ReportName, readonly string[]>;

/** Columns of the roll-up tables that come from the roll-up file; the load sets `period_start`. */
export const rollupColumns = {
  utilization: [
    'ym',
    'dimension',
    'member',
    'member_key',
    'row_count',
    'authorized_dollars',
    'in_process_dollars',
    'billed_dollars',
    'not_utilized',
    'under_dollars',
    'over_dollars',
    'util',
    'avg_util',
  ],
  notes: [
    'ym',
    'dimension',
    'member',
    'member_key',
    'row_count',
    'on_time',
    'late',
    'unbillable',
    'unsigned',
    'avg_days_to_sign',
  ],
} as const satisfies Record<ReportName, readonly string[]>;

/** Columns whose totals are taken from the file, taken again in the database, and must be equal. */
export const summedColumns = {
  utilization: [
    'authorized_units',
    'in_process_units',
    'billed_units',
    'authorized_dollars',
    'in_process_dollars',
    'billed_dollars',
    'variance_billed',
    'variance',
  ],
  notes: ['days_to_sign'],
} as const satisfies Record<ReportName, readonly string[]>;

/** Money columns of an export, accounted for to the cent in every run. */
export const moneyColumns = {
  utilization: ['authorized_dollars', 'in_process_dollars', 'billed_dollars', 'variance_billed'],
  notes: [],
} as const satisfies Record<ReportName, readonly string[]>;

/** The widths of the tables' text columns, in characters. Longer text is rejected, never cut. */
export const textWidths = { name: 160, code: 64 } as const;
