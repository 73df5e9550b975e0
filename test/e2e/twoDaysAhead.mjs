// Named in a worker's --import: its clock is two days ahead. The threads that run its workflows have their own
// time, and no loader for TypeScript.
import { isMainThread } from 'node:worker_threads';

if (isMainThread) (await import('../faults/shiftedClock.ts')).shiftClock(48);
