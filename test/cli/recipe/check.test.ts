import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { checkRecipe } from '../../../src/cli/recipe/check.ts';

let folder: string;
const printed: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'recipe-check-'));
  printed.length = 0;
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
  vi.stubEnv('EHR_CONFIG', 'demo/pipeline.yaml');
  vi.stubEnv('EHR_PORTAL_URL', undefined);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function demoWith(from: string, to: string): Promise<string> {
  const file = path.join(folder, 'acme.yaml');
  const demo = await readFile('config/portals/demo.yaml', 'utf8');
  expect(demo).toContain(from);
  await writeFile(file, demo.replace(from, to));
  return file;
}

test('without a file it checks the recipe that pipeline.yaml names', async () => {
  await checkRecipe(undefined, {});
  expect(printed).toEqual(['config/portals/demo.yaml: no mistakes, no weak steps']);
});

test('a weak step comes with its line and what to do', async () => {
  const file = await demoWith('  recordCount:', '  #');
  await checkRecipe(file, {});
  expect(printed.join('\n')).toMatch(
    /acme\.yaml:1\d\d: download: no recordCount: .*\n {2}→ Say where .*\nno mistakes, 1 weak step$/,
  );
});

test('as JSON', async () => {
  const file = await demoWith('  recordCount:', '  #');
  await checkRecipe(file, { json: true });
  expect(JSON.parse(printed.join('\n'))).toMatchObject({
    recipes: [{ file, weak: [{ place: 'download' }] }],
  });
});

test('a mistake is refused with its line and the word that was meant', async () => {
  const file = await demoWith('click: { button: Log in }', 'clik: { button: Log in }');
  const [before] = (await readFile(file, 'utf8')).split('- name: log in\n');
  const line = String(before!.split('\n').length);
  await expect(checkRecipe(file, {})).rejects.toMatchObject({
    type: 'InvalidInput',
    message: expect.stringContaining(`acme.yaml:${line}: login step 4 "log in": did you mean "click"?`),
  });
});

test('a goto that leads away from the portal is a mistake where the portal is known', async () => {
  const file = await demoWith('goto: ${portal.url}/app', 'goto: https://elsewhere.example/app');
  await checkRecipe(await demoWith('goto: ${portal.url}/app', 'goto: /app'), {});
  await demoWith('goto: ${portal.url}/app', 'goto: https://elsewhere.example/app');
  vi.stubEnv('EHR_PORTAL_URL', 'https://portal.example');
  await expect(checkRecipe(file, {})).rejects.toThrow(/leads to https:\/\/elsewhere\.example/);
});

test('a file that is not there is named', async () => {
  await expect(checkRecipe(path.join(folder, 'none.yaml'), {})).rejects.toThrow(
    /none\.yaml cannot be read \(ENOENT\)/,
  );
});
