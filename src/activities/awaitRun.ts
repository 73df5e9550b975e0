import { Context } from '@temporalio/activity';
import type { Ports } from '../ports.ts';
import { beatDuring } from './parts/heartbeats.ts';

/** Waits for a run that another parent or a person started. */
export function createAwaitRun({ runs }: Pick<Ports, 'runs'>) {
  return async function awaitRun({ workflowId }: { workflowId: string }): Promise<void> {
    await beatDuring({ waitingFor: workflowId }, () =>
      runs.closed(workflowId, Context.current().cancellationSignal),
    );
  };
}
