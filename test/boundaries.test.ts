import path from 'node:path';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { importsOf, readSource, type Import } from '../scripts/structure/imports.ts';

interface Area {
  /** What of ours it may import as values, besides itself: areas, with the folders in them, or single files. */
  readonly values: readonly string[];
  /** The same as types, besides those. */
  readonly types?: readonly string[];
  /** Packages and `node:` modules that it may use as values; types of any installed one may be named. */
  readonly packages: readonly string[];
}

/**
 * Who may import whom: folders, and the files that lie beside them. The pure core knows the definitions of the reports
 * only, the workflows the core only, each adapter the core and the one library it adapts; `wiring` and the two programs put
 * them together.
 */
const areas: Readonly<Record<string, Area>> = {
  // zod also runs in the workflow sandbox; node:crypto only where names are hashed, outside of it.
  domain: { values: ['reports'], packages: ['zod', 'node:crypto'] },
  // Where things stand in a YAML file, for pipeline.yaml and the recipe.
  'domain/yaml': { values: [], packages: ['yaml'] },
  // What each report is, told in terms of the domain.
  reports: { values: ['domain'], packages: [] },
  rows: {
    values: ['domain', 'reports'],
    packages: [
      'csv-parse',
      'saxes',
      'yauzl',
      'node:buffer',
      'node:stream',
      'node:stream/promises',
      'node:zlib',
    ],
  },
  workflows: {
    values: ['domain'],
    types: ['activities'],
    packages: ['@temporalio/workflow', '@temporalio/common'],
  },
  activities: {
    // The alerts are decided by functions, as figures are by those of the domain.
    values: ['alerts', 'domain', 'reports', 'rows'],
    types: ['ports'],
    packages: [
      '@temporalio/activity',
      '@temporalio/common',
      // Of what a step is given, which may come from anybody.
      'zod',
      'node:fs',
      'node:fs/promises',
      'node:util',
    ],
  },
  artifacts: {
    values: ['domain'],
    packages: [
      // Loaded by the first use of a bucket.
      '@aws-sdk/client-s3',
      '@aws-sdk/lib-storage',
      'is-path-inside',
      'p-timeout',
      'node:crypto',
      'node:fs',
      'node:fs/promises',
      'node:path',
      'node:stream',
      'node:stream/promises',
    ],
  },
  // Folders and SFTP servers where others leave files.
  sources: {
    values: ['domain'],
    packages: ['p-timeout', 'ssh2-sftp-client', 'node:crypto', 'node:fs', 'node:fs/promises', 'node:path'],
  },
  portal: {
    values: ['domain', 'reports'],
    types: ['ports'],
    packages: [
      'get-port',
      'playwright',
      'otpauth',
      'p-timeout',
      'yaml',
      'zod',
      'node:crypto',
      // The gate through which the browser reaches the network.
      'node:dns',
      'node:events',
      'node:fs/promises',
      // Playwright, loaded when it is needed.
      'node:module',
      'node:net',
      'node:os',
      'node:path',
      'node:timers/promises',
      'node:tls',
      // Bounds the time of a pattern that a recipe's author wrote.
      'node:vm',
    ],
  },
  warehouse: {
    values: ['domain', 'reports', 'rows'],
    packages: [
      'drizzle-orm',
      'mysql2',
      'p-timeout',
      'node:crypto',
      'node:net',
      'node:stream',
      'node:timers/promises',
      'node:url',
    ],
  },
  alerts: { values: ['domain', 'reports'], packages: ['nodemailer', 'p-timeout'] },
  observability: {
    values: ['domain'],
    packages: ['@temporalio/worker', 'pino', 'node:fs', 'node:module', 'node:path', 'node:url'],
  },
  // Of the steps themselves it needs to know nothing but what they give back.
  'observability/stepObserver': {
    values: ['domain', 'reports'],
    types: ['activities'],
    packages: ['@temporalio/common'],
  },
  'observability/metrics': {
    values: ['domain', 'observability/stepObserver', 'reports'],
    packages: ['get-port', 'prom-client', 'node:events', 'node:http'],
  },
  'observability/tracing': {
    values: ['domain'],
    types: ['observability/stepObserver'],
    packages: [
      '@opentelemetry/api',
      '@opentelemetry/context-async-hooks',
      '@opentelemetry/core',
      '@opentelemetry/exporter-trace-otlp-http',
      '@opentelemetry/resources',
      '@opentelemetry/sdk-trace-base',
      '@temporalio/interceptors-opentelemetry',
      'p-timeout',
      'node:module',
    ],
  },
  temporal: {
    values: ['domain', 'observability'],
    packages: [
      '@grpc/grpc-js',
      '@temporalio/client',
      '@temporalio/common',
      '@temporalio/proto',
      '@temporalio/worker',
      '@temporalio/workflow',
      'node:crypto',
      'node:fs/promises',
      'node:timers/promises',
      'node:url',
    ],
  },
  // echarts and the XLSX writer run in the page, esbuild makes its script.
  dashboard: {
    values: ['domain', 'reports'],
    packages: [
      'echarts',
      'esbuild',
      'write-excel-file',
      'node:crypto',
      'node:fs/promises',
      'node:path',
      'node:url',
      'node:zlib',
    ],
  },
  config: {
    values: ['domain', 'reports'],
    packages: ['zod', '@temporalio/envconfig', 'node:crypto', 'node:fs', 'node:net', 'node:path'],
  },
  // What the steps need of the world: types, for them and for whoever provides it.
  ports: { values: [], types: ['domain', 'reports'], packages: [] },
  codeVersion: {
    values: ['domain'],
    packages: ['esbuild', 'node:crypto', 'node:fs', 'node:module', 'node:path', 'node:url'],
  },
  // Connects adapters to the ports of whoever uses them.
  wiring: {
    values: [
      'activities',
      'alerts',
      'artifacts',
      'codeVersion',
      'config',
      'dashboard',
      'domain',
      'observability',
      'portal',
      'reports',
      'sources',
      'temporal',
      'warehouse',
    ],
    types: ['ports'],
    packages: [
      '@temporalio/client',
      '@temporalio/worker',
      'node:crypto',
      'node:fs',
      'node:fs/promises',
      'node:path',
      'node:url',
      'node:os',
      'node:stream/consumers',
      'node:timers/promises',
    ],
  },
  worker: {
    values: ['codeVersion', 'config', 'observability', 'temporal', 'wiring'],
    packages: ['@temporalio/client', '@temporalio/worker'],
  },
  client: { values: ['cli'], packages: [] },
  cli: {
    values: [
      'alerts',
      'cli/doctor',
      'cli/recipe',
      'config',
      'dashboard',
      'domain',
      'observability',
      'reports',
      'rows',
      'temporal',
      'warehouse',
      'wiring',
    ],
    types: ['workflows'],
    packages: [
      'is-path-inside',
      '@grpc/grpc-js',
      '@temporalio/client',
      '@temporalio/common',
      'cli-table3',
      'commander',
      'node:crypto',
      'node:fs',
      'node:fs/promises',
      'node:os',
      'node:path',
      'node:readline',
      'node:readline/promises',
      'node:timers/promises',
      'node:url',
      'p-timeout',
      'string-width',
      'yaml',
    ],
  },
  'cli/recipe': {
    values: ['cli', 'config', 'domain', 'portal', 'reports', 'rows', 'wiring'],
    packages: ['node:fs', 'node:fs/promises', 'node:path'],
  },
  'cli/doctor': {
    values: [
      'cli',
      'cli/recipe',
      'codeVersion',
      'config',
      'domain',
      'portal',
      'temporal',
      'warehouse',
      'wiring',
    ],
    types: ['reports'],
    packages: [
      '@grpc/grpc-js',
      '@temporalio/client',
      'p-timeout',
      'node:crypto',
      'node:fs',
      'node:fs/promises',
      'node:path',
    ],
  },
};

/** The row with the longest name: `observability/stepObserver` before `observability`, `config` for `config.ts` too. */
function areaOf(file: string): string | undefined {
  const name = file.replace(/\.ts$/, '');
  return Object.keys(areas)
    .filter((area) => isWithin(name, area))
    .sort((one, other) => other.length - one.length)[0];
}

function isWithin(name: string, area: string): boolean {
  return name === area || name.startsWith(`${area}/`);
}

/** Why an import is not allowed, or undefined. */
function violation({ file, target, ours, typesOnly }: Import): string | undefined {
  const from = areaOf(file);
  if (from === undefined) return `${file} has no row`;
  const { values, types = [], packages } = areas[from]!;
  if (!ours) return typesOnly || packages.includes(target) ? undefined : `${file} uses the package ${target}`;
  const to = areaOf(target);
  if (to === undefined) return `${file} imports ${target}, which has no row`;
  const name = target.replace(/\.ts$/, '');
  const isOneOf = (names: readonly string[]) => names.some((each) => isWithin(to, each) || name === each);
  if (to === from || isOneOf(values)) return undefined;
  if (!isOneOf(types)) return `${file} imports ${target}`;
  return typesOnly ? undefined : `${file} imports ${target} as a value`;
}

const sourceFolder = fileURLToPath(new URL('../src/', import.meta.url));
const source = readSource(sourceFolder);
const imports = source.flatMap((each) => each.imports);

test('every import keeps to the table', () => {
  expect(imports.length).toBeGreaterThan(300);
  expect(imports.map(violation).filter((found) => found !== undefined)).toEqual([]);
});

test('every file has its row, and every row has files', () => {
  expect(new Set(source.map(({ file }) => areaOf(file)))).toEqual(new Set(Object.keys(areas)));
});

/** Folders whose files are named after what users write: commands, checks, sections of pipeline.yaml, workflows. */
const namedForUsers = new Set(['cli', 'cli/doctor', 'config/pipeline', 'workflows']);

test('a file name occurs once, unless users themselves meet that name in several places', () => {
  const files = source.map(({ file }) => file).filter((file) => path.basename(file) !== 'index.ts');
  const twice = files.filter((file) => {
    const same = files.filter((other) => path.basename(other) === path.basename(file));
    return same.length > 1 && !same.every((each) => namedForUsers.has(path.dirname(each)));
  });
  expect(twice).toEqual([]);
});

const exportedType = /^export (?:abstract )?(?:class|interface|type) (\w+)/gm;

test('a type has a name of its own', () => {
  const texts = source.map(({ file }) => readFileSync(path.join(sourceFolder, file), 'utf8'));
  const names = texts.flatMap((text) => Array.from(text.matchAll(exportedType), (match) => match[1]!));
  expect(names).toContain('Period');
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

test('every permission is used', () => {
  const unused = Object.entries(areas).flatMap(([area, { values, types = [], packages }]) => {
    const made = imports.filter(({ file }) => areaOf(file) === area);
    const reaches = (name: string, only: boolean) =>
      made.some(
        ({ ours, target, typesOnly }) => ours && typesOnly === only && isWithin(areaOf(target)!, name),
      );
    return [
      ...values.filter((name) => !reaches(name, false)),
      ...types.filter((name) => !reaches(name, true)),
      ...packages.filter((name) => !made.some(({ target }) => target === name)),
    ].map((name) => `${area}: ${name}`);
  });
  expect(unused).toEqual([]);
});

/** A row of ARCHITECTURE.md's map: what lies in `src/`, and the text of its last column. */
interface MapRow {
  readonly parts: readonly string[];
  readonly mayImport: string;
}

const map: readonly MapRow[] = readFileSync(new URL('../ARCHITECTURE.md', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `src/'))
  .map((line) => {
    const [, where, , mayImport] = line.split('|');
    const parts = new Set(quoted(where!).map((part) => topOf(part.replace('src/', ''))));
    return { parts: [...parts], mayImport: mayImport! };
  });

/** `domain` and `reports` as values, `ports` as types, of "`domain`, `reports`; `ports` as types". */
function statedIn(mayImport: string): string[] {
  return mayImport
    .split(';')
    .flatMap((part) => quoted(part).map((name) => permission(name, / as types *$/.test(part))));
}

/** What the rules of these areas, and of those within them, allow altogether; nothing needs a permission for itself. */
function allowedBy(parts: readonly string[]): string[] {
  const within = Object.entries(areas).filter(([area]) => parts.includes(topOf(area)));
  const others = (names: readonly string[]) => names.map(topOf).filter((name) => !parts.includes(name));
  const values = new Set(within.flatMap(([, area]) => others(area.values)));
  const types = new Set(within.flatMap(([, area]) => others(area.types ?? [])));
  return [
    ...Array.from(values, (name) => permission(name, false)),
    ...Array.from(types)
      .filter((name) => !values.has(name))
      .map((name) => permission(name, true)),
  ];
}

function permission(name: string, asTypes: boolean): string {
  return asTypes ? `${name} as types` : name;
}

function quoted(text: string): string[] {
  return Array.from(text.matchAll(/`([^`]+)`/g), (match) => match[1]!);
}

/** `observability` of `observability/watch`, `config` of `config.ts`. */
function topOf(part: string): string {
  return part.split('/')[0]!.replace(/\.ts$/, '');
}

describe('the map of ARCHITECTURE.md says the same', () => {
  test.each(map)('$parts', ({ parts, mayImport }) => {
    expect(statedIn(mayImport).sort()).toEqual(allowedBy(parts).sort());
  });

  test('of every area, once', () => {
    const tops = [...new Set(Object.keys(areas).map(topOf))].sort();
    expect(map.flatMap(({ parts }) => parts).sort()).toEqual(tops);
  });
});

test('only the list of reports knows which reports there are', () => {
  const defining = imports.filter(({ target }) => target === 'reports/defineReport.ts');
  const files = defining.map(({ file }) => file);
  expect(files).toContain('reports/notes.ts');
  const others = imports.filter(({ file, target }) => files.includes(target) && file !== 'reports/index.ts');
  expect(others.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
});

/** What hands the environment on: to the settings, to the browser, or, in `init`, to the checks after it. */
const handsEnvironmentOn = /^(?:worker\.ts|wiring\/.*|cli\/.*|portal\/browser\.ts)$/;

test('only src/config/ reads variables', () => {
  const others = source.map(({ file }) => file).filter((file) => topOf(file) !== 'config');
  const reading = others.filter((file) => {
    const text = readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8');
    const hands = handsEnvironmentOn.test(file);
    // A bundle's setting has the name as a text.
    return (hands && file !== 'cli/init.ts' ? /process\.env(?:\.|\[|\?)/ : /(?<!')process\.env\b/).test(text);
  });
  expect(reading).toEqual(['cli/init.ts']);
});

describe('the check finds what it is for', () => {
  const wrong = [
    {
      title: 'Temporal in the core',
      file: 'rows/classifyRecord.ts',
      text: "import { log } from '@temporalio/workflow';",
      found: 'rows/classifyRecord.ts uses the package @temporalio/workflow',
    },
    {
      title: 'an activity as a value in a workflow',
      file: 'workflows/activityProxies.ts',
      text: "import {\n  createClean,\n} from '../activities/clean.ts';",
      found: 'workflows/activityProxies.ts imports activities/clean.ts as a value',
    },
    {
      title: 'a file system in a workflow',
      file: 'workflows/activityProxies.ts',
      text: "import { stat } from 'node:fs/promises';",
      found: 'workflows/activityProxies.ts uses the package node:fs/promises',
    },
    {
      title: 'an adapter in an activity',
      file: 'activities/load.ts',
      text: "import type { Warehouse } from '../warehouse/connect.ts';",
      found: 'activities/load.ts imports warehouse/connect.ts',
    },
    {
      title: 'one adapter in another, imported late',
      file: 'portal/loginQueue.ts',
      text: "const { openWarehouse } = await import('../warehouse/connect.ts');",
      found: 'portal/loginQueue.ts imports warehouse/connect.ts',
    },
    {
      title: 'the composition root in an adapter',
      file: 'artifacts/folderStore.ts',
      text: "import '../worker.ts';",
      found: 'artifacts/folderStore.ts imports worker.ts',
    },
    {
      title: 'a folder that has no row',
      file: 'worker.ts',
      text: "import '../helpers/many.ts';",
      found: 'worker.ts imports ../helpers/many.ts, which has no row',
    },
  ];

  test.each(wrong)('$title', ({ file, text, found }) => {
    expect(importsOf(file, text).map(violation)).toEqual([found]);
  });
});
