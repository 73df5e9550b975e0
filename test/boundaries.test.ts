import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const src = fileURLToPath(new URL('../src/', import.meta.url));

interface Area {
  /** Areas of ours that it may import as values, besides itself. */
  readonly values: readonly string[];
  /** Areas of ours that it may import as types besides those. */
  readonly types?: readonly string[];
  /** Packages and `node:` modules that it may use as values; types of any installed one may be named. */
  readonly packages: readonly string[];
}

/**
 * Who may import whom. The pure core knows nobody, the workflows only the core, each adapter the core and the one
 * library it adapts. What is in no row is a composition file: it knows everyone, and nobody here may import it.
 */
const areas: Readonly<Record<string, Area>> = {
  // zod also runs in the workflow sandbox; node:crypto only where names are hashed, outside of it.
  domain: { values: [], packages: ['zod', 'node:crypto'] },
  workflows: {
    values: ['domain'],
    types: ['activities', 'alerts', 'dashboard'],
    packages: ['@temporalio/workflow', '@temporalio/common'],
  },
  activities: {
    values: ['domain'],
    packages: [
      '@temporalio/activity',
      '@temporalio/common',
      'csv-parse',
      // Of what a step is given, which may come from anybody.
      'zod',
      'node:buffer',
      'node:fs',
      'node:fs/promises',
      'node:stream',
      'node:stream/promises',
      'node:util',
    ],
  },
  artifacts: {
    values: ['domain'],
    packages: ['node:crypto', 'node:fs', 'node:fs/promises', 'node:path', 'node:stream'],
  },
  portal: {
    values: ['domain'],
    packages: [
      'playwright',
      'otpauth',
      'yaml',
      'zod',
      'node:crypto',
      // The gate through which the browser reaches the network.
      'node:dns',
      'node:events',
      'node:fs/promises',
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
    values: ['domain'],
    types: ['alerts'],
    packages: [
      'drizzle-orm',
      'mysql2',
      'node:crypto',
      'node:net',
      'node:stream',
      'node:timers/promises',
      'node:url',
    ],
  },
  // Its own steps among it: they change no figure.
  alerts: { values: ['domain'], packages: ['@temporalio/common', 'nodemailer', 'zod'] },
  // Of the steps themselves it needs to know nothing but what they give back.
  watch: { values: ['domain'], types: ['activities'], packages: ['@temporalio/common'] },
  metrics: {
    values: ['domain'],
    packages: ['prom-client', 'node:events', 'node:http', 'node:net'],
  },
  tracing: {
    values: ['domain'],
    types: ['watch'],
    packages: [
      '@opentelemetry/api',
      '@opentelemetry/context-async-hooks',
      '@opentelemetry/core',
      '@opentelemetry/exporter-trace-otlp-http',
      '@opentelemetry/resources',
      '@opentelemetry/sdk-trace-base',
      '@temporalio/interceptors-opentelemetry',
      'node:module',
    ],
  },
  temporal: {
    values: ['domain'],
    packages: ['@temporalio/client', '@temporalio/common', 'node:timers/promises'],
  },
  // Of the warehouse only what its rows look like; echarts and the XLSX writer run in the page, esbuild makes its script.
  dashboard: {
    values: ['domain'],
    types: ['warehouse'],
    packages: [
      '@temporalio/activity',
      'echarts',
      'esbuild',
      'write-excel-file',
      'node:crypto',
      'node:fs/promises',
      'node:path',
      'node:url',
    ],
  },
  config: {
    values: ['domain'],
    packages: [
      'yaml',
      'zod',
      '@temporalio/envconfig',
      'node:crypto',
      'node:fs',
      'node:net',
      'node:path',
      'node:url',
    ],
  },
};

interface Import {
  /** `activities/clean.ts`, from `src`. */
  readonly file: string;
  /** The path from `src`, or the package. */
  readonly target: string;
  readonly ours: boolean;
  readonly typesOnly: boolean;
}

const importPattern = /^(?:import|export)\s+(type\s+)?(?:[^;'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;
const dynamicImportPattern = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

function importsOf(file: string, text: string): Import[] {
  const found = [
    ...Array.from(text.matchAll(importPattern), (match) => ({
      name: match[2]!,
      typesOnly: match[1] !== undefined,
    })),
    ...Array.from(text.matchAll(dynamicImportPattern), (match) => ({ name: match[1]!, typesOnly: false })),
  ];
  return found.map(({ name, typesOnly }) => {
    const ours = name.startsWith('.');
    return { file, ours, typesOnly, target: ours ? path.join(path.dirname(file), name) : packageOf(name) };
  });
}

/** `drizzle-orm/mysql2` is `drizzle-orm`; `node:fs/promises` stays whole. */
function packageOf(name: string): string {
  if (name.startsWith('node:')) return name;
  const parts = name.split('/');
  return parts.slice(0, name.startsWith('@') ? 2 : 1).join('/');
}

function areaOf(file: string): string | undefined {
  const [folder] = file.split(path.sep);
  return folder !== undefined && folder in areas ? folder : undefined;
}

/** Why an import is not allowed, or undefined. */
function violation({ file, target, ours, typesOnly }: Import): string | undefined {
  const from = areaOf(file);
  if (from === undefined) return undefined;
  const { values, types = [], packages } = areas[from]!;
  if (!ours) return typesOnly || packages.includes(target) ? undefined : `${file} uses the package ${target}`;
  const to = areaOf(target);
  if (to === undefined) return `${file} imports the composition file ${target}`;
  if (to === from || values.includes(to)) return undefined;
  if (!types.includes(to)) return `${file} imports ${target}`;
  return typesOnly ? undefined : `${file} imports ${target} as a value`;
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const imports = files.flatMap((file) => importsOf(file, readFileSync(path.join(src, file), 'utf8')));

test('every import keeps to the table', () => {
  expect(imports.length).toBeGreaterThan(300);
  expect(imports.map(violation).filter((found) => found !== undefined)).toEqual([]);
});

test('what is in no row is known: the composition files, the client’s commands and its doctor', () => {
  const composition = new Set(
    files.filter((file) => areaOf(file) === undefined).map((file) => path.dirname(file)),
  );
  expect([...composition].sort()).toEqual(['.', 'cli', 'doctor']);
});

describe('the check finds what it is for', () => {
  const wrong = [
    {
      title: 'Temporal in the core',
      file: 'domain/clean.ts',
      text: "import { log } from '@temporalio/workflow';",
      found: 'domain/clean.ts uses the package @temporalio/workflow',
    },
    {
      title: 'an activity as a value in a workflow',
      file: 'workflows/steps.ts',
      text: "import {\n  createClean,\n} from '../activities/clean.ts';",
      found: 'workflows/steps.ts imports activities/clean.ts as a value',
    },
    {
      title: 'a file system in a workflow',
      file: 'workflows/steps.ts',
      text: "import { stat } from 'node:fs/promises';",
      found: 'workflows/steps.ts uses the package node:fs/promises',
    },
    {
      title: 'an adapter in an activity',
      file: 'activities/load.ts',
      text: "import type { Warehouse } from '../warehouse/connect.ts';",
      found: 'activities/load.ts imports warehouse/connect.ts',
    },
    {
      title: 'one adapter in another, imported late',
      file: 'portal/desk.ts',
      text: "const { openWarehouse } = await import('../warehouse/connect.ts');",
      found: 'portal/desk.ts imports warehouse/connect.ts',
    },
    {
      title: 'the composition root in an adapter',
      file: 'artifacts/folderStore.ts',
      text: "import '../log.ts';",
      found: 'artifacts/folderStore.ts imports the composition file log.ts',
    },
  ];

  test.each(wrong)('$title', ({ file, text, found }) => {
    expect(importsOf(file, text).map(violation)).toEqual([found]);
  });
});
