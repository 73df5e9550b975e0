import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

export type ServerFlavour = 'mysql' | 'mariadb';

/** Making the system tables takes seconds; on a machine that builds at the same time it took half a minute. */
const initialiseSeconds = 180;

const execute = promisify(execFile);

/** Servers refuse to run as root by accident; `--user=root` says that it is none. */
export function serverUser(): string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}

/**
 * Makes the data folder where there is none yet, and tells which server it is for.
 * @throws where the folder was made by the other kind of server, which could not read it
 */
export async function prepareDataFolder(options: {
  readonly server: string;
  readonly dataFolder: string;
}): Promise<ServerFlavour> {
  const flavour = await flavourOf(options.server);
  const flavourFile = `${options.dataFolder}-made-by`;
  if (!existsSync(options.dataFolder)) {
    await initialise(options.server, options.dataFolder, flavour);
    await writeFile(flavourFile, flavour);
  }
  const madeBy = (await readFile(flavourFile, 'utf8').catch(() => flavour)).trim();
  if (madeBy !== flavour) {
    throw new Error(
      `${options.dataFolder} was made by ${madeBy}, but ${options.server} is ${flavour}. ` +
        'Put that server first on the PATH, or remove the folder to begin with an empty database.',
    );
  }
  return flavour;
}

async function flavourOf(server: string): Promise<ServerFlavour> {
  const { stdout } = await execute(server, ['--no-defaults', '--version']);
  return /mariadb/i.test(stdout) ? 'mariadb' : 'mysql';
}

/** In a folder beside it first: a kill in the middle must not leave something that looks like a database. */
async function initialise(server: string, dataFolder: string, flavour: ServerFlavour): Promise<void> {
  const unfinished = `${dataFolder}-unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  const [command, args] = initialiseCommand(server, unfinished, flavour);
  try {
    await execute(command, args, { timeout: initialiseSeconds * 1000 });
  } catch (error) {
    const output = (error as { stderr?: string }).stderr?.trim() ?? '';
    throw new Error(`The database files could not be made by ${command}: ${output || String(error)}`, {
      cause: error,
    });
  }
  await rename(unfinished, dataFolder);
}

function initialiseCommand(server: string, dataFolder: string, flavour: ServerFlavour): [string, string[]] {
  // In a folder that servers share, each removes the temporary tables of the others when it starts.
  const temporary = path.dirname(dataFolder);
  const common = ['--no-defaults', `--datadir=${dataFolder}`, `--tmpdir=${temporary}`, ...serverUser()];
  if (flavour === 'mysql') return [server, [...common, '--initialize-insecure']];
  return [
    installerBeside(server),
    [
      ...common,
      '--skip-test-db',
      // Its administrators get in by the socket alone, as the system user of that name.
      '--auth-root-authentication-method=socket',
      `--auth-root-socket-user=${os.userInfo().username}`,
    ],
  ];
}

/** MariaDB keeps the program that makes the system tables in `bin` or `scripts` beside the server's folder. */
function installerBeside(server: string): string {
  const base = path.dirname(path.dirname(server));
  const places = ['bin', 'scripts', 'sbin'].flatMap((folder) =>
    ['mariadb-install-db', 'mysql_install_db'].map((name) => path.join(base, folder, name)),
  );
  return places.find((file) => existsSync(file)) ?? 'mariadb-install-db';
}
