import type { Agency } from '../../domain/agencyId.ts';
import { SettingsReader, type Environment } from '../settingsReader.ts';
import { readAgency } from './agencyHere.ts';

interface DatabaseSettings {
  /** `mysql://user:password@host:port/database`; the warehouse checks it. */
  readonly url: string;
  /** PEM text of the authority that signed the server's certificate. */
  readonly ca?: string;
  /** Whether the database may be on another machine without TLS. */
  readonly allowPlaintext?: true;
  /** PEM text of the server's public key. */
  readonly publicKey?: string;
  /** Whose tables they have to be. */
  readonly agency?: Agency;
}

const databaseUrlWish = { wanted: 'mysql://user:password@host:3306/database' };

export function databaseSettings(env: Environment = process.env): DatabaseSettings {
  const reader = new SettingsReader(env);
  const url = reader.requiredSecret('DATABASE_URL', databaseUrlWish);
  const ca = reader.optionalFile('DATABASE_CA', {
    wanted: 'certificates in PEM form',
    mistake: (text) =>
      text.includes('-----BEGIN CERTIFICATE-----') ? undefined : 'a file without a certificate',
  });
  const publicKey = reader.optionalFile('DATABASE_RSA', {
    wanted: "the server's public key in PEM form",
    mistake: (text) =>
      text.includes('-----BEGIN PUBLIC KEY-----') ? undefined : 'a file without a public key',
  });
  const agency = readAgency(reader);
  return reader.finish({
    url,
    ...(agency === undefined ? {} : { agency }),
    ...(ca === undefined ? {} : { ca }),
    ...(reader.allows('DATABASE_ALLOW_PLAINTEXT') ? { allowPlaintext: true as const } : {}),
    ...(publicKey === undefined ? {} : { publicKey }),
  });
}

/** `DATABASE_URL` as it is by now: the file that holds it may have changed since the start. */
export function databaseUrl(env: Environment = process.env): string {
  const reader = new SettingsReader(env);
  const url = reader.requiredSecret('DATABASE_URL', databaseUrlWish);
  reader.finish({});
  return url;
}

/** Whether a database is named, rightly or not. */
export function databaseIsSet(env: Environment = process.env): boolean {
  return ['DATABASE_URL', 'DATABASE_URL_FILE'].some((name) => (env[name] ?? '') !== '');
}
