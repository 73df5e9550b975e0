import { cachedBinary, installIntoCache, isExecutable, onPath } from './cache.mjs';
import { hasGo } from './go.mjs';
import { say, whileAlive } from './progress.mjs';
import { run } from './run.mjs';

/**
 * @typedef {object} GoProgram
 * @property {string} part what the set-up calls it
 * @property {string} name of the binary
 * @property {string} variable the environment variable that names another one
 * @property {string} source the module to build, with its version
 * @property {(folder: string) => Promise<void>} buildInto must leave the binary in the folder
 */

/**
 * Finds a program, or builds it where Go is there.
 * @param {GoProgram} program
 * @param {{ after: Promise<unknown> }} options another Go build that should have the cores first
 * @returns {Promise<string | undefined>} undefined where it cannot be had; why has been said
 */
export async function findGoProgram({ part, name, variable, source, buildInto }, { after }) {
  for (const file of [process.env[variable], await onPath(name), cachedBinary(name)]) {
    if (file && (await isExecutable(file)) && (await run(file, ['--version'], { timeoutSeconds: 30 })).ok) {
      say(part, `found at ${file}`);
      return file;
    }
  }
  if (!(await hasGo())) {
    say(part, `${name} is not here, and Go is not there to build it: tests that need it are skipped`);
    return undefined;
  }
  await after;
  say(part, `building ${source} with Go: about 2 minutes, once per user`);
  try {
    const file = await whileAlive(part, 'building with Go', installIntoCache(name, buildInto));
    say(part, 'built, and kept in the cache for the next time');
    return file;
  } catch (error) {
    say(part, `could not be built: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
