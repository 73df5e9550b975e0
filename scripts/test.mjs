// npm test [-- vitest's arguments]: every test or those named, with the real parts that they need.
import { isHelp, setUpAndRun } from './setup/entry.mjs';
import { partsForSelection } from './test/selection.mjs';

const help = `npm test                                  every test
npm test -- test/domain/cells.test.ts     the tests of one file; a folder, or any part of a path, will do
npm test -- --project unit                the tests of one project: unit, workflows, real, mutations, e2e
npm test -- test/e2e/starts.test.ts -t "with a workflow id"

Sets up the real parts that these tests need (npm packages, Temporal, tctl, a database, a browser, sshd), starts servers for
this run alone and stops them at the end. A unit test needs none of them. Every option of vitest run is passed on:
npx vitest run --help lists them.

TEST_TEMPORAL_ADDRESS, TEST_DATABASE_URL   running servers to use instead
TEMPORAL_CLI_PATH, TCTL_PATH, SSHD_PATH, VERSITYGW_PATH, EHR_CHROMIUM
                                            programs to use instead of those found
MUTANTS                                    how many mutants of exports the project mutations makes`;

const args = process.argv.slice(2);
if (isHelp(args)) {
  console.log(help);
  process.exit(0);
}

/** @type {ReadonlySet<import('./test/testPart.ts').TestPart>} */
let needed = new Set();

await setUpAndRun(
  async (nodeModules) => {
    needed = await partsForSelection(args, nodeModules);
    return {
      // Names of their own: an operator's shell may hold TEMPORAL_ADDRESS and DATABASE_URL of the real thing.
      temporalAddress: process.env.TEST_TEMPORAL_ADDRESS,
      temporalCli: needed.has('temporalCli') ? 'needed' : 'not-needed',
      database: needed.has('database') ? 'needed' : 'not-needed',
      databaseUrl: process.env.TEST_DATABASE_URL,
      browser: needed.has('browser') ? 'needed' : 'not-needed',
      headlessShell: needed.has('browser') ? 'wanted' : 'not-needed',
      tctl: needed.has('tctl') ? 'wanted' : 'not-needed',
      ...(needed.has('sshd') ? { sshd: 'wanted' } : {}),
      objectStore: needed.has('objectStore') ? 'wanted' : 'not-needed',
    };
  },
  async (parts) => (await import('./test/run.ts')).runTests({ parts, needed, args }),
);
