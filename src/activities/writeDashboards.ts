import { Context } from '@temporalio/activity';
import type { MailsResult } from '../domain/dashboardMails.ts';
import { PipelineError } from '../domain/failures.ts';
import type { Ports } from '../ports.ts';
import type { DashboardsResult } from './contracts.ts';
import { beatDuring } from './parts/heartbeats.ts';

/** Writes and mails the dashboards after the last period of a daily run. */
export function createWriteDashboards({ dashboards }: Pick<Ports, 'dashboards'>) {
  return async function writeDashboards(): Promise<DashboardsResult> {
    if (dashboards === undefined) return { kind: 'off' };
    // Reading, writing and printing have limits of their own, and so has the step: a beat only shows that its worker is
    // alive.
    const { info, cancellationSignal } = Context.current();
    const { runId } = info.workflowExecution!;
    const mail = (pages: Pages) => beatDuring(undefined, () => mailed(dashboards, pages, cancellationSignal));
    let files: Pages['files'] | undefined;
    try {
      files = await beatDuring(undefined, () => dashboards.write(runId, cancellationSignal));
    } catch (error) {
      // Tell the recipients of the mails that there is no page.
      if (isLast(error) && !cancellationSignal.aborted) {
        await mail({ files: [], missing: 'the pages could not be written' });
      }
      throw error;
    }
    if (files === undefined) {
      return { kind: 'nothing loaded', ...(await mail({ files: [], missing: 'nothing is loaded yet' })) };
    }
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const written = { kind: 'written', folder: dashboards.folderName, files: files.length, bytes } as const;
    return { ...written, ...(await mail({ files })) };
  };
}

type Dashboards = NonNullable<Ports['dashboards']>;
type Pages = Parameters<Dashboards['mail']>[0];

/** Mails the pages. Reports unsent mails in the result and fails only if cancelled: no figure depends on a mail. */
async function mailed(
  dashboards: Dashboards,
  pages: Pages,
  signal: AbortSignal,
): Promise<{ mails?: MailsResult }> {
  try {
    const mails = await dashboards.mail(pages, signal);
    if (mails === undefined) return {};
    if (mails.notSent > 0) Context.current().log.warn('Not all dashboards were mailed', { ...mails });
    return { mails };
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof PipelineError ? error.type : codeOf(error);
    Context.current().log.error('The dashboards were not mailed', { why });
    return { mails: { sent: 0, sentBefore: 0, notSent: 1, why: [`mails were not sent: ${why}`] } };
  }
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z_]{2,40}$/.test(code) ? code : 'InternalError';
}

/** Whether no further attempt follows. */
function isLast(error: unknown): boolean {
  const { attempt, retryPolicy } = Context.current().info;
  return (error instanceof PipelineError && !error.retry) || attempt >= (retryPolicy?.maximumAttempts ?? 1);
}
