// npm run cluster [-- options]: workers on machines of their own, which lose each other, the servers or their lives.
import { setUpAndRun } from './setup/entry.mjs';

const args = process.argv.slice(2);
const onlyHelp = args.some((arg) => arg === '--help' || arg === '-h');

await setUpAndRun(
  {
    // What is cut off and killed is its own, whatever the environment names.
    temporalAddress: undefined,
    temporalCli: onlyHelp ? 'not-needed' : 'needed',
    database: onlyHelp ? 'not-needed' : 'needed',
    databaseUrl: undefined,
    browser: onlyHelp ? 'not-needed' : 'needed',
    tctl: 'not-needed',
    objectStore: onlyHelp ? 'not-needed' : 'wanted',
  },
  async (parts) => (await import('./cluster/run.ts')).runClusters(parts, args),
);
