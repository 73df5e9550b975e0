import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** One local server and one bundle for all tests of the workflows. */
    workflowTests: { readonly address: string; readonly bundlePath: string };
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cli = process.env['TEST_TEMPORAL_CLI'];
  if (cli === undefined) {
    throw new Error('TEST_TEMPORAL_CLI is not set. Start the tests with: npm test -- --project workflows');
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'ehr-workflow-tests-'));
  const bundlePath = path.join(folder, 'workflows.cjs');
  const [environment, { code }] = await Promise.all([
    TestWorkflowEnvironment.createLocal({
      server: {
        executable: { type: 'existing-path', path: cli },
        ip: '127.0.0.1',
        log: { level: 'error', format: 'json' },
      },
    }),
    bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('../../../src/workflows/index.ts', import.meta.url)),
      logger: new DefaultLogger('WARN'),
    }),
  ]);
  await writeFile(bundlePath, code);
  project.provide('workflowTests', { address: environment.address, bundlePath });
  return async () => {
    await environment.teardown();
    await rm(folder, { recursive: true, force: true });
  };
}
