// Named in a worker's --import. The threads that run its workflows are given it too: there is nothing to hold there,
// and no loader for TypeScript.
import { isMainThread } from 'node:worker_threads';

if (isMainThread) await import('./heldSteps.ts');
