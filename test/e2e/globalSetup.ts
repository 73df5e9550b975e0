import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    workflowBundle: string;
  }
}

/** Bundles the workflows once for all workers of this test run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  for (const variable of ['TEST_TEMPORAL_ADDRESS', 'TEST_DATABASE_URL', 'TEST_TEMPORAL_CLI']) {
    if (process.env[variable] === undefined) {
      throw new Error(`${variable} is not set. Start the tests with: npm test -- --project e2e`);
    }
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'ehr-bundle-'));
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url)),
    logger: new DefaultLogger('WARN'),
  });
  const bundlePath = path.join(folder, 'workflows.cjs');
  await writeFile(bundlePath, code);
  project.provide('workflowBundle', bundlePath);
  return () => rm(folder, { recursive: true, force: true });
}
