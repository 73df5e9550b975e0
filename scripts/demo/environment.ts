import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { keptPassword } from '../services/database-account.ts';

/** What worker and client run with, and what only the demo itself needs to know. */
export interface DemoEnvironment {
  readonly folder: string;
  readonly logFolder: string;
  /** Set by the demo; everything else is inherited. */
  readonly variables: Readonly<Record<string, string>>;
  readonly portalPort: number;
  /** Undefined where the environment named a server: we don't know its Web UI then. */
  readonly uiUrl: string | undefined;
  readonly databaseUrl: string;
}

export interface DemoServers {
  readonly temporal: Readonly<Record<string, string>>;
  readonly uiUrl: string | undefined;
  readonly databaseUrl: string;
  readonly portalPort: number;
  readonly browser: string | undefined;
}

export async function demoEnvironment(folder: string, servers: DemoServers): Promise<DemoEnvironment> {
  const logFolder = path.join(folder, 'logs');
  await mkdir(logFolder, { recursive: true });
  return {
    folder,
    logFolder,
    portalPort: servers.portalPort,
    uiUrl: servers.uiUrl,
    databaseUrl: servers.databaseUrl,
    variables: {
      ...servers.temporal,
      DATABASE_URL: servers.databaseUrl,
      // Never what the shell names: an installation's own rules and portal are no part of the demo.
      EHR_CONFIG: 'demo/pipeline.yaml',
      EHR_ENV: '',
      EHR_ARTIFACTS: path.join(folder, 'artifacts'),
      EHR_NAME_KEY: await keptPassword(folder, 'name-key'),
      EHR_LOGIN_KEY: await keptPassword(folder, 'login-key'),
      EHR_PORTAL_URL: `http://127.0.0.1:${String(servers.portalPort)}`,
      // The stand-in's own account. The real portal's must not be sent to it by accident.
      EHR_PORTAL_USER: 'reports.bot',
      EHR_PORTAL_PASSWORD: 'demo-Passw0rd!',
      ...(servers.browser === undefined ? {} : { EHR_CHROMIUM: servers.browser }),
    },
  };
}

/** Names that would override ours, or belong to the real portal. */
const foreign =
  /^(EHR_PORTAL_.*|EHR_INBOX|EHR_DOWNLOADS|EHR_DATA_KEY(_FILE)?|DATABASE_URL_FILE|DATABASE_CA|EHR_NAME_KEY_FILE|EHR_LOGIN_KEY_FILE)$/;

/** The whole environment for a program of the demo. */
export function programEnvironment(environment: DemoEnvironment): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(inherited), ...environment.variables };
}

export function environmentFile(environment: DemoEnvironment): string {
  return path.join(environment.folder, 'demo.env');
}

/**
 * For the client, `temporal` and `tctl` in another terminal. It holds passwords, so its owner alone may read it.
 */
export async function writeEnvironmentFile(environment: DemoEnvironment): Promise<void> {
  const { TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE } = environment.variables;
  const forTctl = {
    ...(TEMPORAL_ADDRESS === undefined ? {} : { TEMPORAL_CLI_ADDRESS: TEMPORAL_ADDRESS }),
    ...(TEMPORAL_NAMESPACE === undefined ? {} : { TEMPORAL_CLI_NAMESPACE: TEMPORAL_NAMESPACE }),
  };
  const lines = Object.entries({ ...environment.variables, ...forTctl }).map(
    ([name, value]) => `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'`,
  );
  await writeFile(environmentFile(environment), `${lines.join('\n')}\n`, { mode: 0o600 });
}
