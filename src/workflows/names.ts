import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { periodText, type Period } from '../domain/periods.ts';
import type { ReportName } from '../domain/reports.ts';

export const taskQueues = { pipeline: 'ehr-pipeline', portal: 'ehr-portal' } as const;

export const scheduleId = 'ehr-daily';

export const searchAttributes = {
  report: defineSearchAttributeKey('EhrReport', SearchAttributeType.KEYWORD),
  periodStart: defineSearchAttributeKey('EhrPeriodStart', SearchAttributeType.KEYWORD),
  outcome: defineSearchAttributeKey('EhrOutcome', SearchAttributeType.KEYWORD),
} as const;

/** `utilization:2026-09-01..2026-09-30`: one run of a period at a time, whoever starts it. */
export function runReportId(report: ReportName, period: Period): string {
  return `${report}:${periodText(period)}`;
}

/** `backfill:notes:2026-01-01..2026-06-30`. */
export function backfillId(report: ReportName, range: Period): string {
  return `backfill:${report}:${periodText(range)}`;
}
