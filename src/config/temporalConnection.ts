import { existsSync } from 'node:fs';
import { loadClientConfigProfile, toClientOptions, type ClientConnectConfig } from '@temporalio/envconfig';
import { ConfigError } from './configError.ts';
import type { Environment } from './settingsReader.ts';

interface TemporalConnection {
  /** Options of both `Connection.connect` and `NativeConnection.connect`. */
  readonly connectionOptions: ClientConnectConfig['connectionOptions'];
  /** The connection does not carry it: pass it to the Client and to each Worker. */
  readonly namespace: string;
}

/**
 * How to reach Temporal: `TEMPORAL_*` and temporal.toml, read as the Temporal CLI reads them, by default localhost:7233
 * and the namespace `default`.
 * @throws ConfigError where the SDK would silently ignore part of the settings.
 */
export function temporalConnection(env: Environment = process.env): TemporalConnection {
  const set = Object.entries(env).filter((entry): entry is [string, string] => (entry[1] ?? '') !== '');
  const variables = Object.fromEntries(set);
  refuseMissingFile(variables['TEMPORAL_CONFIG_FILE']);
  const { connectionOptions, namespace } = loaded(variables);
  return Object.freeze({
    connectionOptions: { ...connectionOptions, address: connectionOptions.address ?? 'localhost:7233' },
    namespace: namespace ?? 'default',
  });
}

/** The SDK treats a missing file as empty, and would look for the server on this machine. */
function refuseMissingFile(path: string | undefined): void {
  if (path === undefined || existsSync(path)) return;
  throw new ConfigError([`TEMPORAL_CONFIG_FILE: got ${path}, which does not exist, wanted a temporal.toml`]);
}

function loaded(variables: Record<string, string>): ClientConnectConfig {
  try {
    const profile = loadClientConfigProfile({ overrideEnvVars: variables });
    const { clientCert, clientKey } = profile.tls ?? {};
    if ((clientCert === undefined) === (clientKey === undefined)) return toClientOptions(profile);
  } catch (error) {
    throw new ConfigError([
      `TEMPORAL_*: ${whatFailed(error)}, wanted settings as the Temporal CLI reads them`,
    ]);
  }
  // The SDK would connect without either.
  throw new ConfigError([
    'TEMPORAL_TLS_CLIENT_CERT_*, TEMPORAL_TLS_CLIENT_KEY_*: got one of the two, wanted a certificate and its key, or neither',
  ]);
}

/** A TOML error quotes the lines around it, which may hold an API key: only its position is passed on. */
function whatFailed(error: unknown): string {
  const { line, code, path, message } = error as Error & { line?: number; code?: string; path?: string };
  if (line !== undefined) return `temporal.toml is not valid TOML at line ${line}`;
  return code === undefined ? message : `${path ?? 'a file'} cannot be read (${code})`;
}
