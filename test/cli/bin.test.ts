import { execFile } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';

const project = new URL('../../', import.meta.url);
const { bin, version } = JSON.parse(readFileSync(new URL('package.json', project), 'utf8')) as {
  bin: Record<string, string>;
  version: string;
};
const file = fileURLToPath(new URL(bin['ehr-reporting-pipeline']!, project));

test('ehr-reporting-pipeline is the client, from any folder, and hands on its exit code', async () => {
  accessSync(file, constants.X_OK);
  const refused = promisify(execFile)(file, ['schedule', 'aply'], { cwd: tmpdir() });
  await expect(refused).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining("unknown command 'aply'") as string,
  });
});

const folder = mkdtempSync(path.join(tmpdir(), 'ehr-bin-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file in the folder of this test. */
function fileOf(name: string, text: string): string {
  const written = path.join(folder, name);
  writeFileSync(written, text);
  return written;
}

/** Without what the tests themselves run with. */
function client(args: readonly string[]) {
  const { EHR_ENV: _, EHR_CONFIG: __, ...env } = process.env;
  return promisify(execFile)(file, args, { cwd: folder, env });
}

describe('the client alone', () => {
  test('says its version', async () => {
    expect((await client(['--version'])).stdout).toBe(`${version}\n`);
  });

  test('checks the rules that ehr.env of its folder names, their recipes, and its variables', async () => {
    const rules = readFileSync(new URL('config/pipeline.yaml', project), 'utf8')
      .replace('timeZone:', 'timezone:')
      .replace('recipe: portals/demo.yaml', `recipe: ${fileOf('recipe.yaml', 'portal: mine\n')}`);
    fileOf('ehr.env', `EHR_CONFIG=${fileOf('pipeline.yaml', rules)}\nEHR_ARTIFCATS=/tmp\n`);
    await expect(client(['config', 'check'])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^EHR_ARTIFCATS: unknown variable; did you mean EHR_ARTIFACTS\?\n.*pipeline\.yaml:\d+: organisation\.timezone: unknown key; did you mean timeZone\?\n$/,
      ) as string,
    });
  });

  test('finds nothing in the example, and a mistake in a recipe', async () => {
    const example = fileURLToPath(new URL('config/pipeline.yaml', project));
    fileOf('ehr.env', '');
    expect((await client(['config', 'check', example])).stdout).toMatch(
      /pipeline\.yaml: no mistakes\n.*demo\.yaml: no mistakes\n$/,
    );
    const rules = readFileSync(example, 'utf8').replace(
      'recipe: portals/demo.yaml',
      `recipe: ${fileOf('recipe.yaml', 'portal: mine\nstpes: []\n')}`,
    );
    const refused = client(['config', 'check', fileOf('pipeline.yaml', rules), '--json']);
    await expect(refused).rejects.toMatchObject({
      code: 2,
      stdout: expect.stringMatching(/recipe\.yaml/) as string,
    });
  });

  test('names the line of a file of variables that it does not take', async () => {
    const refused = client(['--variables', fileOf('own.env', 'A=1\nSECRET=a#b\n'), 'config', 'check']);
    await expect(refused).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/own\.env:2: /) as string,
    });
  });
});
