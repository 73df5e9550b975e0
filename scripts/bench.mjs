// npm run bench [-- options]: this pipeline, the bare load and the old way side by side on generated exports.
import { setUpAndRun } from './setup/entry.mjs';

const args = process.argv.slice(2);
const onlyHelp = args.some((arg) => arg === '--help' || arg === '-h');

await setUpAndRun(
  {
    // Servers of its own, so that nobody else's load is measured.
    temporalAddress: undefined,
    temporalCli: onlyHelp ? 'not-needed' : 'needed',
    database: onlyHelp ? 'not-needed' : 'needed',
    databaseUrl: process.env.BENCH_DATABASE_URL,
    browser: onlyHelp ? 'not-needed' : 'needed',
    tctl: 'not-needed',
  },
  async (parts) => (await import('../bench/run.ts')).runBench(parts, args),
);
