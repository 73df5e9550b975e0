import { WorkflowFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure, WorkflowNotFoundError } from '@temporalio/common';
import type { Agency } from '../domain/agencyId.ts';
import type { PagesTrouble } from '../domain/alertConditions.ts';
import { searchAttributeNames } from '../domain/names.ts';

/** Mails of one weekday are due a week apart, and a day may have a few runs. */
const mostRuns = 20;

/**
 * What the newest ended daily run left undone after its periods: pages that were not written, or pages that were not
 * mailed, of the newest one that had any to mail. Undefined if nothing.
 */
export async function pagesTrouble(client: Client, agency?: Agency): Promise<PagesTrouble | undefined> {
  const { agency: attribute } = searchAttributeNames;
  const whose = agency === undefined ? `${attribute} IS NULL` : `${attribute} = '${agency}'`;
  const query = `WorkflowType = 'dailyRun' AND ${whose} AND ExecutionStatus IN ('Completed', 'Failed')`;
  let looked = 0;
  for await (const { workflowId, runId } of client.workflow.list({ query, pageSize: mostRuns })) {
    const { dashboards, mails } = await pagesOf(client, { workflowId, runId });
    if (looked === 0 && dashboards === 'failed') return { state: 'not-written', workflowId, runId };
    if (mails !== undefined && mails.sent + mails.sentBefore + mails.notSent > 0) {
      return mails.notSent > 0 ? { state: 'not-mailed', workflowId, runId } : undefined;
    }
    looked += 1;
    if (looked === mostRuns) return undefined;
  }
  return undefined;
}

interface Pages {
  readonly dashboards?: 'failed' | undefined;
  readonly mails?: Counts | undefined;
}

interface Counts {
  readonly sent: number;
  readonly sentBefore: number;
  readonly notSent: number;
}

async function pagesOf(
  client: Client,
  { workflowId, runId }: { readonly workflowId: string; readonly runId: string },
): Promise<Pages> {
  try {
    const result: unknown = await client.workflow.getHandle(workflowId, runId).result();
    const dashboards = memberOf(result, 'dashboards');
    return { mails: countsIn(memberOf(dashboards, 'mails')) };
  } catch (error) {
    // The list may name a run for a while after its history was removed.
    if (error instanceof WorkflowNotFoundError) return {};
    if (!(error instanceof WorkflowFailedError)) throw error;
    const [details] = error.cause instanceof ApplicationFailure ? (error.cause.details ?? []) : [];
    const failed = memberOf(details, 'dashboards') !== undefined;
    return { dashboards: failed ? 'failed' : undefined, mails: countsIn(memberOf(details, 'mails')) };
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** A run of another version may have none, or others. */
function countsIn(value: unknown): Counts | undefined {
  const count = (name: string) => {
    const number = memberOf(value, name);
    return typeof number === 'number' ? number : 0;
  };
  if (value === undefined) return undefined;
  return { sent: count('sent'), sentBefore: count('sentBefore'), notSent: count('notSent') };
}
