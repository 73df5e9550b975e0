import { existsSync } from 'node:fs';
import path from 'node:path';
import { environmentFile, type DemoEnvironment } from './environment.ts';

const exampleQuery = "SELECT ym, authorized_dollars, util FROM utilization_summary WHERE dimension = 'total'";

/** Where to look now, with commands to paste. */
export function howToGoOn(environment: DemoEnvironment): string {
  return [
    '',
    'Look around',
    ...dashboardLines(environment),
    `  Web UI       ${environment.uiUrl ?? 'that of the Temporal server in TEMPORAL_ADDRESS, namespace ehr-demo'}`,
    `  Portal       ${environment.variables['EHR_PORTAL_URL'] ?? ''}  (user reports.bot, password demo-Passw0rd!)`,
    `  Tables       ${queryCommand(environment)}`,
    `  Client       . ${shown(environmentFile(environment))} && npm run client -- status`,
    `  Logs         ${shown(environment.logFolder)}`,
    '',
  ].join('\n');
}

/** Of everyone, by name code: people of the demo are invented, but a real one begins like this. */
export function dashboardFolder({ folder }: DemoEnvironment): string {
  return path.join(folder, 'dashboards');
}

/** None where nothing was loaded. */
function dashboardLines(environment: DemoEnvironment): string[] {
  const page = path.join(dashboardFolder(environment), 'dashboard.html');
  return existsSync(page) ? [`  Dashboard    ${shown(page)}  (open it in a browser)`] : [];
}

/** Short where it lies in the project, and with a slash in any case: `.` of a shell would search the PATH. */
function shown(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') ? file : `./${relative}`;
}

/** The password stays in its file: what is printed here ends up in scroll-backs and logs. */
function queryCommand(environment: DemoEnvironment): string {
  const program = ['mysql', 'mariadb'].find(isOnPath);
  const passwordFile = path.join(environment.folder, 'database', 'password');
  if (program === undefined || !existsSync(passwordFile)) {
    return `with any MySQL client, at the DATABASE_URL in ${shown(environmentFile(environment))}`;
  }
  const { hostname, port, username, pathname } = new URL(environment.databaseUrl);
  const target = `-h ${hostname} -P ${port} -u ${username} ${pathname.slice(1)}`;
  return `MYSQL_PWD=$(cat ${shown(passwordFile)}) ${program} ${target} -e "${exampleQuery}"`;
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .some((folder) => existsSync(path.join(folder, program)));
}
