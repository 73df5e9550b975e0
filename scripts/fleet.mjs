// npm run fleet [-- options]: many agencies on one fleet of workers, with Temporal's server of production on MySQL.
import { isHelp, ownServers, setUpAndRun } from './setup/entry.mjs';

const args = process.argv.slice(2);

await setUpAndRun(
  {
    ...ownServers(args),
    temporalCli: 'not-needed',
    temporalServer: isHelp(args) ? 'not-needed' : 'wanted',
  },
  async (parts) => (await import('../bench/fleet/run.ts')).runFleet(parts, args),
);
