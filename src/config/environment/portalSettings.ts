import { isLoopback } from '../../domain/loopback.ts';
import type { ReportName } from '../../reports/index.ts';
import { SettingsReader, type Environment, type PortalPrefix } from '../settingsReader.ts';
import { addressMistake } from './webAddress.ts';

export interface PortalSettings {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** Base32, without spaces. */
  readonly totpSecret?: string;
}

export function portalSettings(env: Environment = process.env): PortalSettings {
  return portalLogin('EHR_PORTAL', env);
}

/** The login of a report that another portal has; undefined if none of its variables is set. */
export function ownPortalSettings(
  report: ReportName,
  env: Environment = process.env,
): PortalSettings | undefined {
  const prefix = `EHR_PORTAL_${report.toUpperCase().replaceAll('-', '_')}` as const;
  const variable = new RegExp(`^${prefix}_(?:URL|USER|(?:PASSWORD|TOTP_SECRET)(?:_FILE)?)$`);
  const isSet = Object.entries(env).some(([name, value]) => variable.test(name) && (value ?? '') !== '');
  return isSet ? portalLogin(prefix, env) : undefined;
}

function portalLogin(prefix: PortalPrefix, env: Environment): PortalSettings {
  const reader = new SettingsReader(env);
  const url = reader.required(`${prefix}_URL`, addressWish(reader));
  const user = reader.required(`${prefix}_USER`, { wanted: 'the name to log in with' });
  const password = reader.requiredSecret(`${prefix}_PASSWORD`, {
    wanted: `the password of ${prefix}_USER`,
  });
  const totpSecret = reader.optionalSecret(`${prefix}_TOTP_SECRET`, {
    wanted: 'the secret that the portal shows beside the QR code: letters A to Z and digits 2 to 7',
    mistake: (text) => (/^[A-Z2-7]+=*$/i.test(withoutSpaces(text)) ? undefined : 'other characters too'),
  });
  return reader.finish({
    url,
    user,
    password,
    ...(totpSecret === undefined ? {} : { totpSecret: withoutSpaces(totpSecret) }),
  });
}

/** The portal's address alone, for what needs no login; undefined if not set. */
export function portalAddress(env: Environment = process.env): string | undefined {
  const reader = new SettingsReader(env);
  const url = reader.optional('EHR_PORTAL_URL', addressWish(reader));
  return reader.finish({ url }).url;
}

/** What the environment names of the portal login, for what works without it too. */
export function knownPortalLogin(env: Environment = process.env): {
  readonly user: string | undefined;
  readonly password: string | undefined;
} {
  const reader = new SettingsReader(env);
  const user = reader.optional('EHR_PORTAL_USER', { wanted: 'the name to log in with' });
  const password = reader.optionalSecret('EHR_PORTAL_PASSWORD', {
    wanted: 'the password of EHR_PORTAL_USER',
  });
  return reader.finish({ user, password });
}

function addressWish(reader: SettingsReader) {
  const plaintextAllowed = reader.allows('EHR_PORTAL_ALLOW_PLAINTEXT');
  return {
    wanted: 'the address of the login page, http:// or https://, without user and password',
    mistake: (text: string) => addressMistake(text) ?? (plaintextAllowed ? undefined : openWayMistake(text)),
  };
}

/** Over http, a password can be read on the way. */
function openWayMistake(text: string): string | undefined {
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || isLoopback(hostname)
    ? undefined
    : 'an address of another machine that begins with http:// (use https://, or say EHR_PORTAL_ALLOW_PLAINTEXT=true)';
}

/** Portals show the secret in groups of four. */
function withoutSpaces(secret: string): string {
  return secret.replaceAll(/\s/g, '');
}
