import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { isAgencyId, wantedAgencyId, type Agency } from '../domain/agencyId.ts';
import { ConfigError } from './configError.ts';
import type { ReportName } from '../reports/index.ts';
import { SettingsReader, type Environment, type PortalPrefix } from './settingsReader.ts';
import { isLoopback } from '../domain/loopback.ts';

/**
 * The environment variables, one function per part: a process that needs no portal needs no portal password. Each
 * function throws ConfigError with every variable of its part that is missing or wrong; no message holds a secret.
 */

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

/** The agency that this process acts for, as `client --agency` says; undefined for the one without an id. */
export function agencyHere(env: Environment = process.env): Agency {
  const reader = new SettingsReader(env);
  const agency = readAgency(reader);
  return reader.finish({ agency }).agency;
}

function readAgency(reader: SettingsReader): Agency {
  return reader.optional('EHR_AGENCY', {
    wanted: wantedAgencyId,
    mistake: (text) => (isAgencyId(text) ? undefined : 'something else'),
  });
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
    ...(allowed(reader, 'DATABASE_ALLOW_PLAINTEXT') ? { allowPlaintext: true as const } : {}),
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

/** Each dangerous option has exactly one word that allows it. */
function allowed(
  reader: SettingsReader,
  variable: 'DATABASE_ALLOW_PLAINTEXT' | 'EHR_PORTAL_ALLOW_PLAINTEXT',
): boolean {
  const said = reader.optional(variable, {
    wanted: 'true or false',
    mistake: (text) => (text === 'true' || text === 'false' ? undefined : 'another word'),
  });
  return said === 'true';
}

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

/** Whether a browser can show a window. */
export function hasDisplay(env: Environment = process.env): boolean {
  const named = [env['DISPLAY'], env['WAYLAND_DISPLAY']].some((each) => (each ?? '') !== '');
  return named || process.platform === 'darwin' || process.platform === 'win32';
}

function addressWish(reader: SettingsReader) {
  const plaintextAllowed = allowed(reader, 'EHR_PORTAL_ALLOW_PLAINTEXT');
  return {
    wanted: 'the address of the login page, http:// or https://, without user and password',
    mistake: (text: string) => addressMistake(text) ?? (plaintextAllowed ? undefined : openWayMistake(text)),
  };
}

/** Never quotes the address: people paste addresses with a password in them. */
function addressMistake(text: string): string | undefined {
  if (!URL.canParse(text)) return 'no address';
  const { protocol, username, password } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') return `an address that begins with ${protocol}`;
  return username === '' && password === '' ? undefined : 'an address with a user or password in it';
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

/** The hex digits of 16 random bytes. A shorter key could be guessed from the keys of known names. */
const nameKeyLength = 32;

/** The secret that turns names into keys. A new secret gives new keys, which no longer match the loaded periods. */
export function nameKey(env: Environment = process.env): string {
  const reader = new SettingsReader(env);
  const key = reader.requiredSecret('EHR_NAME_KEY', {
    wanted: `a secret of at least ${nameKeyLength} characters, kept for good; make one with: openssl rand -hex 32`,
    mistake: (text) => (text.length < nameKeyLength ? `${text.length} characters` : undefined),
  });
  reader.finish({});
  return key;
}

/**
 * The secret that names the portal login in the database: its lock, and the digests that tell passwords apart. All
 * workers need the same one. Undefined if not set: both then have the names of the previous version.
 */
export function loginKey(env: Environment = process.env): string | undefined {
  const reader = new SettingsReader(env);
  const key = reader.optionalSecret('EHR_LOGIN_KEY', {
    wanted: `a secret of at least ${nameKeyLength} characters; make one with: openssl rand -hex 32`,
    mistake: (text) => (text.length < nameKeyLength ? `${text.length} characters` : undefined),
  });
  return reader.finish({ key }).key;
}

/** What AES-256 takes. */
const dataKeyBytes = 32;
/** Far more than a rotation needs. */
const mostDataKeys = 20;

/**
 * The keys that seal kept files: the first one seals, the others only open what they sealed. Empty if not set: files
 * are then plain.
 */
export function dataKeys(env: Environment = process.env): readonly Buffer[] {
  const reader = new SettingsReader(env);
  const text = reader.optionalSecret('EHR_DATA_KEY', {
    wanted: `${String(dataKeyBytes)} bytes in base64 or hex, or several such keys with spaces or line breaks between them, the current one first; make one with: openssl rand -base64 ${String(dataKeyBytes)}`,
    mistake: dataKeysMistake,
  });
  return reader.finish(text === undefined ? [] : wordsOf(text).map((word) => dataKeyIn(word)!));
}

function dataKeysMistake(text: string): string | undefined {
  const keys = wordsOf(text).map(dataKeyIn);
  if (keys.length === 0) return 'no key';
  if (keys.length > mostDataKeys) return `${String(keys.length)} keys (at most ${String(mostDataKeys)})`;
  const wrong = keys.indexOf(undefined);
  if (wrong !== -1) return `something else as key ${String(wrong + 1)}`;
  const isRepeated = new Set(keys.map((key) => key!.toString('hex'))).size < keys.length;
  return isRepeated ? 'the same key twice' : undefined;
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function dataKeyIn(word: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(word)) return Buffer.from(word, 'hex');
  return /^[\w+/-]{43}=?$/.test(word) ? Buffer.from(word, 'base64') : undefined;
}

/** Where runs keep their files: a folder or a bucket, which every worker must reach. */
export type ArtifactsPlace =
  | { readonly kind: 'folder'; readonly folder: string }
  | {
      readonly kind: 'bucket';
      readonly bucket: string;
      /** Before each key; '' for none. */
      readonly prefix: string;
      /** Of an S3-compatible server; undefined for AWS. */
      readonly endpoint: string | undefined;
      /** The key of AWS KMS that encrypts objects; undefined for what the bucket says. */
      readonly kmsKey: string | undefined;
    };

const bucketPattern =
  /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/((?:[\w.-]{1,100}\/){0,9}[\w.-]{1,100}))?\/?$/;
const kmsKeyPattern = /^[\w:/-]{1,2048}$/;
const bucketScheme = 's3://';

/** @throws ConfigError if a bucket cannot be read from it, or its server would be reached in plain text. */
export function artifactsPlace(env: Environment = process.env): ArtifactsPlace {
  const reader = new SettingsReader(env);
  const named = reader.optional('EHR_ARTIFACTS', {
    wanted: 'the path of a folder, or s3://bucket/prefix',
    mistake: (text) =>
      text.startsWith(bucketScheme) && (!bucketPattern.test(text) || text.includes('..'))
        ? 'no name of a bucket'
        : undefined,
  });
  const server = {
    wanted: 'the address of an S3-compatible server, https:// unless on this machine',
    mistake: plainEndpoint,
  };
  const endpoint =
    reader.optional('AWS_ENDPOINT_URL_S3', server) ?? reader.optional('AWS_ENDPOINT_URL', server);
  const [, bucket, prefix = ''] = bucketPattern.exec(named ?? '') ?? [];
  if (bucket === undefined) {
    reader.optional('EHR_SCRATCH', {
      wanted: 'it only where EHR_ARTIFACTS is a bucket: all files lie in that folder',
      mistake: () => 'a folder',
    });
  }
  const kmsKey = reader.optional('EHR_ARTIFACTS_KMS_KEY', {
    wanted: 'the id, ARN or alias of a key of AWS KMS, and it only where EHR_ARTIFACTS is a bucket',
    mistake: (text) => (bucket !== undefined && kmsKeyPattern.test(text) ? undefined : 'something else'),
  });
  if (bucket !== undefined) return reader.finish({ kind: 'bucket', bucket, prefix, endpoint, kmsKey });
  return reader.finish({ kind: 'folder', folder: resolve(named ?? '.local/artifacts') });
}

function plainEndpoint(text: string): string | undefined {
  if (!URL.canParse(text)) return 'no address';
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
    ? undefined
    : `an address that begins with ${protocol}`;
}

/**
 * A private folder on this machine for what is under way: downloads, spooled and scratch files, evidence. The artifacts
 * folder, if there is one.
 */
export function scratchDirectory(env: Environment = process.env): string {
  const place = artifactsPlace(env);
  return place.kind === 'folder' ? place.folder : resolve(setting(env, 'EHR_SCRATCH') ?? '.local/scratch');
}

/** A file system in memory, on Linux. */
export const sharedMemory = '/dev/shm';

/**
 * Where the browser writes downloads, which it cannot seal; undefined for the folder of other scratch files. With
 * a data key they are in memory, where a machine has that, so that a killed worker leaves none on a disk.
 */
export function downloadsDirectory(env: Environment = process.env): string | undefined {
  const named = setting(env, 'EHR_DOWNLOADS');
  if (named !== undefined) return resolve(named);
  const inMemory = dataKeys(env).length > 0 && existsSync(sharedMemory);
  return inMemory ? join(sharedMemory, `ehr-downloads-${String(process.getuid?.() ?? '')}`) : undefined;
}

/** The folder on the worker's machine for files that people hand in; an absolute path. */
export function inboxDirectory(env: Environment = process.env): string {
  return resolve(setting(env, 'EHR_INBOX') ?? join(scratchDirectory(env), 'inbox'));
}

export function configPath(env: Environment = process.env): string {
  return setting(env, 'EHR_CONFIG') ?? 'config/pipeline.yaml';
}

/**
 * Rules and run files for which no variable names a folder: they are in the program's own folder, which updates
 * replace.
 */
export function unnamedPlaces(env: Environment = process.env): {
  readonly config?: string;
  readonly artifacts?: string;
} {
  return {
    ...(setting(env, 'EHR_CONFIG') === undefined ? { config: resolve(configPath(env)) } : {}),
    ...(setting(env, 'EHR_ARTIFACTS') === undefined ? { artifacts: scratchDirectory(env) } : {}),
  };
}

/** The workflow bundle of `npm run build`; undefined if the worker bundles at start. */
export function workflowBundle(env: Environment = process.env): string | undefined {
  const reader = new SettingsReader(env);
  const bundle = reader.optional('EHR_WORKFLOW_BUNDLE', {
    wanted: 'the file that npm run build wrote',
    mistake: (path) => (existsSync(path) ? undefined : `${path}, which does not exist`),
  });
  return reader.finish({ bundle }).bundle;
}

const deployModes = ['auto', 'manual'] as const;

/**
 * Whether a worker with a newer workflow bundle takes new runs by itself (`auto`, the default), or waits for `client
 * deploy` (`manual`).
 */
export function deployMode(env: Environment = process.env): (typeof deployModes)[number] {
  const reader = new SettingsReader(env);
  const mode = reader.optional('EHR_DEPLOY', {
    wanted: deployModes.join(' or '),
    mistake: (text) => (deployModes.some((each) => each === text) ? undefined : 'something else'),
  });
  return reader.finish({ mode: mode === 'manual' ? 'manual' : 'auto' } as const).mode;
}

/** Each takes some 300 MB. */
const mostBrowsers = 32;

/** How many exports a worker makes at portals at a time, each of another login and with a browser of its own. */
export function browsersPerWorker(env: Environment = process.env): number {
  const reader = new SettingsReader(env);
  const browsers = reader.optional('EHR_BROWSERS', {
    wanted: `a whole number from 1 to ${String(mostBrowsers)}`,
    mistake: (text) =>
      /^[1-9]\d?$/.test(text) && Number(text) <= mostBrowsers ? undefined : 'something else',
  });
  return reader.finish({ browsers: Number(browsers ?? 1) }).browsers;
}

export interface MetricsSettings {
  readonly host: string;
  readonly port: number;
}

/** Where the worker serves its metrics and its health; undefined to serve nothing. */
export function metricsSettings(env: Environment = process.env): MetricsSettings | undefined {
  const reader = new SettingsReader(env);
  const host = reader.optional('EHR_METRICS_HOST', {
    wanted: 'an address of this machine to listen on, such as 0.0.0.0 for all; without it 127.0.0.1',
    mistake: (text) =>
      isIP(text) === 0 && text !== 'localhost' ? `${text}, which is no IP address` : undefined,
  });
  const port = reader.optional('EHR_METRICS_PORT', {
    wanted: `a port from 1 to ${largestPort}`,
    mistake: (text) => (isPort(text) ? undefined : text),
  });
  const settings = reader.finish({ host: host ?? '127.0.0.1', port: Number(port) });
  return port === undefined ? undefined : settings;
}

const largestPort = 65_535;

function isPort(text: string): boolean {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= largestPort;
}

/**
 * Where traces go, as OTLP over HTTP: the base address, to which `/v1/traces` is added; undefined for no traces.
 * OpenTelemetry reads its other variables itself (`OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_SERVICE_NAME`, …).
 */
export function tracesEndpoint(env: Environment = process.env): string | undefined {
  const reader = new SettingsReader(env);
  const endpoint = reader.optional('OTEL_EXPORTER_OTLP_ENDPOINT', {
    wanted: 'the address of an OTLP receiver over HTTP, such as http://127.0.0.1:4318',
    mistake: addressMistake,
  });
  return reader.finish({ endpoint }).endpoint;
}

interface AlertSecrets {
  /** Set if a webhook is configured. */
  readonly webhookUrl?: string;
  /** Set if mail is configured. */
  readonly smtpUrl?: string;
}

/** The addresses of the channels in config/pipeline.yaml. Anyone who has one can post: they are secrets. */
export function alertSecrets(
  wanted: { readonly webhook: boolean; readonly mail: boolean },
  env: Environment = process.env,
): AlertSecrets {
  const reader = new SettingsReader(env);
  const webhookUrl = wanted.webhook
    ? reader.requiredSecret('EHR_ALERT_WEBHOOK_URL', {
        wanted: 'the address of the incoming webhook, https:// unless it is on this machine',
        mistake: (text) => protectedAddressMistake(text, { open: 'http:', tls: 'https:' }),
      })
    : undefined;
  const smtpUrl = wanted.mail
    ? reader.requiredSecret('EHR_ALERT_SMTP_URL', {
        wanted:
          'smtps://user:password@host:465 or smtp://user:password@host:587, which then must offer STARTTLS',
        mistake: smtpMistake,
      })
    : undefined;
  return reader.finish({
    ...(webhookUrl === undefined ? {} : { webhookUrl }),
    ...(smtpUrl === undefined ? {} : { smtpUrl }),
  });
}

interface SourceSecrets {
  readonly password: string | undefined;
  /** The text of the private key. */
  readonly key: string | undefined;
}

/** What logs in to the SFTP server of a source: a password, a private key, or both. */
export function sourceSecrets(source: string, env: Environment = process.env): SourceSecrets {
  const prefix = `EHR_SOURCE_${source.toUpperCase().replaceAll('-', '_')}` as const;
  const reader = new SettingsReader(env);
  const password = reader.optionalSecret(`${prefix}_PASSWORD`, {
    wanted: `the password for the SFTP server of the source ${source}`,
  });
  const key = reader.optionalSecret(`${prefix}_KEY`, {
    wanted: `a private key without a passphrase for the SFTP server of the source ${source}`,
    mistake: (text) => (/^-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text) ? undefined : 'something else'),
  });
  const secrets = reader.finish({ password, key });
  if (password !== undefined || key !== undefined) return secrets;
  throw new ConfigError([
    `${prefix}_PASSWORD: not set, wanted the password for the SFTP server of the source ${source}, or a private key in ${prefix}_KEY_FILE`,
  ]);
}

/** Never quotes the address. */
function protectedAddressMistake(
  text: string,
  { open, tls }: { open: string; tls: string },
): string | undefined {
  if (!URL.canParse(text)) return 'no address';
  const { protocol, hostname, username, password } = new URL(text);
  if (protocol !== tls && protocol !== open) return `an address that does not begin with ${tls}//`;
  if (username !== '' || password !== '') return 'an address with a user or password in it';
  return protocol === tls || isLoopback(hostname) ? undefined : `an address that begins with ${open}//`;
}

function smtpMistake(text: string): string | undefined {
  if (!URL.canParse(text)) return 'no address';
  const { protocol, hostname, pathname, search, hash } = new URL(text);
  if (protocol !== 'smtps:' && protocol !== 'smtp:')
    return 'an address that does not begin with smtps:// or smtp://';
  if (hostname === '') return 'an address without a host';
  if (!['', '/'].includes(pathname) || search !== '' || hash !== '')
    return 'an address with more behind the port';
  return undefined;
}

interface BrowserSettings {
  /**
   * The browser to start; undefined for Playwright's own. The order: the one that the environment names, Playwright's
   * own if installed, the system's. `playwrightsOwn` is the value of Playwright's `chromium.executablePath()`: a call
   * here would load Playwright into the client, and into workers that never use the portal.
   */
  readonly executable: (playwrightsOwn: string) => string | undefined;
  /** The one that the environment names. */
  readonly named?: string;
  /** The proxy through which this machine reaches the web, if any. */
  readonly siteProxy?: { readonly url: string; readonly bypasses: (host: string) => boolean };
}

const systemChromium = '/usr/bin/chromium';

/** @throws ConfigError if the environment names a browser that does not exist */
export function browserSettings(env: Environment): BrowserSettings {
  const reader = new SettingsReader(env);
  const named = reader.optional('EHR_CHROMIUM', {
    wanted: 'the path of a Chromium or Chrome binary',
    mistake: (path) => (existsSync(path) ? undefined : `${path}, which does not exist`),
  });
  const executable = (playwrightsOwn: string) =>
    named ?? (!existsSync(playwrightsOwn) && existsSync(systemChromium) ? systemChromium : undefined);
  const proxy = siteProxy(env);
  return reader.finish({
    executable,
    ...(named === undefined ? {} : { named }),
    ...(proxy === undefined ? {} : { siteProxy: proxy }),
  });
}

/**
 * Read as browsers and most programs do. The address may hold a password.
 * @throws ConfigError if the proxy's address is invalid
 */
export function siteProxy(env: Environment): BrowserSettings['siteProxy'] {
  const url = firstSet(env, ['HTTPS_PROXY', 'https_proxy']);
  if (url === undefined) return undefined;
  const mistake = proxyMistake(url);
  if (mistake !== undefined) {
    throw new ConfigError([
      `HTTPS_PROXY: got ${mistake}, wanted a proxy: http://host:port or https://host:port`,
    ]);
  }
  const exempt = (firstSet(env, ['NO_PROXY', 'no_proxy']) ?? '')
    .split(',')
    .map((entry) =>
      entry
        .trim()
        .toLowerCase()
        .replace(/:\d+$/, '')
        .replace(/^\*?\./, ''),
    )
    .filter((entry) => entry !== '');
  const bypasses = (host: string) =>
    isLoopback(host) || exempt.some((entry) => entry === '*' || host === entry || host.endsWith(`.${entry}`));
  return { url, bypasses };
}

function firstSet(env: Environment, variables: readonly string[]): string | undefined {
  return variables.map((variable) => env[variable]).find((value) => value !== undefined && value !== '');
}

/** Never quotes the address. */
function proxyMistake(text: string): string | undefined {
  if (!URL.canParse(text)) return 'no address';
  const { protocol, hostname } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') return `an address that begins with ${protocol}`;
  return hostname === '' ? 'an address without a host' : undefined;
}

function setting(
  env: Environment,
  variable: 'EHR_ARTIFACTS' | 'EHR_CONFIG' | 'EHR_DOWNLOADS' | 'EHR_INBOX' | 'EHR_SCRATCH',
): string | undefined {
  return new SettingsReader(env).optional(variable, { wanted: 'a path' });
}
