import { WorkflowNotFoundError, type Client, type WorkflowHandle } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditActor } from '../domain/auditEvents.ts';

// A run takes seconds to minutes, so a shorter interval would make no visible difference.
const pollMilliseconds = 2_000;

/** Other runs on the same Temporal server: the steps' port of that name. */
export function createRuns(client: Client) {
  return {
    async closed(workflowId: string, signal: AbortSignal) {
      // Bounded by the activity's own time limit, whose end aborts the signal.
      while (await isRunning(client, workflowId)) await sleep(pollMilliseconds, undefined, { signal });
    },
    async startedBy({ workflowId, runId }: { workflowId: string; runId: string }) {
      const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      return starterOf(events?.[0]);
    },
  };
}

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type StartEvent = Pick<
  NonNullable<History['events']>[number],
  'principal' | 'workflowExecutionStartedEventAttributes'
>;

/**
 * A server that authenticates its callers records them as principals. Any other identity is what the client said of
 * itself.
 */
export function starterOf(started: StartEvent | undefined): AuditActor {
  const { name, type } = started?.principal ?? {};
  if (isText(name)) return { name, proof: isText(type) && /tls|cert|x509/i.test(type) ? 'mTLS' : 'token' };
  const identity = started?.workflowExecutionStartedEventAttributes?.identity;
  return { name: isText(identity) ? identity : 'unknown', proof: 'claimed' };
}

function isText(text: string | null | undefined): text is string {
  return text !== undefined && text !== null && text !== '';
}

async function isRunning(client: Client, workflowId: string): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(workflowId).describe();
    return status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
