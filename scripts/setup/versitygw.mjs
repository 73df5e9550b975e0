import path from 'node:path';
import { cachedBinary, installIntoCache, isExecutable, onPath } from './cache.mjs';
import { go, hasGo } from './go.mjs';
import { say, whileAlive } from './progress.mjs';
import { run } from './run.mjs';

/** A small S3 server over a folder, for the tests of the bucket. */
const goPackage = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0';

const part = 'S3 server';

/**
 * Finds versitygw, or builds it where Go is there.
 * @param {{ after: Promise<unknown> }} options another Go build that should have the cores first
 * @returns {Promise<string | undefined>} undefined where it cannot be had; why has been said
 */
export async function findObjectStore({ after }) {
  for (const file of [process.env.VERSITYGW_PATH, await onPath('versitygw'), cachedBinary('versitygw')]) {
    if (file && (await isExecutable(file)) && (await run(file, ['--version'], { timeoutSeconds: 30 })).ok) {
      say(part, `found at ${file}`);
      return file;
    }
  }
  if (!(await hasGo())) {
    say(part, 'versitygw is not here, and Go is not there to build it: tests of the bucket are skipped');
    return undefined;
  }
  await after;
  say(part, `building ${goPackage} with Go: about 2 minutes, once per user`);
  try {
    const file = await whileAlive(part, 'building with Go', installIntoCache('versitygw', buildInto));
    say(part, 'built, and kept in the cache for the next time');
    return file;
  } catch (error) {
    say(part, `could not be built: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** @param {string} folder */
async function buildInto(folder) {
  const done = await go(['install', goPackage], { env: { GOBIN: path.resolve(folder) } });
  if (!done.ok) throw new Error(done.tail);
}
