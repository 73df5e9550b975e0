import { chmod, cp } from 'node:fs/promises';
import path from 'node:path';
import { cachedBinary, installIntoCache, isExecutable, onPath } from './cache.mjs';
import { go, hasGo } from './go.mjs';
import { say, whileAlive } from './progress.mjs';
import { run } from './run.mjs';

/** The last line of releases of the older command line, which some operators still use. */
const goModule = 'github.com/temporalio/tctl@v1.18.0';

const part = 'tctl';

/**
 * Finds tctl 1.18 for the tests that start workflows with it, or builds it where Go is there.
 * @param {{ after: Promise<unknown> }} options another Go build that should have the cores first
 * @returns {Promise<string | undefined>} undefined where it cannot be had; why has been said
 */
export async function findTctl({ after }) {
  const found = await alreadyThere();
  if (found !== undefined) {
    say(part, `found at ${found}`);
    return found;
  }
  if (!(await hasGo())) {
    say(part, 'not here, and Go is not there to build it: tests that need it are skipped');
    return undefined;
  }
  await after;
  return build();
}

async function alreadyThere() {
  const candidates = [process.env.TCTL_PATH, await onPath('tctl'), cachedBinary('tctl')];
  for (const file of candidates) {
    if (file && (await isExecutable(file)) && (await run(file, ['--version'], { timeoutSeconds: 30 })).ok)
      return file;
  }
  return undefined;
}

async function build() {
  say(part, `building ${goModule} with Go: about 2 minutes, once per user`);
  try {
    const file = await whileAlive(part, 'building with Go', installIntoCache('tctl', buildInto));
    say(part, 'built, and kept in the cache for the next time');
    return file;
  } catch (error) {
    say(part, `could not be built: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/**
 * Its go.mod has replacements, with which `go install` refuses to work: so it is built in a copy.
 * @param {string} folder
 */
async function buildInto(folder) {
  const source = path.join(folder, 'source');
  await cp(await moduleFolder(), source, { recursive: true });
  await makeWritable(source);
  const done = await go(['build', '-o', path.join(folder, 'tctl'), './cmd/tctl'], { cwd: source });
  if (!done.ok) throw new Error(done.tail);
}

async function moduleFolder() {
  const done = await go(['mod', 'download', '-json', goModule]);
  if (!done.ok) throw new Error(done.tail);
  return /** @type {string} */ (JSON.parse(done.stdout).Dir);
}

/** Go keeps module sources read-only; a read-only folder could not be removed again. */
async function makeWritable(/** @type {string} */ folder) {
  const done = await run('chmod', ['-R', 'u+w', folder], { timeoutSeconds: 60 });
  if (!done.ok) throw new Error(done.tail);
  await chmod(folder, 0o755);
}
