import { WorkflowNotFoundError, type Client, type Connection } from '@temporalio/client';
import type { AuditActor } from '../domain/auditEvents.ts';

/** Other runs on the same Temporal server: the steps' port of that name. */
export function createRuns(client: Client) {
  return {
    isOpen: (workflowId: string) => isOpen(client, workflowId),
    async startedBy(execution: { workflowId: string; runId: string }) {
      const { namespace } = client.options;
      const { history } = await client.workflowService.getWorkflowExecutionHistory({
        namespace,
        execution,
        maximumPageSize: 1,
      });
      return starterOf(history?.events?.[0]);
    },
  };
}

type History = Awaited<ReturnType<Connection['workflowService']['getWorkflowExecutionHistory']>>['history'];
type StartEvent = Pick<
  NonNullable<NonNullable<History>['events']>[number],
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

async function isOpen(client: Client, workflowId: string): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(workflowId).describe();
    return status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
