import type { Ports } from '../ports.ts';

/** Asks whether a run that another parent or a person started is still open: the workflow asks again until it is not. */
export function createAwaitRun({ runs }: Pick<Ports, 'runs'>) {
  return function awaitRun({ workflowId }: { workflowId: string }): Promise<boolean> {
    return runs.isOpen(workflowId);
  };
}
