import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { startChild, waitOrStop } from './child.ts';
import { accountStatements, databaseUrl, keptPassword } from './database-account.ts';
import { answersQueries } from './database-ready.ts';
import type { DatabaseOptions, DatabaseService } from './database-service.ts';
import { portFrom } from './ports.ts';

const image = 'mysql:8.4';
/** The image may have to come over a slow line first. */
const readySeconds = 600;
const stopSeconds = 60;

const execute = promisify(execFile);

/** Runs MySQL in a container that lives as long as this program; its data stay in a volume. */
export async function startDatabaseInDocker(options: DatabaseOptions): Promise<DatabaseService> {
  const name = containerName(options.directory);
  await removeContainer(name);
  const port = options.port ?? (await portFrom('DATABASE_PORT'));
  const password = await keptPassword(options.directory, 'password');
  const child = await startChild({
    name: 'The database container',
    command: 'docker',
    args: runArgs({ name, port, initFile: await writeInitFile(options, password) }),
    env: { ...process.env, MYSQL_ROOT_PASSWORD: await keptPassword(options.directory, 'root-password') },
    logFile: path.join(options.directory, 'database.log'),
    stopSeconds,
    pidFile: path.join(options.directory, 'database.pid'),
    mark: `--name=${name}`,
  });
  const stop = async () => {
    if (!child.hasEnded()) await removeContainer(name);
    await child.stop();
  };
  const url = databaseUrl(port, password);
  await waitOrStop(child, { seconds: readySeconds, isReady: () => answersQueries(url), stop });
  return { pid: child.pid, url, stop };
}

/** One container per folder, so that two copies of the project do not share one. */
function containerName(directory: string): string {
  return `ehr-${createHash('sha256').update(directory).digest('hex').slice(0, 12)}`;
}

async function writeInitFile(options: DatabaseOptions, password: string): Promise<string> {
  await mkdir(options.directory, { recursive: true, mode: 0o700 });
  const file = path.join(options.directory, 'accounts.sql');
  // Seen from inside the container, the loopback of this machine is the bridge's gateway.
  const statements = accountStatements(password, options.rights).map((line) =>
    line.replaceAll("'127.0.0.1'", "'%'"),
  );
  // The server inside runs as another user, who must be able to read it; the folder itself is closed to others.
  await writeFile(file, `${statements.join('\n')}\n`, { mode: 0o644 });
  return file;
}

function runArgs(place: {
  readonly name: string;
  readonly port: number;
  readonly initFile: string;
}): string[] {
  return [
    'run',
    '--rm',
    `--name=${place.name}`,
    `--publish=127.0.0.1:${String(place.port)}:3306`,
    '--env=MYSQL_ROOT_PASSWORD',
    `--volume=${place.name}:/var/lib/mysql`,
    `--volume=${place.initFile}:/accounts.sql:ro`,
    image,
    '--init-file=/accounts.sql',
    '--local-infile=1',
    '--mysqlx=OFF',
    '--character-set-server=utf8mb4',
    '--collation-server=utf8mb4_bin',
  ];
}

/** Also takes away what a killed run left behind. A container that is not there is no error. */
async function removeContainer(name: string): Promise<void> {
  await execute('docker', ['stop', '--time', String(stopSeconds), name]).catch(() => undefined);
  await execute('docker', ['rm', '--force', name]).catch(() => undefined);
}
