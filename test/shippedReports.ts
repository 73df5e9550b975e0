import type { ReportName } from '../src/reports/index.ts';

/**
 * The reports that the product comes with. Tests of their own figures and exports are about these alone, so that they
 * stay as they are when somebody adds a report.
 */
export const shippedReports = ['utilization', 'notes'] as const satisfies readonly ReportName[];

export type ShippedReport = (typeof shippedReports)[number];

/** What there is for each of them, without what there is for reports that somebody has added. */
export function ofShipped<Value>(
  byReport: Readonly<Record<ShippedReport, Value>>,
): Readonly<Record<ShippedReport, Value>> {
  return { utilization: byReport.utilization, notes: byReport.notes };
}

export function isShippedReport(value: unknown): value is ShippedReport {
  return shippedReports.some((name) => name === value);
}
