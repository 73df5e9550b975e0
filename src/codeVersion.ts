import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as Esbuild from 'esbuild';

/** The file in which `npm run build` leaves the version, beside the built `worker.js`. */
export const builtVersion = 'codeVersion.txt';

const require = createRequire(import.meta.url);
const isBuilt = import.meta.url.endsWith('.js');
let known: string | undefined;

/**
 * Changes with the code that decides figures (`activities/figures.ts`), committed or not: 16 hex digits. A built
 * worker reads what the build has left; one that runs from source bundles once, in about 200 ms.
 */
export function codeVersion(): string {
  known ??= isBuilt
    ? readVersion(new URL(builtVersion, import.meta.url))
    : codeVersionOf(fileURLToPath(new URL('.', import.meta.url)));
  return known;
}

/** Of the code that runs here and, where it runs from source, of what `npm run build` has made of it. */
export function codeVersions(): string[] {
  const built = new URL(`../dist/src/${builtVersion}`, import.meta.url);
  return [codeVersion(), ...(existsSync(built) ? [readVersion(built)] : [])];
}

/**
 * Minified, a bundle has no comments, types or file names, so that editing, adding or moving those reloads no period.
 * Names of variables stay: which short ones esbuild gives depends on the whole text. Packages stay out of it, but for
 * the versions of those that decide a figure.
 */
export function codeVersionOf(source: string): string {
  // Loaded where it is used: a built worker needs no bundler.
  const { buildSync } = require('esbuild') as typeof Esbuild;
  const { outputFiles } = buildSync({
    entryPoints: [path.join(source, 'activities/figures.ts')],
    bundle: true,
    write: false,
    packages: 'external',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'silent',
    // Fixed, so that neither tsconfig.json nor the Node that runs this has a say.
    format: 'esm',
    platform: 'node',
    target: 'node20',
    tsconfigRaw: {},
  });
  return createHash('sha256')
    .update(decidingPackages.map((name) => `${name} ${installedVersion(name)}\n`).join(''))
    .update(outputFiles[0]!.text)
    .digest('hex')
    .slice(0, 16);
}

/** They split exports into cells. */
const decidingPackages = ['csv-parse', 'saxes', 'yauzl'];

/** The package exports no package.json; it lies some folders above what it gives CommonJS. */
function installedVersion(name: string): string {
  const entry = require.resolve(name);
  const folder = entry.slice(0, entry.lastIndexOf(path.join('node_modules', name)));
  const manifest = path.join(folder, 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

function readVersion(file: URL): string {
  return readFileSync(file, 'utf8').trim();
}
