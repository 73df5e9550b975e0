import { existsSync } from 'node:fs';
import path from 'node:path';
import { environmentFile, type DemoEnvironment } from './environment.ts';

const exampleQuery = 'SELECT ym, authorized_dollars, util FROM utilization_summary WHERE dimension = "total"';

/** Where to look now, with commands to paste. */
export function howToGoOn(environment: DemoEnvironment): string {
  const file = path.relative(process.cwd(), environmentFile(environment));
  return [
    '',
    'Look around',
    `  Web UI       ${environment.uiUrl ?? 'that of the Temporal server in TEMPORAL_ADDRESS, namespace ehr-demo'}`,
    `  Portal       ${environment.variables['EHR_PORTAL_URL'] ?? ''}  (user reports.bot, password demo-Passw0rd!)`,
    `  Tables       ${queryCommand(environment)}`,
    `  Client       . ${file.startsWith('/') ? file : `./${file}`} && npm run client -- status`,
    `  Logs         ${path.relative(process.cwd(), environment.logFolder)}`,
    '',
  ].join('\n');
}

function queryCommand(environment: DemoEnvironment): string {
  const program = ['mysql', 'mariadb'].find(isOnPath);
  if (program === undefined) return 'with any MySQL client, at DATABASE_URL of the file below';
  const { hostname, port, username, password, pathname } = new URL(environment.databaseUrl);
  const target = `-h ${hostname} -P ${port || '3306'} -u ${username} ${pathname.slice(1)}`;
  return `MYSQL_PWD=${password} ${program} ${target} -e '${exampleQuery}'`;
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .some((folder) => existsSync(path.join(folder, program)));
}
