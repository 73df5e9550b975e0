import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './scripts/test/longestFirst.ts';

// Programs that tests start read no settings of an installation in this folder.
process.env['EHR_ENV'] = '';

// `isolate: false`: files that follow one another share a process and its modules, since loading those anew takes longer
// than many tests. What a test changes in its process, it changes back.

/**
 * Against hangs only: ten times what the slowest needs on a machine that is busy with other things. A test that wants
 * to know how long something takes compares it with what it must be shorter than.
 */
const hangs = { testTimeout: 10 * 60_000, hookTimeout: 10 * 60_000 };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/real/**',
            'test/e2e/**',
            'test/mutations/**',
            'test/cases/**',
            'test/upgrade/**',
            'test/thirdReport/**',
          ],
          isolate: false,
          ...hangs,
        },
      },
      {
        test: {
          // One real part each: a browser, a database, a server.
          name: 'real',
          include: ['test/real/**/*.test.ts'],
          exclude: ['test/real/workflows/**'],
          isolate: false,
          ...hangs,
        },
      },
      {
        test: {
          // The workflows on a real server, with fake steps: one server and one bundle for all.
          name: 'workflows',
          include: ['test/real/workflows/**/*.test.ts'],
          globalSetup: ['test/real/workflows/globalSetup.ts'],
          isolate: false,
          // A workflow that a defect keeps from its end would wait for ever; the slowest case took 10 s at load 14.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          // The steps over thousands of broken exports: no server is needed, but a minute.
          name: 'mutations',
          include: ['test/mutations/**/*.test.ts'],
          globalSetup: ['test/mutations/summary.ts'],
          // MUTANTS may ask for a million; a mutant that hangs has a limit of its own.
          testTimeout: 12 * 3_600_000,
        },
      },
      {
        test: {
          // Everything together. `npm test` starts the servers; here the workflows are bundled once.
          name: 'e2e',
          // `cases` are small inputs that once went wrong, `upgrade` what the version before has left in a database,
          // `thirdReport` adds a report to a copy of the product.
          include: ['test/{e2e,cases,thirdReport,upgrade}/**/*.test.ts'],
          globalSetup: ['test/e2e/globalSetup.ts'],
          isolate: false,
          ...hangs,
          // Some load dozens of periods, or kill and start servers for minutes.
          testTimeout: 30 * 60_000,
        },
      },
    ],
    // Three at a time on two cores, since half of a whole-product test is waiting; each may hold a browser and a worker.
    // With four all take as long together, each waits longer, and those that end with a time of their own begin to miss
    // it. More cores run a file each.
    maxWorkers: Math.max(3, availableParallelism()),
    sequence: { sequencer: LongestFirst },
  },
});
