import { execFile } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { TestProject } from 'vitest/node';
import { bundleProgram } from '../../scripts/bundleProgram.ts';
import { isAlive } from '../../scripts/services/leftover.ts';
import { builtPreload, preloads } from './preloads.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the product as it was built for this test run: the worker, the client and the bundles. */
    built: string;
    workflowBundle: string;
  }
}

const project = fileURLToPath(new URL('../..', import.meta.url));
const prefix = '.local-tests-';

/** Builds the product once for all workers and clients of this test run. */
export default async function setup(vitest: TestProject): Promise<() => Promise<void>> {
  for (const variable of ['TEST_TEMPORAL_ADDRESS', 'TEST_DATABASE_URL', 'TEST_TEMPORAL_CLI']) {
    if (process.env[variable] === undefined) {
      throw new Error(`${variable} is not set. Start the tests with: npm test -- --project e2e`);
    }
  }
  await removeDeadBuilds();
  const folder = `${prefix}${String(process.pid)}`;
  await promisify(execFile)(process.execPath, ['--import', 'tsx', 'scripts/build.ts', folder], {
    cwd: project,
  });
  const built = path.join(project, folder);
  await buildPreloads(built);
  // Exports come by requests alone.
  const entry = path.join(project, 'test/e2e/workerWithoutBrowser.ts');
  await bundleProgram({ name: 'workerWithoutBrowser', entry, built });
  vitest.provide('built', built);
  vitest.provide('workflowBundle', path.join(built, 'workflows.cjs'));
  return () => rm(built, { recursive: true, force: true });
}

/** Without them a worker with a preload would have to run from source, which takes it twice the time to start. */
async function buildPreloads(built: string): Promise<void> {
  for (const preload of preloads) {
    await build({
      entryPoints: [path.join(project, preload)],
      outfile: builtPreload(built, preload),
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'node20',
      logLevel: 'warning',
    });
  }
}

/** A run that was killed could not remove its own. */
async function removeDeadBuilds(): Promise<void> {
  for (const name of await readdir(project)) {
    if (!name.startsWith(prefix) || isAlive(Number(name.slice(prefix.length)))) continue;
    await rm(path.join(project, name), { recursive: true, force: true });
  }
}
