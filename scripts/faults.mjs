// npm run faults [-- options]: kills what takes part in a backfill, again and again, and compares what is left.
import { ownServers, setUpAndRun } from './setup/entry.mjs';

const args = process.argv.slice(2);

await setUpAndRun(ownServers(args), async (parts) =>
  (await import('./faults/run.ts')).runFaults(parts, args),
);
