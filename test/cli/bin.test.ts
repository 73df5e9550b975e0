import { execFile } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const project = new URL('../../', import.meta.url);
const { bin } = JSON.parse(readFileSync(new URL('package.json', project), 'utf8')) as {
  bin: Record<string, string>;
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
