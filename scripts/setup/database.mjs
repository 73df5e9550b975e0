import { onPath, serverOnPath } from './cache.mjs';
import { canInstallPackages, installPackages } from './debian.mjs';
import { MissingPart } from './missing-part.mjs';
import { say } from './progress.mjs';
import { run } from './run.mjs';

/** Debian's server without the system service that the package `mariadb-server` would start at boot. */
const packages = ['mariadb-server-core', 'mariadb-client-core'];
const answerSeconds = 20;

const part = 'Database';

/**
 * What can serve as the database.
 * @typedef {{ kind: 'url', url: string }
 *   | { kind: 'binary', path: string }
 *   | { kind: 'docker' }} DatabasePart
 */

/**
 * Finds a MySQL or MariaDB server to run privately, or the one that `url` names.
 * @param {{ url: string | undefined }} options
 * @returns {Promise<DatabasePart>}
 */
export async function findDatabase({ url }) {
  if (url !== undefined && url !== '') {
    say(part, 'using the server that the environment names');
    return { kind: 'url', url };
  }
  const found = (await fromPath()) ?? (await fromDocker()) ?? (await fromDebian());
  if (found === undefined) throw missing();
  return found;
}

/** @returns {Promise<DatabasePart | undefined>} */
async function fromPath() {
  const file = await serverOnPath('mysqld', 'mariadbd');
  if (file === undefined) return undefined;
  const version = await run(file, ['--no-defaults', '--version'], { timeoutSeconds: answerSeconds });
  if (!version.ok) {
    say(part, `${file} does not answer --version, so it is passed over`);
    return undefined;
  }
  say(part, `found ${version.stdout.trim().replace(/\s+/g, ' ')}`);
  return { kind: 'binary', path: file };
}

/** @returns {Promise<DatabasePart | undefined>} */
async function fromDocker() {
  if ((await onPath('docker')) === undefined) return undefined;
  const engine = await run('docker', ['info', '--format', '{{.ServerVersion}}'], {
    timeoutSeconds: answerSeconds,
  });
  if (!engine.ok) {
    say(part, 'docker is installed, but no engine answers');
    return undefined;
  }
  say(part, `using MySQL in Docker ${engine.stdout.trim()}`);
  return { kind: 'docker' };
}

/** @returns {Promise<DatabasePart | undefined>} */
async function fromDebian() {
  if (!(await canInstallPackages())) return undefined;
  return (await installPackages(part, packages)) ? fromPath() : undefined;
}

function missing() {
  return new MissingPart(
    'A MySQL or MariaDB server',
    [
      'DATABASE_URL',
      '`mysqld` and `mariadbd` on the PATH and in /usr/sbin',
      'a Docker engine',
      `Debian's ${packages.join(' and ')} (needs root and Debian)`,
    ],
    [
      'install MySQL 8.4 or MariaDB 10.11 (it is run privately, no system service is needed)',
      'start a Docker engine',
      'name a server in DATABASE_URL=mysql://user:password@host:3306/database',
    ],
  );
}
