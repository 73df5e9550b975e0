import { isIP } from 'node:net';
import type { ConnectionOptions } from 'mysql2/promise';
import { PipelineError } from '../domain/failures.ts';
import { isLoopback } from '../domain/loopback.ts';
import { openWayPlugins } from './signIn.ts';

const shape = 'mysql://user:password@host:3306/database';
const defaultPort = 3306;

/** A parsed `mysql://` URL; `tls` comes from its `?ssl=`. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly tls: TlsMode;
}

/** `verify-ca` trusts any host name under the given authority, for services whose certificates name none. */
type TlsMode = 'off' | 'verify-host' | 'verify-ca';

const tlsModes: Readonly<Record<string, TlsMode>> = {
  true: 'verify-host',
  false: 'off',
  'verify-ca': 'verify-ca',
};

/** Messages never quote the URL: it holds the password. */
export function parseDatabaseUrl(text: string): DatabaseAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.protocol !== 'mysql:') throw badUrl(`it is not of the form ${shape}`);
  const database = decode(url.pathname.slice(1), 'database name');
  if (url.hostname === '') throw badUrl('the host is missing');
  if (url.username === '') throw badUrl('the user is missing');
  if (database === '' || database.includes('/')) throw badUrl('the database name is missing');
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? defaultPort : Number(url.port),
    user: decode(url.username, 'user'),
    password: decode(url.password, 'password'),
    database,
    tls: tlsMode(url.searchParams),
  };
}

function tlsMode(parameters: URLSearchParams): TlsMode {
  const unknown = [...parameters.keys()].filter((key) => key !== 'ssl');
  if (unknown.length > 0) throw badUrl(`it has unknown parameters (known: ssl): ${unknown.join(', ')}`);
  const mode = tlsModes[parameters.get('ssl') ?? 'false'];
  if (mode === undefined) throw badUrl('ssl must be true, false or verify-ca');
  return mode;
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badUrl(`a % in the ${what} is not followed by two hex digits; write % itself as %25`);
  }
}

function badUrl(problem: string): PipelineError {
  return new PipelineError('InvalidInput', `The database URL cannot be used: ${problem}.`, {
    hint: `Set DATABASE_URL to ${shape}, with ?ssl=true for TLS.`,
  });
}

/** How the connection to the database is protected, apart from its URL. */
export interface Protection {
  /** PEM text of the certificate authority; turns TLS on. */
  readonly ca?: string;
  /** Whether unencrypted connections over this network are explicitly allowed. */
  readonly allowPlaintext?: boolean;
  /** PEM text of the server's public key, used to encrypt the password if there is no TLS. */
  readonly publicKey?: string;
}

/**
 * TLS as requested. Without it, only this machine is allowed, or another one if that was explicitly allowed; a server
 * then cannot get the password by offering a key of its own. Throws `InvalidInput`.
 */
export function transportOptions(
  address: DatabaseAddress,
  { ca, allowPlaintext = false, publicKey }: Protection,
): Pick<ConnectionOptions, 'ssl' | 'authPlugins'> {
  const tls = tlsOptions(address, ca);
  if (tls.ssl !== undefined || isLoopback(address.host)) return tls;
  if (allowPlaintext) return { authPlugins: openWayPlugins(publicKey) };
  throw new PipelineError(
    'InvalidInput',
    `The database at ${address.host} is another machine, and the connection to it would not be encrypted.`,
    {
      hint: 'Add ?ssl=true to DATABASE_URL and name the CA of the server in DATABASE_CA. Only if no one else is on that network: DATABASE_ALLOW_PLAINTEXT=true',
    },
  );
}

/** `ca` is PEM text; giving one turns TLS on. Throws if the host could not be verified as requested. */
export function tlsOptions(address: DatabaseAddress, ca: string | undefined): Pick<ConnectionOptions, 'ssl'> {
  if (address.tls === 'off' && ca === undefined) return {};
  if (address.tls !== 'verify-ca' && isIP(address.host) !== 0) {
    // The driver would silently skip the check.
    throw badUrl(
      'the certificate of an IP address cannot be checked; name the host, or say ?ssl=verify-ca and name the authority in DATABASE_CA',
    );
  }
  if (address.tls === 'verify-ca' && ca === undefined) {
    // Any server has some certificate of a public authority.
    throw badUrl(
      '?ssl=verify-ca trusts every server of an authority; name yours in DATABASE_CA, or say ?ssl=true',
    );
  }
  const ssl = {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    verifyIdentity: address.tls !== 'verify-ca',
    ...(ca === undefined ? {} : { ca }),
  };
  return { ssl };
}
