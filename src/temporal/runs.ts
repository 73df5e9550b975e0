import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';

// A run takes seconds to minutes, so a shorter interval would make no visible difference.
const pollMilliseconds = 2_000;

/** Other runs on the same Temporal server. */
export interface Runs {
  /** Resolves when the newest run of that id is closed, however it ended; at once if there is none. */
  closed(workflowId: string, signal: AbortSignal): Promise<void>;
  /** The identity of the client that started a run, as Temporal recorded it, e.g. `tctl@host`. */
  startedBy(run: { workflowId: string; runId: string }): Promise<string>;
}

export function createRuns(client: Client): Runs {
  return {
    async closed(workflowId, signal) {
      // Bounded by the activity's own time limit, whose end aborts the signal.
      while (await isRunning(client, workflowId)) await sleep(pollMilliseconds, undefined, { signal });
    },
    async startedBy({ workflowId, runId }) {
      const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      const identity = events?.[0]?.workflowExecutionStartedEventAttributes?.identity;
      return identity === undefined || identity === null || identity === '' ? 'unknown' : identity;
    },
  };
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
