import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** Bundles the workflows for production, so that a worker starts without doing it. */
const target = fileURLToPath(new URL('../dist/workflows.cjs', import.meta.url));
const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('../src/workflows/index.ts', import.meta.url)),
  logger: new DefaultLogger('WARN'),
});
await mkdir(path.dirname(target), { recursive: true });
await writeFile(target, code);
console.log('wrote dist/workflows.cjs; name it in EHR_WORKFLOW_BUNDLE for the worker');
