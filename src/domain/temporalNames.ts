import { agencyId, type Agency } from './agencyId.ts';
import { periodText, type Period } from './periods.ts';
import type { ReportName } from '../reports/index.ts';

/** The names of the pipeline's parts on a Temporal server, for operators and other programs. */

export const taskQueues = { pipeline: 'ehr-pipeline', portal: 'ehr-portal' } as const;

/** The worker deployment of both queues; each workflow bundle is a version of it. */
export const deploymentName = 'ehr-pipeline';

export const scheduleId = 'ehr-daily';

/** The schedule of the alert rounds. */
export const alertScheduleId = 'ehr-alerts';

/** The schedule of the rounds that take files from the sources, and the id of the round. */
export const sourcesScheduleId = 'ehr-sources';
export const sourcesRoundId = 'sources';

/** All of type Keyword. */
export const searchAttributeNames = {
  report: 'EhrReport',
  periodStart: 'EhrPeriodStart',
  outcome: 'EhrOutcome',
  agency: 'EhrAgency',
} as const;

/**
 * `utilization:2026-09-01..2026-09-30`: one run of a period at a time, however it was started. With an agency's id
 * before it, `acme:utilization:…`, as all ids of an agency's runs and schedules have it; see agencyId.
 */
export function runReportId(report: ReportName, period: Period, agency?: Agency): string {
  return agencyId(agency, `${report}:${periodText(period)}`);
}

/** `backfill:notes:2026-01-01..2026-06-30`. */
export function backfillId(report: ReportName, range: Period): string {
  return `backfill:${report}:${periodText(range)}`;
}

/** `publish-held:<run id>` or `rollback:<run id>`. */
export function decisionId(kind: 'approve' | 'rollback', runId: string): string {
  return `${kind === 'approve' ? 'publish-held' : kind}:${runId}`;
}

/** `preview:notes:2026-10-16..2026-10-31`. */
export function previewId(report: ReportName, period: Period): string {
  return `preview:${runReportId(report, period)}`;
}
