// npm run demo [-- --exit]: everything set up and the main job run, for a newcomer to watch.
import { setUpAndRun } from './setup/entry.mjs';

const args = process.argv.slice(2);
const unknown = args.filter((arg) => arg !== '--exit');
if (unknown.length > 0) {
  console.error(
    `Unknown argument ${unknown.join(' ')}. The demo takes only --exit: stop everything at the end.`,
  );
  process.exit(2);
}

await setUpAndRun(
  {
    temporalAddress: process.env.TEMPORAL_ADDRESS,
    temporalCli: 'unless-address',
    database: 'needed',
    databaseUrl: process.env.DATABASE_URL,
    browser: 'needed',
    tctl: 'not-needed',
  },
  async (parts) => (await import('./demo/run.ts')).runDemo(parts, args.includes('--exit') ? 'exit' : 'stay'),
);
