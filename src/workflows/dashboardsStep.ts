import { patched } from '@temporalio/workflow';
import type { DashboardsResult } from '../activities/contracts.ts';
import { mailsWords, type MailsResult } from '../domain/dashboardMails.ts';
import { PipelineError } from '../domain/failures.ts';
import { messageInDetails } from './webUiDetails.ts';
import { orFailed, type FailedStep } from './runFailure.ts';
import type { PeriodsProgress } from './periodsProgress.ts';
import { dashboards } from './activityProxies.ts';

/** The result of a daily run's dashboards. */
export type DashboardsOutcome = DashboardsResult | FailedStep;

/** Writes the dashboards. Returns a failure instead of throwing it: the daily run reports its periods first. */
export async function tryDashboards(): Promise<DashboardsOutcome> {
  // Daily runs that were under way before there was this step end without it.
  if (!patched('dashboards')) return { kind: 'off' };
  return orFailed(dashboards.writeDashboards());
}

/**
 * Fails a daily run without the dashboards that were asked for, or yesterday's would be taken for today's. The message
 * says first that the periods are not affected.
 * @throws PipelineError DashboardsNotWritten
 */
export function assertDashboards(outcome: DashboardsOutcome, { total, done, held }: PeriodsProgress): void {
  if (outcome.kind !== 'failed') return;
  const counts = Object.entries(done).map(([name, count]) => `${name} ${String(count)}`);
  const waiting = held.length === 0 ? '' : `; held: ${held.map(({ id }) => id).join(', ')}`;
  throw new PipelineError(
    'DashboardsNotWritten',
    `All ${String(total)} periods ended without a failure (${counts.join(', ')}${waiting}) and stay as they are; only the dashboards were not written — ${outcome.type}: ${outcome.message}`,
    {
      hint: 'Fix the cause, then write them with npm run client -- dashboard, or wait for the next daily run.',
      details: { done, dashboards: outcome.type },
    },
  );
}

/**
 * Added to the message of a daily run that failed for a period: the person who fixes it must know that the
 * dashboards are old too.
 */
export function dashboardsFailures(outcome: DashboardsOutcome): string[] {
  return outcome.kind === 'failed'
    ? [`the dashboards were not written either, ${outcome.type}: ${outcome.message}`]
    : [];
}

/** Added to the details of a daily run that failed for a period; alerts are derived from them. */
export function dashboardsDetails(outcome: DashboardsOutcome): Readonly<Record<string, unknown>> {
  if (outcome.kind === 'failed') return { dashboards: outcome.type };
  return outcome.kind === 'off' || outcome.mails === undefined ? {} : { mails: outcome.mails };
}

/** Lines of the daily run's current details, as Markdown; none if dashboards are off. */
export function describeDashboards(outcome: DashboardsOutcome): string[] {
  switch (outcome.kind) {
    case 'off':
      return [];
    case 'nothing loaded':
      return ['- dashboards: none, since nothing is loaded', ...describeMails(outcome.mails)];
    case 'written':
      return [
        `- dashboards: ${String(outcome.files)} files in ${outcome.folder}`,
        ...describeMails(outcome.mails),
      ];
    case 'failed':
      return [
        '',
        `**The dashboards were not written** ${outcome.type}: ${messageInDetails(outcome.message)}`,
      ];
  }
}

function describeMails(mails: MailsResult | undefined): string[] {
  if (mails === undefined) return [];
  const words = messageInDetails(mailsWords(mails));
  return mails.notSent === 0 ? [`- mails: ${words}`] : ['', `**Not all pages were mailed** ${words}`];
}
