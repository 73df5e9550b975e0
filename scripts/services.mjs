// npm run services: Temporal and the database for work on the pipeline, until Ctrl-C.
import { setUpAndRun } from './setup/entry.mjs';

await setUpAndRun(
  {
    temporalAddress: undefined,
    temporalCli: 'needed',
    databaseUrl: undefined,
    browser: 'not-needed',
    tctl: 'not-needed',
  },
  async (parts) => (await import('./services/run.ts')).runServices(parts),
);
