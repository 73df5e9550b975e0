import { readFile } from 'node:fs/promises';
import { onPath } from './cache.mjs';
import { say, whileAlive } from './progress.mjs';
import { run } from './run.mjs';

/** A slow mirror needs minutes for Chromium's 90 MB; past this something is wrong. */
const installSeconds = 900;
/** How long to wait for another package manager that is at work. */
const lockSeconds = 300;

/** Two parts may want packages at once, and apt takes one caller at a time. */
let queue = Promise.resolve(true);

/** Whether Debian packages can be installed: apt is here and so is the right to use it. */
export async function canInstallPackages() {
  if (process.getuid?.() !== 0 || (await onPath('apt-get')) === undefined) return false;
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^ID(_LIKE)?=.*\bdebian\b/m.test(release);
}

/**
 * Installs packages, one call at a time.
 * @param {string} part
 * @param {readonly string[]} packages
 * @param {number} [timeoutSeconds] for each of apt's two steps
 * @returns {Promise<boolean>} whether they are installed; what went wrong has been said
 */
export function installPackages(part, packages, timeoutSeconds = installSeconds) {
  queue = queue.then(() => install(part, packages, timeoutSeconds));
  return queue;
}

/**
 * @param {string} part
 * @param {readonly string[]} packages
 * @param {number} timeoutSeconds
 */
async function install(part, packages, timeoutSeconds) {
  say(part, `installing the Debian packages ${packages.join(' and ')}`);
  const update = await whileAlive(part, 'reading package lists', apt(['update'], timeoutSeconds));
  // One unreachable extra source makes `update` fail although Debian's own lists arrived: let install decide.
  if (!update.ok) say(part, 'apt-get update complained; trying the installation all the same');
  const done = await whileAlive(
    part,
    'installing packages',
    apt(['install', '-y', '--no-install-recommends', ...packages], timeoutSeconds),
  );
  if (!done.ok) say(part, `apt-get install failed:\n${done.tail}`);
  return done.ok;
}

/**
 * @param {readonly string[]} args
 * @param {number} timeoutSeconds
 */
function apt(args, timeoutSeconds) {
  return run('apt-get', ['-o', `DPkg::Lock::Timeout=${lockSeconds}`, ...args], {
    timeoutSeconds,
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  });
}
