import { WorkflowFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure, WorkflowNotFoundError } from '@temporalio/common';

/** How a run ended. Both fields are undefined if its history was removed: the list still names it for a while. */
export interface EndOfRun {
  readonly result?: unknown;
  /** The first details of the run's failure. */
  readonly details?: unknown;
}

/** @throws the error of the server if it cannot say */
export async function endOfRun(
  client: Client,
  { workflowId, runId }: { readonly workflowId: string; readonly runId: string },
): Promise<EndOfRun> {
  try {
    return { result: await client.workflow.getHandle(workflowId, runId).result() };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return {};
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { details: error.cause instanceof ApplicationFailure ? error.cause.details?.[0] : undefined };
  }
}
