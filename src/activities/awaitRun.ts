import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { Ports } from '../ports.ts';

/**
 * Asks whether a run that another parent or a person started has ended.
 * @throws ApplicationFailure while it is open: the retries ask again, and no worker is held between them
 */
export function createAwaitRun({ runs }: Pick<Ports, 'runs'>) {
  return async function awaitRun({ workflowId }: { workflowId: string }): Promise<void> {
    if (!(await runs.isOpen(workflowId))) return;
    throw ApplicationFailure.create({
      type: 'InternalError',
      // Expected: not counted as a failed step, nor logged as one.
      category: ApplicationFailureCategory.BENIGN,
      message: `${workflowId} is still running, so this period waits for it. What to do: nothing; if it hangs, see in the Web UI why`,
    });
  };
}
