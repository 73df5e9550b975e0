import type { Client } from '@temporalio/client';
import type { Agency } from '../domain/agencyId.ts';
import type { PagesTrouble } from '../domain/alertConditions.ts';
import { searchAttributeNames } from '../domain/temporalNames.ts';
import { endOfRun, type EndOfRun } from './endOfRun.ts';

/** Limit of the runs to look at: mails of one weekday are due a week apart, and a day may have a few runs. */
const mostRuns = 20;

/**
 * What is wrong with the pages: the newest ended daily run did not write them, or the newest one with mails to send did
 * not send them all. Undefined if nothing is.
 */
export async function pagesTrouble(client: Client, agency?: Agency): Promise<PagesTrouble | undefined> {
  const { agency: attribute } = searchAttributeNames;
  const whose = agency === undefined ? `${attribute} IS NULL` : `${attribute} = '${agency}'`;
  const query = `WorkflowType = 'dailyRun' AND ${whose} AND ExecutionStatus IN ('Completed', 'Failed')`;
  let looked = 0;
  for await (const { workflowId, runId } of client.workflow.list({ query, pageSize: mostRuns })) {
    const { dashboards, mails } = pagesOf(await endOfRun(client, { workflowId, runId }));
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

/**
 * How the pages of a run ended. A failed run has this in its failure's details; if the dashboards failed, these have no
 * mails.
 */
function pagesOf({ result, details }: EndOfRun): Pages {
  const inDetails = memberOf(details, 'mails');
  return {
    dashboards: memberOf(details, 'dashboards') === undefined ? undefined : 'failed',
    mails: countsIn(inDetails ?? memberOf(memberOf(result, 'dashboards'), 'mails')),
  };
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** The counts of mails; a run of another version may have none, or others. */
function countsIn(value: unknown): Counts | undefined {
  const count = (name: string) => {
    const number = memberOf(value, name);
    return typeof number === 'number' ? number : 0;
  };
  if (value === undefined) return undefined;
  return { sent: count('sent'), sentBefore: count('sentBefore'), notSent: count('notSent') };
}
