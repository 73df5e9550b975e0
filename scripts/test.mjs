// npm test [-- vitest's arguments]: every test, with the real parts they need.
import { setUpAndRun } from './setup/entry.mjs';

await setUpAndRun(
  {
    // Names of their own: an operator's shell may hold TEMPORAL_ADDRESS and DATABASE_URL of the real thing.
    temporalAddress: process.env.TEST_TEMPORAL_ADDRESS,
    temporalCli: 'needed',
    databaseUrl: process.env.TEST_DATABASE_URL,
    browser: 'needed',
    tctl: 'wanted',
  },
  async (parts) => (await import('./test/run.ts')).runTests(parts, process.argv.slice(2)),
);
