// npm run cluster [-- options]: workers on machines of their own, which lose each other, the servers or their lives.
import { isHelp, ownServers, setUpAndRun } from './setup/entry.mjs';

const args = process.argv.slice(2);

await setUpAndRun(
  { ...ownServers(args), objectStore: isHelp(args) ? 'not-needed' : 'wanted' },
  async (parts) => (await import('./cluster/run.ts')).runClusters(parts, args),
);
