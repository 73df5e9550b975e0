import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startChild, waitOrStop, type Child } from './child.ts';
import { accountStatements, databaseUrl, keptPassword } from './database-account.ts';
import { prepareDataFolder, serverUser, type ServerFlavour } from './database-data.ts';
import { answersQueries } from './database-ready.ts';
import type { DatabaseOptions, DatabaseService } from './database-service.ts';
import { portFrom, startOnFreePort } from './ports.ts';

/** A start takes 1 to 3 s, and longer where the last run was killed and InnoDB has to recover. */
const readySeconds = 120;
/** Writing back a full buffer pool to a slow disk can take this long; a kill would only mean recovery. */
const stopSeconds = 60;

export interface ServerOptions extends DatabaseOptions {
  /** Path of mysqld or mariadbd. */
  readonly server: string;
}

/** Runs mysqld or mariadbd as a private server whose files all lie in one folder. */
export async function startDatabaseServer(options: ServerOptions): Promise<DatabaseService> {
  const place = await preparePlace(options);
  const flavour = await prepareDataFolder({ server: options.server, dataFolder: place.dataFolder });
  await writeInitFile(place, options, flavour);
  return startOnFreePort(() => startOnce(options, place, flavour));
}

async function startOnce(
  options: ServerOptions,
  place: Place,
  flavour: ServerFlavour,
): Promise<DatabaseService> {
  await rm(place.socketFolder, { recursive: true, force: true });
  await mkdir(place.socketFolder, { mode: 0o700 });
  const port = options.port ?? (await portFrom('DATABASE_PORT'));
  const child = await startChild({
    name: 'The database server',
    command: options.server,
    args: serverArgs(place, { port, host: options.host ?? '127.0.0.1' }, flavour),
    logFile: path.join(options.directory, 'database.log'),
    stopSeconds,
    pidFile: path.join(options.directory, 'database.pid'),
    mark: place.dataFolder,
  });
  const url = databaseUrl(port, place.password);
  const stop = () => stopServer(child, place);
  await waitOrStop(child, { seconds: readySeconds, isReady: () => answersQueries(url), stop });
  return { pid: child.pid, url, stop };
}

interface Place {
  readonly dataFolder: string;
  readonly initFile: string;
  /** Short, since the path of a Unix socket may have no more than about 100 bytes. */
  readonly socketFolder: string;
  readonly password: string;
}

async function preparePlace(options: ServerOptions): Promise<Place> {
  await mkdir(options.directory, { recursive: true, mode: 0o700 });
  return {
    dataFolder: path.join(options.directory, 'data'),
    initFile: path.join(options.directory, 'accounts.sql'),
    socketFolder: socketFolderFor(options.directory),
    password: await keptPassword(options.directory, 'password'),
  };
}

/** The same for each start, so that a killed run leaves no trail of folders. */
function socketFolderFor(directory: string): string {
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 12);
  return path.join(os.tmpdir(), `ehr-db-${name}`);
}

/** The server runs these as itself, so nobody needs a password-less administrator to make the account. */
async function writeInitFile(place: Place, options: ServerOptions, flavour: ServerFlavour): Promise<void> {
  const statements = accountStatements(place.password, options.rights);
  if (flavour === 'mysql') {
    // Its root was made without a password, and the port is open to every user of this machine.
    const root = await keptPassword(options.directory, 'root-password');
    statements.push(`ALTER USER 'root'@'localhost' IDENTIFIED BY '${root}';`);
  }
  await writeFile(place.initFile, `${statements.join('\n')}\n`, { mode: 0o600 });
}

function serverArgs(
  place: Place,
  { port, host }: { readonly port: number; readonly host: string },
  flavour: ServerFlavour,
): string[] {
  const args = [
    // First, or it is not obeyed: the machine's own configuration is for the machine's own server.
    '--no-defaults',
    `--datadir=${place.dataFolder}`,
    `--socket=${path.join(place.socketFolder, 'db.sock')}`,
    // In a folder that servers share, each removes the temporary tables of the others when it starts.
    `--tmpdir=${place.socketFolder}`,
    `--init-file=${place.initFile}`,
    `--bind-address=${host}`,
    `--port=${String(port)}`,
    '--skip-name-resolve',
    '--character-set-server=utf8mb4',
    '--collation-server=utf8mb4_bin',
    '--sql-mode=STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
    // MySQL's default is off; with it the load takes the fast way.
    '--local-infile=1',
    ...serverUser(),
  ];
  if (flavour === 'mariadb') return args;
  return [
    ...args,
    // MySQL's second protocol would listen on a port of its own.
    '--mysqlx=OFF',
    // Packages compile in a folder of the machine's own server, without which theirs does not start.
    '--secure-file-priv=NULL',
  ];
}

async function stopServer(child: Child, place: Place): Promise<void> {
  await child.stop();
  await rm(place.socketFolder, { recursive: true, force: true });
}
