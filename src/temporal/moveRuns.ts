import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { ReplayError, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { log } from '../observability/log.ts';
import { pinTo } from './deployment.ts';
import { stuckRuns } from './openRuns.ts';
import type { WorkflowCode } from './workflowBundle.ts';

/** A replay of a long history takes about a second; the rest waits for the next round. */
const mostMovesPerRound = 10;

/**
 * Moves runs whose own build has no worker left to this build, if their history replays on it: an upgrade that leaves
 * the workflows unchanged then stops nothing. A run that does not replay stays where it is and is logged.
 */
export function createMover(client: Client, workflowCode: WorkflowCode): () => Promise<void> {
  const refused = new Set<string>();
  return async () => {
    const { connection, options } = client;
    const stuck = (await stuckRuns(connection, options.namespace)).filter(
      ({ runId, why }) =>
        why.kind === 'no-worker' && why.build !== workflowCode.buildId && !refused.has(runId),
    );
    for (const run of stuck.slice(0, mostMovesPerRound)) {
      const { workflowId, runId } = run;
      const replays = await replaysOn(workflowCode, client, run);
      if (replays === undefined) continue;
      if (replays) await pinTo(connection, options.namespace, { run, build: workflowCode.buildId });
      else refused.add(runId);
      const what = { workflowId, runId, build: workflowCode.buildId };
      if (replays) log.info(what, 'no worker of its build runs any more: this build continues the run');
      else
        log.error(
          what,
          'no worker of its build runs any more, and its history does not replay on this build',
        );
    }
  };
}

/**
 * Whether a run replays on this code; undefined if it has ended.
 * @throws if Temporal does not answer: the next round asks again
 */
async function replaysOn(
  { code }: WorkflowCode,
  client: Client,
  { workflowId, runId }: { readonly workflowId: string; readonly runId: string },
): Promise<boolean | undefined> {
  const history = await historyOf(client, workflowId, runId);
  if (history === undefined) return undefined;
  try {
    await Worker.runReplayHistory({ workflowBundle: { code } }, history, workflowId);
    return true;
  } catch (error) {
    // Another kind of history, or one on which these workflows fail: either way not for this build.
    if (error instanceof DeterminismViolationError || error instanceof ReplayError) return false;
    throw error;
  }
}

async function historyOf(client: Client, workflowId: string, runId: string) {
  try {
    const run = client.workflow.getHandle(workflowId, runId);
    const { status } = await run.describe();
    return status.name === 'RUNNING' ? await run.fetchHistory() : undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
