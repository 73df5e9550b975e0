// npm run faults [-- options]: kills what takes part in a backfill, again and again, and compares what is left.
import { setUpAndRun } from './setup/entry.mjs';

const args = process.argv.slice(2);
const onlyHelp = args.some((arg) => arg === '--help' || arg === '-h');

await setUpAndRun(
  {
    // The servers are killed, so they are its own, whatever the environment names.
    temporalAddress: undefined,
    temporalCli: onlyHelp ? 'not-needed' : 'needed',
    database: onlyHelp ? 'not-needed' : 'needed',
    databaseUrl: undefined,
    browser: onlyHelp ? 'not-needed' : 'needed',
    tctl: 'not-needed',
  },
  async (parts) => (await import('./faults/run.ts')).runFaults(parts, args),
);
