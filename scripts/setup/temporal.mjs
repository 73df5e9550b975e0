import { chmod } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { cachedBinary, installIntoCache, isExecutable, onPath } from './cache.mjs';
import { go, hasGo } from './go.mjs';
import { MissingPart } from './missing-part.mjs';
import { say, whileAlive } from './progress.mjs';
import { canReach } from './reachable.mjs';
import { run } from './run.mjs';

/** The newest tag whose go.mod lets `go install` build it (server 1.29.1 and the Web UI inside). */
const goPackage = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';
const downloadHost = 'temporal.download';
/** The archive has about 50 MB: a line that needs longer is no faster than building. */
const downloadSeconds = 240;
/** Even a cold start of a 250 MB binary from a slow disk answers within this. */
const versionSeconds = 30;

const part = 'Temporal';

/**
 * Finds the Temporal CLI, which has a development server inside; where there is none, fetches or builds it.
 * @param {{ nodeModules: Promise<void> }} options the SDK's own download needs the npm packages
 * @returns {Promise<string>} path of the binary
 */
export async function findTemporal({ nodeModules }) {
  const found = (await fromEnvironment()) ?? (await fromPath()) ?? (await fromCache());
  if (found !== undefined) return found;
  if (await canReach(downloadHost)) {
    const downloaded = await download(nodeModules);
    if (downloaded !== undefined) return downloaded;
  } else {
    say(part, `${downloadHost} cannot be reached from here, so no download`);
  }
  return build();
}

async function fromEnvironment() {
  const file = process.env.TEMPORAL_CLI_PATH;
  if (file === undefined || file === '') return undefined;
  const version = await versionOf(file);
  if (version === undefined)
    throw new Error(`TEMPORAL_CLI_PATH is ${file}, which does not answer --version.`);
  say(part, `using TEMPORAL_CLI_PATH (${version})`);
  return file;
}

async function fromPath() {
  const file = await onPath('temporal');
  const version = file === undefined ? undefined : await versionOf(file);
  if (version !== undefined) say(part, `found on the PATH (${version})`);
  return version === undefined ? undefined : file;
}

async function fromCache() {
  const file = cachedBinary('temporal');
  const version = (await isExecutable(file)) ? await versionOf(file) : undefined;
  if (version !== undefined) say(part, `found in the cache of an earlier set-up (${version})`);
  return version === undefined ? undefined : file;
}

/** @param {string} file */
async function versionOf(file) {
  const answer = await run(file, ['--version'], { timeoutSeconds: versionSeconds });
  return answer.ok ? answer.stdout.trim() : undefined;
}

/** @param {Promise<void>} nodeModules */
async function download(nodeModules) {
  await nodeModules;
  say(part, "downloading with the SDK's own downloader");
  try {
    return await whileAlive(part, 'downloading', installIntoCache('temporal', downloadInto));
  } catch (error) {
    say(part, `the download failed (${messageOf(error)}), so building instead`);
    return undefined;
  }
}

/** @param {string} folder */
async function downloadInto(folder) {
  const script = fileURLToPath(new URL('download-temporal.mjs', import.meta.url));
  const done = await run(process.execPath, [script, folder], { timeoutSeconds: downloadSeconds });
  if (!done.ok) throw new Error(done.tail.split('\n').at(-1));
}

async function build() {
  if (!(await hasGo())) throw missing(['Go is not on the PATH, so it cannot be built']);
  say(part, `building ${goPackage} with Go: about 6 minutes on 2 cores, once per user`);
  try {
    const file = await whileAlive(part, 'building with Go', installIntoCache('temporal', buildInto));
    say(part, 'built, and kept in the cache for the next time');
    return file;
  } catch (error) {
    throw missing([`go install ${goPackage} failed:\n${messageOf(error)}`]);
  }
}

/** @param {string} folder */
async function buildInto(folder) {
  const done = await go(['install', goPackage], { env: { GOBIN: folder } });
  if (!done.ok) throw new Error(done.tail);
  await chmod(`${folder}/temporal`, 0o755);
}

/** @param {readonly string[]} tried */
function missing(tried) {
  return new MissingPart(
    'The Temporal CLI',
    [
      'TEMPORAL_CLI_PATH',
      '`temporal` on the PATH',
      cachedBinary('temporal'),
      `a download from ${downloadHost}`,
      ...tried,
    ],
    [
      'install the Temporal CLI (https://docs.temporal.io/cli), or name it in TEMPORAL_CLI_PATH',
      'install Go 1.24 or newer, and it is built from source',
      'for the demo: name a running server in TEMPORAL_ADDRESS',
    ],
  );
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
