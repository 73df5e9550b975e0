import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AgencyRegistry } from '../../src/temporal/agencySchedules.ts';
import { agencyRegistry } from '../../src/wiring/agencyRegistry.ts';

let folder: string;
let registry: AgencyRegistry;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ehr-registry-'));
  vi.stubEnv('EHR_AGENCIES', folder);
  registry = agencyRegistry({} as never);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const example = new URL('../../config/pipeline.yaml', import.meta.url);
const recipes = new URL('../../config/portals/', import.meta.url);

/** An agency whose daily run is at that time. */
async function agency(id: string, at: string): Promise<void> {
  const own = path.join(folder, id);
  await mkdir(path.join(own, 'portals'), { recursive: true });
  const yaml = await readFile(example, 'utf8');
  const [, recipe = ''] = /recipe: (?:\.\/)?portals\/([\w.-]+)/.exec(yaml) ?? [];
  await writeFile(path.join(own, 'portals', recipe), await readFile(new URL(recipe, recipes)));
  await writeFile(path.join(own, 'pipeline.yaml'), yaml.replace(/^( *at: )'\d\d:\d\d'/m, `$1'${at}'`));
}

async function hours(): Promise<Record<string, string | undefined>> {
  const read = await registry.read();
  return Object.fromEntries(Array.from(read ?? [], ([id, settings]) => [id, settings?.schedule.at]));
}

test('knows what each agency wants, also after a change of its file', async () => {
  await agency('acme', '03:31');
  await agency('bolt', '04:32');
  expect(await hours()).toEqual({ acme: '03:31', bolt: '04:32' });
  await agency('acme', '05:33');
  await utimes(path.join(folder, 'acme/pipeline.yaml'), new Date(), new Date(Date.now() + 5_000));
  await rm(path.join(folder, 'bolt'), { recursive: true });
  expect(await hours()).toEqual({ acme: '05:33' });
});

test('of more changed files than a round reads, none is known as it was before', async () => {
  const ids = Array.from({ length: 101 }, (_, index) => `a${String(index)}`);
  for (const id of ids) await agency(id, '03:31');
  for (let round = 0; round < 2; round += 1) await registry.read();
  for (const id of ids) {
    await agency(id, '05:33');
    await utimes(path.join(folder, id, 'pipeline.yaml'), new Date(), new Date(Date.now() + 5_000));
  }
  const during = Object.values(await hours());
  expect([during.filter((each) => each === '05:33').length, during.includes('03:31')]).toEqual([100, false]);
  expect(new Set(Object.values(await hours()))).toEqual(new Set(['05:33']));
});

test('knows of an agency whose file has mistakes, or is not there, and not what it wants', async () => {
  await agency('acme', '03:31');
  await writeFile(path.join(folder, 'acme/pipeline.yaml'), 'schedule: never\n');
  await mkdir(path.join(folder, 'bolt'));
  expect(await hours()).toEqual({ acme: undefined, bolt: undefined });
});

test.each([
  { title: 'is empty', place: '.' },
  { title: 'is away', place: 'absent' },
  { title: 'is not named', place: undefined },
])('knows nothing of any agency while their folder $title', async ({ place }) => {
  vi.stubEnv('EHR_AGENCIES', place === undefined ? undefined : path.join(folder, place));
  expect(await registry.read()).toBeUndefined();
});
