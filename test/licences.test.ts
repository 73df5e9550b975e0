import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/** Every npm package that is installed for the project, its own and what they need in turn. */
const project = new URL('../', import.meta.url);

/** They ask for their notice to be kept, and for nothing else. */
const permissive = [
  'MIT',
  'MIT-0',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  '0BSD',
  'BlueOak-1.0.0',
  'Unlicense',
];

/**
 * Of tools, which no worker runs with and no file that we hand out contains: changes to them would have to be
 * shared.
 */
const permissiveForTools = [...permissive, 'MPL-2.0'];

/** Packages that the lists above do not settle, and why they may stay. */
const judged: Readonly<Record<string, { licence: string | undefined; because: string }>> = {
  unionfs: {
    licence: undefined,
    because: 'its LICENSE file is the Unlicense; only package.json lacks the word',
  },
  ...Object.fromEntries(
    ['ssh2', 'cpu-features', 'buildcheck'].map((name) => [
      name,
      {
        licence: undefined,
        because: 'package.json has MIT under the older key `licenses`, and LICENSE is its text',
      },
    ]),
  ),
  'caniuse-lite': {
    licence: 'CC-BY-4.0',
    because: "data about browsers, read while Temporal's bundler works; nothing of it is in the bundle",
  },
};

interface Package {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
}

const { packages } = JSON.parse(readFileSync(new URL('package-lock.json', project), 'utf8')) as {
  packages: Record<string, Package>;
};

/** The lock file says it of most; the package itself of all that are installed here. */
function licenceOf(folder: string, { license }: Package): string | undefined {
  const file = new URL(`${folder}/package.json`, project);
  if (license !== undefined || !existsSync(file)) return license;
  return (JSON.parse(readFileSync(file, 'utf8')) as Package).license;
}

/** An expression in SPDX's words: of `OR` one has to pass, of `AND` each. */
function passes(licence: string, allowed: readonly string[]): boolean {
  return licence
    .replaceAll(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((each) => allowed.includes(each)));
}

function objection(folder: string, each: Package): string | undefined {
  const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const licence = licenceOf(folder, each);
  if (name in judged)
    return licence === judged[name]!.licence ? undefined : `${name}: now ${String(licence)}`;
  // The binary of another platform: npm has not looked into it, and the one of this platform has the same licence.
  if (licence === undefined && each.optional && !existsSync(new URL(folder, project))) return undefined;
  const allowed = each.dev ? permissiveForTools : permissive;
  if (licence !== undefined && passes(licence, allowed)) return undefined;
  return `${name} ${each.version ?? ''}: ${licence ?? 'no licence'}`;
}

const dependencies = Object.entries(packages).filter(([folder]) => folder !== '');

test('every dependency may be used and handed on with its notice alone', () => {
  expect(dependencies.length).toBeGreaterThan(100);
  expect(dependencies.flatMap(([folder, each]) => objection(folder, each) ?? [])).toEqual([]);
});

test.each(Object.keys(judged))('%s, which was judged by hand, is still a dependency', (name) => {
  expect(dependencies.map(([folder]) => folder)).toContain(`node_modules/${name}`);
});

describe('the check finds what it is for', () => {
  test.each<{ title: string; each: Package; refused: boolean }>([
    { title: 'a copyleft licence', each: { license: 'AGPL-3.0-only' }, refused: true },
    { title: 'no licence', each: {}, refused: true },
    { title: 'one of two that must both hold', each: { license: 'MIT AND GPL-3.0-only' }, refused: true },
    { title: 'a choice of two', each: { license: '(MIT OR GPL-3.0-only)' }, refused: false },
    { title: 'MPL in a tool', each: { license: 'MPL-2.0', dev: true }, refused: false },
    { title: 'MPL in what a worker runs with', each: { license: 'MPL-2.0' }, refused: true },
  ])('$title', ({ each, refused }) => {
    expect(objection('node_modules/invented', each) !== undefined).toBe(refused);
  });
});

describe('npm run sbom', () => {
  interface Component {
    readonly 'bom-ref': string;
    readonly name: string;
    readonly version: string;
    readonly licenses?: readonly {
      readonly license?: { readonly id: string };
      readonly expression?: string;
    }[];
  }
  interface Bill {
    readonly bomFormat: string;
    readonly specVersion: string;
    readonly metadata: { readonly component: Component };
    readonly components: readonly Component[];
    readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  }
  const script = fileURLToPath(new URL('scripts/sbom.mjs', project));
  const bill = JSON.parse(execFileSync(process.execPath, [script], { encoding: 'utf8' })) as Bill;

  test('is a bill of this product in CycloneDX', () => {
    expect(bill).toMatchObject({
      bomFormat: 'CycloneDX',
      specVersion: expect.stringMatching(/^1\.\d$/) as string,
      metadata: { component: { name: 'ehr-reporting-pipeline', type: 'application' } },
    });
    const refs = [bill.metadata.component, ...bill.components].map((each) => each['bom-ref']);
    expect(new Set(refs).size).toBe(refs.length);
    expect(bill.dependencies.map(({ ref }) => ref).toSorted()).toEqual(refs.toSorted());
    expect(refs).toEqual(expect.arrayContaining(bill.dependencies.flatMap(({ dependsOn }) => dependsOn)));
  });

  test('names every package that a worker may be installed with, and no other', () => {
    const wanted = dependencies
      .filter(([, { dev }]) => dev !== true)
      .map(([folder, { version }]) => `${folder.replace(/^.*node_modules\//, '')}@${version!}`);
    const named = bill.components.map(({ name, version }) => `${name}@${version}`);
    expect(named.toSorted()).toEqual([...new Set(wanted)].toSorted());
  });

  test('names a licence of each that may be handed on', () => {
    const refused = bill.components.filter(({ name, licenses = [] }) => {
      const licence = licenses[0]?.license?.id ?? licenses[0]?.expression;
      if (licenses.length !== 1 || licence === undefined) return true;
      return !passes(licence, permissive) && judged[name]?.licence !== licence;
    });
    expect(refused.map(({ name, licenses }) => ({ name, licenses }))).toEqual([]);
  });
});
