import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../scripts/services/ports.ts';

const run = promisify(execFile);

/** An sshd that runs as root would want an account and folders of the system: there it runs as Debian's `nobody`. */
const nobody = { user: 'nobody', uid: 65_534, gid: 65_534 };

/** OpenSSH's server of a test's own, on the loopback, with a host key and one login key of its own. */
export class SftpServer {
  readonly port: number;
  readonly user: string;
  readonly hostKey: string;
  readonly privateKey: string;
  /** The folder that files are left in, on this machine and as the server sees it. */
  readonly folder: string;
  readonly #root: string;
  #process: ChildProcess | undefined;
  readonly #start: () => ChildProcess;

  private constructor(parts: {
    port: number;
    user: string;
    hostKey: string;
    privateKey: string;
    root: string;
    start: () => ChildProcess;
  }) {
    this.port = parts.port;
    this.user = parts.user;
    this.hostKey = parts.hostKey;
    this.privateKey = parts.privateKey;
    this.folder = path.join(parts.root, 'drop');
    this.#root = parts.root;
    this.#start = parts.start;
  }

  static async start(sshd: string): Promise<SftpServer> {
    const root = await mkdtemp(path.join(tmpdir(), 'ehr-sftp-'));
    const at = (name: string) => path.join(root, name);
    await chmod(root, 0o755);
    await mkdir(at('drop'));
    // Where the cache keeps it another user cannot reach it.
    await copyFile(sshd, at('sshd'));
    for (const key of ['host', 'login']) {
      await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(key)]);
    }
    const port = await freePort();
    await writeFile(at('config'), configOf(root, port));
    const isRoot = process.getuid?.() === 0;
    if (isRoot)
      for (const name of ['drop', 'host', 'login.pub']) await chown(at(name), nobody.uid, nobody.gid);
    const { stdout } = await run('ssh-keygen', ['-l', '-E', 'sha256', '-f', at('host.pub')]);
    const server = new SftpServer({
      port,
      user: isRoot ? nobody.user : userInfo().username,
      hostKey: stdout.split(' ')[1]!,
      privateKey: await readFile(at('login'), 'utf8'),
      root,
      start: () =>
        spawn(at('sshd'), ['-D', '-e', '-f', at('config')], {
          stdio: ['ignore', 'ignore', 'pipe'],
          ...(isRoot ? { uid: nobody.uid, gid: nobody.gid } : {}),
        }),
    });
    await server.resume();
    return server;
  }

  /** Starts it, also again after `pause`. */
  async resume(): Promise<void> {
    const child = this.#start();
    this.#process = child;
    let said = '';
    child.stderr!.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    // Against hangs only.
    for (const until = Date.now() + 120_000; !said.includes('Server listening'); await sleep(50)) {
      if (child.exitCode !== null || Date.now() > until) throw new Error(`sshd does not start: ${said}`);
    }
  }

  /** No server answers from now on; connections that are open go on until they end. */
  async pause(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }

  async stop(): Promise<void> {
    await this.pause();
    await rm(this.#root, { recursive: true, force: true });
  }
}

function configOf(root: string, port: number): string {
  return [
    'ListenAddress 127.0.0.1',
    `Port ${String(port)}`,
    `HostKey ${path.join(root, 'host')}`,
    `AuthorizedKeysFile ${path.join(root, 'login.pub')}`,
    'PidFile none',
    'StrictModes no',
    // Without it an account that has no password counts as locked.
    'UsePAM yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'Subsystem sftp internal-sftp',
    '',
  ].join('\n');
}
