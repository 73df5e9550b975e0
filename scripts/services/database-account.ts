import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const databaseName = 'ehr';
const databaseUser = 'ehr';

/** The password kept in the folder, readable by its owner alone; made at random the first time. */
export async function keptPassword(directory: string, name: string): Promise<string> {
  const file = path.join(directory, name);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept !== undefined && kept.trim() !== '') return kept.trim();
  // Hex digits need no escaping in SQL, in a URL or in a shell.
  const password = randomBytes(24).toString('hex');
  await writeFile(file, `${password}\n`, { mode: 0o600 });
  return password;
}

export function databaseUrl(port: number, password: string): string {
  return `mysql://${databaseUser}:${password}@127.0.0.1:${String(port)}/${databaseName}`;
}

/** Statements that a server can run at each start, one per line. */
export function accountStatements(password: string, rights: 'ehr' | 'all-databases'): string[] {
  const grant = {
    ehr: (user: string) => `GRANT ALL PRIVILEGES ON ${databaseName}.* TO ${user};`,
    'all-databases': (user: string) => `GRANT ALL PRIVILEGES ON *.* TO ${user} WITH GRANT OPTION;`,
  }[rights];
  return [
    `CREATE DATABASE IF NOT EXISTS ${databaseName} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;`,
    // A TCP client of the loopback is '127.0.0.1' as names are not resolved, one of the socket 'localhost'.
    ...['127.0.0.1', 'localhost'].flatMap((host) => [
      `CREATE USER IF NOT EXISTS '${databaseUser}'@'${host}' IDENTIFIED BY '${password}';`,
      `ALTER USER '${databaseUser}'@'${host}' IDENTIFIED BY '${password}';`,
      grant(`'${databaseUser}'@'${host}'`),
    ]),
  ];
}
