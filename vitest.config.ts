import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/real/**', 'test/e2e/**', 'test/mutations/**', 'test/cases/**', 'test/upgrade/**'],
          // Against hangs only: the slowest walks every byte of an export, and machines are shared.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          // One real part each: a browser, a database, a server.
          name: 'real',
          include: ['test/real/**/*.test.ts'],
          testTimeout: 60_000,
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
          // `cases` are small inputs that once went wrong, `upgrade` what the version before has left in a database.
          include: ['test/{e2e,cases,upgrade}/**/*.test.ts'],
          globalSetup: ['test/e2e/globalSetup.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
    // Two at a time: each may hold a browser, a database and a worker.
    maxWorkers: 2,
  },
});
