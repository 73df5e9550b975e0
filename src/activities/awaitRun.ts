import { Context } from '@temporalio/activity';
import type { Ports } from '../ports.ts';

// Well within the heartbeat timeout of half a minute.
const beatMilliseconds = 5_000;

/** Waits until a run that another parent or a person started is over. */
export function createAwaitRun({ runs }: Pick<Ports, 'runs'>) {
  return async function awaitRun({ workflowId }: { workflowId: string }): Promise<void> {
    const context = Context.current();
    const beat = setInterval(() => context.heartbeat({ waitingFor: workflowId }), beatMilliseconds);
    try {
      await runs.closed(workflowId, context.cancellationSignal);
    } finally {
      clearInterval(beat);
    }
  };
}
