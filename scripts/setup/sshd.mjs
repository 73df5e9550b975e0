import { chmod, copyFile } from 'node:fs/promises';
import path from 'node:path';
import { cachedBinary, installIntoCache, isExecutable, onPath, serverOnPath } from './cache.mjs';
import { canInstallPackages, installPackages } from './debian.mjs';
import { say, whileAlive } from './progress.mjs';
import { run } from './run.mjs';

const part = 'SFTP server';

/** Half a megabyte; past this the mirror is not there. */
const downloadSeconds = 120;

/**
 * Finds OpenSSH's sshd for the tests of SFTP. Debian's is unpacked and not installed: an installed one would start,
 * and let others in.
 * @returns {Promise<string | undefined>} undefined where it cannot be had; why has been said
 */
export async function findSshd() {
  const candidates = [process.env.SSHD_PATH, await serverOnPath('sshd'), cachedBinary('sshd')];
  for (const file of candidates) {
    if (file && (await isExecutable(file)) && (await answers(file))) {
      say(part, `found at ${file}`);
      return file;
    }
  }
  return unpacked();
}

/**
 * It has no option that only prints its version: an unknown one prints it with the usage.
 * @param {string} file
 */
async function answers(file) {
  const { tail } = await run(file, ['-?'], { timeoutSeconds: 30 });
  return tail.includes('OpenSSH_');
}

async function unpacked() {
  if ((await onPath('apt-get')) === undefined || (await onPath('dpkg-deb')) === undefined) {
    say(part, 'sshd is not here: tests of SFTP are skipped; install OpenSSH, or name it in SSHD_PATH');
    return undefined;
  }
  // The library that it needs; on the way the package lists are read.
  if (await canInstallPackages()) await installPackages(part, ['libwrap0']);
  try {
    const file = await whileAlive(part, 'downloading openssh-server', installIntoCache('sshd', unpackInto));
    say(part, 'unpacked, and kept in the cache for the next time');
    return file;
  } catch (error) {
    say(part, `could not be unpacked: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** @param {string} folder */
async function unpackInto(folder) {
  const limits = { timeoutSeconds: downloadSeconds, cwd: folder };
  const downloaded = await run('apt-get', ['download', 'openssh-server'], limits);
  if (!downloaded.ok) throw new Error(downloaded.tail);
  const unpacking = await run('sh', ['-c', 'dpkg-deb -x openssh-server_*.deb unpacked'], limits);
  if (!unpacking.ok) throw new Error(unpacking.tail);
  const file = path.join(folder, 'sshd');
  await copyFile(path.join(folder, 'unpacked/usr/sbin/sshd'), file);
  await chmod(file, 0o755);
  if (!(await answers(file))) throw new Error('it does not run here');
}
