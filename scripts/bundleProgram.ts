import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type PluginBuild } from 'esbuild';
import { lineOrigins } from '../src/observability/sourcePlaces.ts';

const source = fileURLToPath(new URL('../src', import.meta.url));

interface Program {
  readonly name: string;
  readonly entry: string;
  /** The folder of the whole build. */
  readonly built: string;
}

/**
 * A few files with their packages: a program reads those that it needs in half the time of a thousand files. Only
 * native packages, and those that bring files of their own, stay outside.
 */
export async function bundleProgram({ name, entry, built }: Program): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [{ in: entry, out: name }],
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
      // The SDK's worker looks for files of its own, and must share the SDK's classes with ours.
      ...(name === 'client' ? ['@temporalio/worker'] : ['@temporalio/*', '@grpc/grpc-js']),
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
