import { chmod, cp } from 'node:fs/promises';
import path from 'node:path';
import { findGoProgram } from './go-program.mjs';
import { go } from './go.mjs';
import { run } from './run.mjs';

/** The last line of releases of the older command line, which some operators still use. */
const source = 'github.com/temporalio/tctl@v1.18.0';

/**
 * Finds tctl 1.18 for the tests that start workflows with it.
 * @param {{ after: Promise<unknown> }} options
 */
export function findTctl(options) {
  return findGoProgram({ part: 'tctl', name: 'tctl', variable: 'TCTL_PATH', source, buildInto }, options);
}

/**
 * Its go.mod has replacements, with which `go install` refuses to work: so it is built in a copy.
 * @param {string} folder
 */
async function buildInto(folder) {
  const copy = path.join(folder, 'source');
  await cp(await moduleFolder(), copy, { recursive: true });
  await makeWritable(copy);
  const done = await go(['build', '-o', path.join(folder, 'tctl'), './cmd/tctl'], { cwd: copy });
  if (!done.ok) throw new Error(done.tail);
}

async function moduleFolder() {
  const done = await go(['mod', 'download', '-json', source]);
  if (!done.ok) throw new Error(done.tail);
  return /** @type {string} */ (JSON.parse(done.stdout).Dir);
}

/** Go keeps module sources read-only; a read-only folder could not be removed again. */
async function makeWritable(/** @type {string} */ folder) {
  const done = await run('chmod', ['-R', 'u+w', folder], { timeoutSeconds: 60 });
  if (!done.ok) throw new Error(done.tail);
  await chmod(folder, 0o755);
}
