import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { build, type PluginBuild } from 'esbuild';
import { builtVersion, codeVersionOf } from '../src/codeVersion.ts';
import { builtScript, bundledScript, styleSheet } from '../src/dashboard/pageAssets.ts';
import { lineOrigins } from '../src/observability/sourcePlaces.ts';
import { tracedWorkflowModules } from '../src/observability/tracing/workflowModules.ts';

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
await bundleProgram('client', ['@temporalio/worker']);
// The SDK's worker looks for files of its own, and must share the SDK's classes with ours.
await bundleProgram('worker', ['@temporalio/*']);
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

/**
 * A few files with their packages: a program reads those that it needs in half the time of a thousand files. Only
 * native packages, and those that bring files of their own, stay outside.
 */
async function bundleProgram(name: string, outside: readonly string[]): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [path.join(source, `${name}.ts`)],
    outdir: path.join(built, 'src'),
    bundle: true,
    // Each command's part, and what several share. All beside the program: it looks for files from where it is.
    splitting: true,
    chunkNames: `${name}-[name]-[hash]`,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // For `showSourcePlaces`.
    sourcemap: 'external',
    sourcesContent: false,
    write: false,
    external: [
      ...outside,
      '@opentelemetry/*',
      'esbuild',
      'playwright',
      'ssh2-sftp-client',
      // Its parts depend on each other in circles, which chunks do not keep.
      '@aws-sdk/client-s3',
      '@aws-sdk/lib-storage',
    ],
    plugins: [{ name: 'own places', setup: keepOwnPlaces }],
    // What packages in CommonJS load by `require`.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    logLevel: 'warning',
  });
  const texts = new Map(outputFiles.map((file) => [file.path, file.text]));
  for (const [file, text] of texts) {
    if (file.endsWith('.map')) continue;
    await writeFile(file, text);
    await writeFile(`${file}.lines.json`, JSON.stringify(lineOrigins(text, texts.get(`${file}.map`)!)));
  }
}

/** A module of ours that looks for a file beside itself finds it from within the bundle too. */
function keepOwnPlaces(bundler: PluginBuild): void {
  bundler.onLoad({ filter: /\.ts$/ }, async ({ path: file }) => {
    const place = path.relative(source, file).replace(/\.ts$/, '.js');
    if (place.startsWith('..')) return undefined;
    const text = await readFile(file, 'utf8');
    return {
      contents: text.replaceAll('import.meta.url', `new URL('./${place}', import.meta.url).href`),
      loader: 'ts',
    };
  });
}
