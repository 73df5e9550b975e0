// npm run services: Temporal and the database for work on the pipeline, until Ctrl-C.
import { isHelp, setUpAndRun } from './setup/entry.mjs';

const help = `npm run services

Starts Temporal and a database for work on the pipeline, and prints what the worker and the client need to reach them.
Fetches or builds what is missing at the first start. Ctrl-C stops both; what they hold stays in .local.
It takes no options.`;

const args = process.argv.slice(2);
if (isHelp(args)) {
  console.log(help);
  process.exit(0);
}
if (args.length > 0) {
  console.error(`Unknown argument ${args.join(' ')}.\n\n${help}`);
  process.exit(2);
}

await setUpAndRun(
  {
    temporalAddress: undefined,
    temporalCli: 'needed',
    database: 'needed',
    databaseUrl: undefined,
    browser: 'not-needed',
    tctl: 'not-needed',
  },
  async (parts) => (await import('./services/run.ts')).runServices(parts),
);
