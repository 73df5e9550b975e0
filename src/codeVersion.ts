import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as Esbuild from 'esbuild';
import { isBuilt } from './domain/builtProgram.ts';

/** The file in which `npm run build` leaves the version, beside the built `worker.js`. */
export const builtVersion = 'codeVersion.txt';

const require = createRequire(import.meta.url);
let known: string | undefined;

/**
 * Changes with the code that decides figures (`activities/figures.ts`), committed or not: 16 hex digits. A built
 * worker reads what the build has left; one that runs from source bundles once.
 */
export function codeVersion(): string {
  known ??= isBuilt
    ? readVersion(new URL(builtVersion, import.meta.url))
    : codeVersionOf(fileURLToPath(new URL('.', import.meta.url)));
  return known;
}

/** The version of the code that runs here and, if that is the source, also of the last build beside it. */
export function codeVersions(): string[] {
  const built = new URL(`../dist/src/${builtVersion}`, import.meta.url);
  return [codeVersion(), ...(existsSync(built) ? [readVersion(built)] : [])];
}

/**
 * Minified, a bundle has no comments, types or file names, so that editing, adding or moving those reloads no period.
 * Names of variables stay: which short ones esbuild gives depends on the whole text. Packages stay out of it, but for
 * the versions of those that decide a figure. A bundle follows the order of import lines; so it is made twice, the
 * second time in an order that they have no part in.
 */
export function codeVersionOf(source: string): string {
  const entry = path.join(source, 'activities/figures.ts');
  const found = bundle(source, `export * from ${JSON.stringify(entry)};`);
  const files = inOwnOrder(source, found.metafile!.inputs).map((file) => path.join(source, file));
  const ordered = [
    ...files.map((file) => `import ${JSON.stringify(file)};`),
    `export * from ${JSON.stringify(entry)};`,
  ];
  const text = bundle(source, ordered.join('\n')).outputFiles![0]!.text;
  return createHash('sha256')
    .update(decidingPackages.map((name) => `${name} ${installedVersion(name)}\n`).join(''))
    .update(withSortedImports(text))
    .digest('hex')
    .slice(0, 16);
}

function bundle(source: string, contents: string): Esbuild.BuildResult {
  return esbuild().buildSync({
    ...fixed,
    stdin: { contents, resolveDir: source, sourcefile: 'entry.js', loader: 'js' },
    absWorkingDir: source,
    bundle: true,
    write: false,
    metafile: true,
    packages: 'external',
  });
}

/** So that neither tsconfig.json nor the Node that runs this has a say. */
const fixed = {
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'silent',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  tsconfigRaw: {},
} satisfies Esbuild.TransformOptions;

/** Loaded where it is used: a built worker needs no bundler. */
function esbuild(): typeof Esbuild {
  return require('esbuild') as typeof Esbuild;
}

/**
 * The files in an order in which they can be evaluated: each after those that it imports, and among those that are
 * free, by what is in them. The order alone never hides a change: the whole bundle is hashed.
 */
function inOwnOrder(source: string, inputs: Esbuild.Metafile['inputs']): string[] {
  const waiting = new Map(
    Object.entries(inputs)
      .filter(([file]) => file !== 'entry.js')
      .map(([file, { imports }]) => [
        file,
        imports.filter(({ external }) => external !== true).map((each) => each.path),
      ]),
  );
  const textOf = ownTexts(source, [...waiting.keys()]);
  const ordered: string[] = [];
  while (waiting.size > 0) {
    const free = Array.from(waiting).filter(([, imports]) => imports.every((file) => !waiting.has(file)));
    if (free.length === 0) throw new Error(`import cycle among ${[...waiting.keys()].join(', ')}`);
    const files = free
      .map(([file]) => file)
      .sort((one, other) => (textOf.get(one)! < textOf.get(other)! ? -1 : 1));
    for (const file of files) waiting.delete(file);
    ordered.push(...files);
  }
  return ordered;
}

/** What each file holds besides its imports. All at once: each call of the bundler starts a process. */
function ownTexts(source: string, files: readonly string[]): Map<string, string> {
  const { outputFiles } = esbuild().buildSync({
    ...fixed,
    entryPoints: files.map((file, index) => ({ in: path.join(source, file), out: String(index) })),
    outdir: source,
    write: false,
  });
  const textOf = new Map(outputFiles.map(({ path: file, text }) => [path.basename(file, '.js'), text]));
  return new Map(files.map((file, index) => [file, textOf.get(String(index))!.replace(importOrExport, '')]));
}

const importOrExport =
  /(?<=^|[;}\n])(?:import|export)(?:[\w$]+,?|\*as [\w$]+|\*)?(?:\{[^{}]*\})?(?:from)?(?:"[^"]*")?;?/g;
const packageImport = /(?<=^|[;}\n])import(?:[\w$ ]+,?|\*as [\w$]+)?(?:\{[^{}]*\})?(?:from)?"[^"]*";/g;

/** The imports of packages, which stand in a file in any order, go behind the text. */
function withSortedImports(text: string): string {
  const imports = Array.from(text.matchAll(packageImport), ([line]) =>
    line.replace(/\{([^}]*)\}/, (_, names: string) => `{${names.split(',').sort().join(',')}}`),
  );
  return [text.replaceAll(packageImport, ''), ...imports.sort()].join('\n');
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
