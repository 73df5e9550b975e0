// npm run bench [-- options]: this pipeline, the bare load and the old way side by side on generated exports.
import { ownServers, setUpAndRun } from './setup/entry.mjs';

const args = process.argv.slice(2);

await setUpAndRun({ ...ownServers(args), databaseUrl: process.env.BENCH_DATABASE_URL }, async (parts) =>
  (await import('../bench/run.ts')).runBench(parts, args),
);
