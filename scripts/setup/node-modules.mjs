import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { projectFolder } from './project.mjs';
import { say, whileAlive } from './progress.mjs';
import { run } from './run.mjs';

/** About 20 s where the registry is near; a slow line may need minutes. */
const installSeconds = 900;

const lockFile = path.join(projectFolder, 'package-lock.json');
/** npm writes this at the end of an installation, so it tells when the last one ended. */
const installedFile = path.join(projectFolder, 'node_modules', '.package-lock.json');
/** Holds the digest of the lock that was installed: a checkout touches files without changing them. */
const stampFile = path.join(projectFolder, 'node_modules', '.installed-lock-sha256');

/** Runs `npm ci` where node_modules is missing or older than package-lock.json. */
export async function ensureNodeModules() {
  const digest = createHash('sha256')
    .update(await readFile(lockFile))
    .digest('hex');
  if (await isInstalled(digest)) {
    say('npm packages', 'already installed');
    return;
  }
  say('npm packages', 'installing (npm ci)');
  const done = await whileAlive('npm packages', 'installing', npmCi());
  if (!done.ok) throw new Error(`npm ci failed:\n${withoutUsage(done.tail)}`);
  await writeFile(stampFile, digest);
  say('npm packages', 'installed');
}

/** @param {string} digest */
async function isInstalled(digest) {
  const installed = await stat(installedFile).catch(() => undefined);
  if (installed === undefined) return false;
  const stamp = await readFile(stampFile, 'utf8').catch(() => '');
  return stamp === digest || (stamp === '' && installed.mtimeMs >= (await stat(lockFile)).mtimeMs);
}

/**
 * npm ends an error with pages about its options; what went wrong stands above them.
 * @param {string} output
 */
function withoutUsage(output) {
  return output.split('npm error Clean install a project')[0].trimEnd();
}

function npmCi() {
  return run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], {
    cwd: projectFolder,
    timeoutSeconds: installSeconds,
    // The browser is found or fetched on its own, where a blocked download is expected.
    env: { PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' },
  });
}
