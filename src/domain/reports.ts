/** The two reports this pipeline knows. */
export const reportNames = ['utilization', 'notes'] as const;

export type ReportName = (typeof reportNames)[number];

export function isReportName(value: unknown): value is ReportName {
  return reportNames.some((name) => name === value);
}
