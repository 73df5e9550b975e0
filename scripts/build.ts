import { cp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { builtVersion, codeVersionOf } from '../src/codeVersion.ts';
import { builtScript, bundledScript, styleSheet } from '../src/dashboard/pageAssets.ts';
import { tracedWorkflowModules } from '../src/observability/tracing/workflowModules.ts';
import { bundleProgram } from './bundleProgram.ts';

/**
 * What `npm start` and the client run: each program as a few files of JavaScript, which needs no loader of TypeScript
 * and its memory, the workflows bundled, which each start would do anew otherwise, and the version of the code. Types
 * are checked by `npm run check`.
 */
const project = fileURLToPath(new URL('..', import.meta.url));
const source = path.join(project, 'src');
/** Another folder than `dist`, for tests: it must lie in the project too, beside package.json. */
const [folder = 'dist'] = process.argv.slice(2);
const built = path.join(project, folder);

// No file of an earlier build may be left over.
await rm(built, { recursive: true, force: true });
await cp(path.join(source, 'warehouse/migrations'), path.join(built, 'src/warehouse/migrations'), {
  recursive: true,
});
await cp(path.join(source, 'dashboard', styleSheet), path.join(built, 'src/dashboard', styleSheet));
await writeFile(path.join(built, 'src/dashboard', builtScript), await bundledScript());
await writeFile(path.join(built, 'src', builtVersion), `${codeVersionOf(source)}\n`);
await bundleProgram({ name: 'client', entry: path.join(source, 'client.ts'), built });
await bundleProgram({ name: 'worker', entry: path.join(source, 'worker.ts'), built });
const bundles = [
  { file: 'workflows.cjs', workflowInterceptorModules: [] },
  // Of a worker that sends traces: OTEL_EXPORTER_OTLP_ENDPOINT.
  { file: 'workflows-traced.cjs', workflowInterceptorModules: tracedWorkflowModules },
];
for (const { file, workflowInterceptorModules } of bundles) {
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(source, 'workflows/index.ts'),
    workflowInterceptorModules,
    logger: new DefaultLogger('WARN'),
  });
  await writeFile(path.join(built, file), code);
}
console.log(`wrote ${folder}/: start the worker with npm start`);
