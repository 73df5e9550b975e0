import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  alertSecrets,
  artifactsPlace,
  scratchDirectory,
  siteProxy,
  browserSettings,
  ConfigError,
  configPath,
  databaseSettings,
  metricsSettings,
  dataKeys,
  downloadsDirectory,
  loginKey,
  nameKey,
  portalSettings,
  tracesEndpoint,
  type Environment,
} from '../../src/config.ts';
import { temporaryFolder } from './pipelineFile.ts';

const url = 'mysql://loader:a-pass-word@db.internal:3306/ehr';
const key = '0123456789abcdef0123456789abcdef';
const portal = {
  EHR_PORTAL_URL: 'https://portal.example/login',
  EHR_PORTAL_USER: 'reports',
  EHR_PORTAL_PASSWORD: 'correct horse',
};
const here = new URL(import.meta.url).pathname;

function fileWith(text: string): string {
  const path = join(temporaryFolder(), 'secret');
  writeFileSync(path, text);
  return path;
}

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('a secret comes from its variable or from a file', () => {
  test.each([
    { title: 'the variable', env: () => ({ DATABASE_URL: url }) },
    { title: 'a file', env: () => ({ DATABASE_URL_FILE: fileWith(url) }) },
    {
      title: 'a file that an editor ended with a line break',
      env: () => ({ DATABASE_URL_FILE: fileWith(`${url}\n`) }),
    },
    { title: 'a file from Windows', env: () => ({ DATABASE_URL_FILE: fileWith(`${url}\r\n`) }) },
    {
      title: 'a file while the variable is blank',
      env: () => ({ DATABASE_URL: '', DATABASE_URL_FILE: fileWith(url) }),
    },
  ])('$title', ({ env }) => {
    expect(databaseSettings(env())).toEqual({ url });
  });

  test('and keeps its own spaces and further line breaks', () => {
    const settings = portalSettings({
      ...portal,
      EHR_PORTAL_PASSWORD: '',
      EHR_PORTAL_PASSWORD_FILE: fileWith(' a b \n\n'),
    });
    expect(settings.password).toBe(' a b \n');
  });
});

const hexKey = Buffer.alloc(32, 7).toString('hex');
const base64Key = Buffer.alloc(32, 7).toString('base64');
const dataKeyWanted =
  'wanted 32 bytes in base64 or hex, or several such keys with spaces or line breaks between them, the current one first; make one with: openssl rand -base64 32';

describe('the data keys', () => {
  const [seven, eight] = [Buffer.alloc(32, 7), Buffer.alloc(32, 8)];

  test.each([
    { title: 'none', env: {}, keys: [] },
    { title: 'an empty variable', env: { EHR_DATA_KEY: '' }, keys: [] },
    { title: 'one in hex', env: { EHR_DATA_KEY: hexKey.toUpperCase() }, keys: [seven] },
    { title: 'one in base64', env: { EHR_DATA_KEY: base64Key }, keys: [seven] },
    { title: 'one in base64url', env: { EHR_DATA_KEY: eight.toString('base64url') }, keys: [eight] },
    {
      title: 'several, the current one first',
      env: { EHR_DATA_KEY: `${eight.toString('base64')} ${hexKey}` },
      keys: [eight, seven],
    },
    {
      title: 'a line each in a file',
      env: () => ({ EHR_DATA_KEY_FILE: fileWith(`${eight.toString('hex')}\n\n${base64Key}\n`) }),
      keys: [eight, seven],
    },
  ])('$title', ({ env, keys }) => {
    expect(dataKeys(typeof env === 'function' ? env() : env)).toEqual(keys);
  });

  test('put downloads into memory, unless a folder is named', () => {
    expect(downloadsDirectory({})).toBeUndefined();
    expect(downloadsDirectory({ EHR_DOWNLOADS: '/run/ehr' })).toBe('/run/ehr');
    expect(downloadsDirectory({ EHR_DOWNLOADS: '/run/ehr', EHR_DATA_KEY: hexKey })).toBe('/run/ehr');
    expect(downloadsDirectory({ EHR_DATA_KEY: hexKey })).toBe(
      existsSync('/dev/shm') ? `/dev/shm/ehr-downloads-${String(process.getuid?.())}` : undefined,
    );
  });
});

describe('the settings', () => {
  const certificate = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';

  test('of the database have the text of the authority, not its path', () => {
    expect(databaseSettings({ DATABASE_URL: url, DATABASE_CA: fileWith(certificate) })).toEqual({
      url,
      ca: certificate,
    });
  });

  test('of the database say so where it may be on another machine without TLS', () => {
    const publicKey = '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----';
    const given = { DATABASE_ALLOW_PLAINTEXT: 'true', DATABASE_RSA: fileWith(publicKey) };
    expect(databaseSettings({ DATABASE_URL: url, ...given })).toEqual({
      url,
      allowPlaintext: true,
      publicKey,
    });
    expect(databaseSettings({ DATABASE_URL: url, DATABASE_ALLOW_PLAINTEXT: 'false' })).toEqual({ url });
  });

  test.each(['http://127.0.0.1:8099', 'http://localhost:8099', 'http://[::1]:8099'])(
    'of a portal on this machine need no TLS: %s',
    (address) => {
      expect(portalSettings({ ...portal, EHR_PORTAL_URL: address }).url).toBe(address);
    },
  );

  test('of a portal elsewhere need it, unless someone has allowed otherwise', () => {
    const EHR_PORTAL_URL = 'http://portal:8099';
    expect(portalSettings({ ...portal, EHR_PORTAL_URL, EHR_PORTAL_ALLOW_PLAINTEXT: 'true' }).url).toBe(
      EHR_PORTAL_URL,
    );
  });

  test('of the portal', () => {
    expect(portalSettings(portal)).toEqual({
      url: 'https://portal.example/login',
      user: 'reports',
      password: 'correct horse',
    });
  });

  test('of the portal have the TOTP secret without the spaces that portals show', () => {
    expect(portalSettings({ ...portal, EHR_PORTAL_TOTP_SECRET: 'jbsw y3dp ehpk 3pxp' }).totpSecret).toBe(
      'jbswy3dpehpk3pxp',
    );
  });

  test('have defaults for what is no secret', () => {
    expect(artifactsPlace({})).toEqual({ kind: 'folder', folder: resolve('.local/artifacts') });
    expect(scratchDirectory({})).toBe(resolve('.local/artifacts'));
    expect(configPath({})).toBe('config/pipeline.yaml');
  });

  test('a blank variable hides none that stands in for it', () => {
    const proxy = siteProxy({
      HTTPS_PROXY: '',
      https_proxy: 'http://127.0.0.1:3128',
      NO_PROXY: '',
      no_proxy: '.example.org',
    });
    expect(proxy?.url).toBe('http://127.0.0.1:3128');
    expect(proxy?.bypasses('portal.example.org')).toBe(true);
  });

  test.each(['user', 'password'])(
    'refuse a proxy whose %s has a bare percent sign, without quoting it',
    (what) => {
      const login = what === 'user' ? 's3cret%:password' : 'user:s3cret%';
      const [problem] = problemsOf(() =>
        siteProxy({ HTTPS_PROXY: `http://${login}@proxy.example.org:3128` }),
      );
      expect(problem).toContain(
        `HTTPS_PROXY: got an address with a % in the ${what} that is not followed by two hex digits (write % itself as %25)`,
      );
      expect(problem).not.toContain('s3cret');
    },
  );

  test('name a bucket, with a folder of this machine for what is under way', () => {
    const env = { EHR_ARTIFACTS: 's3://agency/ehr/exports/', AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:7070' };
    expect(artifactsPlace(env)).toEqual({
      kind: 'bucket',
      bucket: 'agency',
      prefix: 'ehr/exports',
      endpoint: 'http://127.0.0.1:7070',
      kmsKey: undefined,
    });
    const general = { ...env, AWS_ENDPOINT_URL_S3: '', AWS_ENDPOINT_URL: 'http://127.0.0.1:7071' };
    expect(artifactsPlace(general)).toMatchObject({ endpoint: 'http://127.0.0.1:7071' });
    expect(artifactsPlace({ ...env, EHR_ARTIFACTS_KMS_KEY: 'alias/ehr' })).toMatchObject({
      kmsKey: 'alias/ehr',
    });
    expect(artifactsPlace({ EHR_ARTIFACTS: 's3://agency' })).toMatchObject({
      prefix: '',
      endpoint: undefined,
    });
    expect(scratchDirectory(env)).toBe(resolve('.local/scratch'));
    expect(scratchDirectory({ ...env, EHR_SCRATCH: '/var/ehr' })).toBe('/var/ehr');
  });

  test('follow the environment', () => {
    expect(artifactsPlace({ EHR_ARTIFACTS: 'shared' })).toEqual({
      kind: 'folder',
      folder: resolve('shared'),
    });
    expect(configPath({ EHR_CONFIG: 'other.yaml' })).toBe('other.yaml');
    expect(nameKey({ EHR_NAME_KEY: key })).toBe(key);
    expect(loginKey({ EHR_LOGIN_KEY: key })).toBe(key);
    expect(loginKey({})).toBeUndefined();
  });

  test('are frozen', () => {
    expect(Object.isFrozen(portalSettings(portal))).toBe(true);
    expect(Object.isFrozen(databaseSettings({ DATABASE_URL: url }))).toBe(true);
  });
});

describe('the addresses of the alerts', () => {
  const both = { webhook: true, mail: true };
  const webhook = 'https://hooks.example.org/services/T0/B0/s3cret';
  const smtp = 'smtps://bot:s3cret@mail.example.org:465';

  test('are read only where a channel is asked for', () => {
    const env = { EHR_ALERT_WEBHOOK_URL: webhook, EHR_ALERT_SMTP_URL: smtp };
    expect(alertSecrets({ webhook: false, mail: false }, { EHR_ALERT_WEBHOOK_URL: 'nonsense' })).toEqual({});
    expect(alertSecrets(both, env)).toEqual({ webhookUrl: webhook, smtpUrl: smtp });
  });

  test('are asked for by name where they lack', () => {
    expect(problemsOf(() => alertSecrets(both, {}))).toEqual([
      expect.stringMatching(/^EHR_ALERT_WEBHOOK_URL: not set, wanted/),
      expect.stringMatching(/^EHR_ALERT_SMTP_URL: not set, wanted/),
    ]);
  });

  test.each([
    { url: 'hooks.example.org/s3cret', got: 'no address' },
    { url: 'ftp://hooks.example.org/s3cret', got: 'an address that does not begin with https://' },
    { url: 'http://hooks.example.org/s3cret', got: 'an address that begins with http://' },
    { url: 'http://localhost.example.org/s3cret', got: 'an address that begins with http://' },
    { url: 'https://me:s3cret@hooks.example.org/', got: 'an address with a user or password in it' },
  ])('of the webhook are refused without being quoted: $got', ({ url: address, got }) => {
    const [problem] = problemsOf(() =>
      alertSecrets({ webhook: true, mail: false }, { EHR_ALERT_WEBHOOK_URL: address }),
    );
    expect(problem).toContain(`EHR_ALERT_WEBHOOK_URL: got ${got}, wanted`);
    expect(problem).not.toContain('s3cret');
  });

  test.each([
    { url: 'mail.example.org:587', got: 'an address that does not begin with smtps:// or smtp://' },
    { url: 'smtp:s3cret', got: 'an address without a host' },
    {
      url: 'smtps://bot:s3cret@mail.example.org/?tls.rejectUnauthorized=false',
      got: 'an address with more behind the port',
    },
    {
      url: 'smtps://bot:s3cret%zz@mail.example.org:465',
      got: 'an address with a % in the password that is not followed by two hex digits (write % itself as %25)',
    },
  ])('of the mail server are refused without being quoted: $got', ({ url: address, got }) => {
    const [problem] = problemsOf(() =>
      alertSecrets({ webhook: false, mail: true }, { EHR_ALERT_SMTP_URL: address }),
    );
    expect(problem).toContain(`EHR_ALERT_SMTP_URL: got ${got}, wanted`);
    expect(problem).not.toContain('s3cret');
  });

  test('may be without TLS on this machine', () => {
    const addresses = ['http://127.0.0.1:8080/hook', 'http://[::1]:8080/hook', 'http://localhost/hook'];
    for (const address of addresses) {
      expect(alertSecrets({ webhook: true, mail: false }, { EHR_ALERT_WEBHOOK_URL: address })).toEqual({
        webhookUrl: address,
      });
    }
  });
});

describe('metrics and traces', () => {
  test('are off unless they are asked for', () => {
    expect(metricsSettings({})).toBeUndefined();
    expect(metricsSettings({ EHR_METRICS_PORT: '' })).toBeUndefined();
    expect(tracesEndpoint({})).toBeUndefined();
  });

  test('are for this machine alone unless another address is given', () => {
    expect(metricsSettings({ EHR_METRICS_PORT: '9464' })).toEqual({ host: '127.0.0.1', port: 9464 });
    expect(metricsSettings({ EHR_METRICS_PORT: '9464', EHR_METRICS_HOST: '0.0.0.0' })).toEqual({
      host: '0.0.0.0',
      port: 9464,
    });
    expect(tracesEndpoint({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' })).toBe(
      'http://127.0.0.1:4318',
    );
  });

  test.each([
    { port: '0', got: '0' },
    { port: '65536', got: '65536' },
    { port: ':9464', got: ':9464' },
  ])('refuse the port $port', ({ port, got }) => {
    expect(problemsOf(() => metricsSettings({ EHR_METRICS_PORT: port }))).toEqual([
      `EHR_METRICS_PORT: got ${got}, wanted a port from 1 to 65535`,
    ]);
  });

  test('refuse an address that is none, and one with a password in it', () => {
    expect(problemsOf(() => metricsSettings({ EHR_METRICS_PORT: '1', EHR_METRICS_HOST: 'all' }))).toEqual([
      expect.stringMatching(/^EHR_METRICS_HOST: got all, which is no IP address, wanted/),
    ]);
    expect(
      problemsOf(() => tracesEndpoint({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://u:pass@host:4318' })),
    ).toEqual([
      'OTEL_EXPORTER_OTLP_ENDPOINT: got an address with a user or password in it, wanted the address of an OTLP receiver over HTTP, such as http://127.0.0.1:4318',
    ]);
  });
});

describe('the browser', () => {
  test.each([
    { title: 'is the one that the environment names', env: { EHR_CHROMIUM: here }, own: here, is: here },
    { title: "is Playwright's own where that is installed", env: {}, own: here, is: undefined },
  ])('$title', ({ env, own, is }) => {
    expect(browserSettings(env).executable(own)).toBe(is);
  });

  test('must be there if it is named', () => {
    const env = { EHR_CHROMIUM: '/nowhere/chrome' };
    expect(problemsOf(() => browserSettings(env))).toEqual([
      'EHR_CHROMIUM: got /nowhere/chrome, which does not exist, wanted the path of a Chromium or Chrome binary',
    ]);
  });
});

const urlWanted = 'wanted the address of the login page, http:// or https://, without user and password';
const keyWanted =
  'wanted a secret of at least 32 characters, kept for good; make one with: openssl rand -hex 32';
const totpWanted =
  'wanted the secret that the portal shows beside the QR code: letters A to Z and digits 2 to 7';

describe('a mistake in the environment names the variable, what it got and what it wanted', () => {
  test.each<{ title: string; read: (env: Environment) => unknown; env: () => Environment; says: string[] }>([
    {
      title: 'all that the portal needs at once',
      read: portalSettings,
      env: () => ({}),
      says: [
        `EHR_PORTAL_URL: not set, ${urlWanted}`,
        'EHR_PORTAL_USER: not set, wanted the name to log in with',
        'EHR_PORTAL_PASSWORD: not set, wanted the password of EHR_PORTAL_USER',
      ],
    },
    {
      title: 'a misspelt variable',
      read: portalSettings,
      env: () => ({ ...portal, EHR_PORTAL_USER: undefined, EHR_PORTAL_USERNAME: 'reports' }),
      says: [
        'EHR_PORTAL_USER: not set (EHR_PORTAL_USERNAME is: is that a misspelling?), wanted the name to log in with',
      ],
    },
    {
      title: 'a variable whose first word is misspelt',
      read: databaseSettings,
      env: () => ({ DATABSE_URL: 'mysql://root@localhost/ehr', BASE_URL: 'https://example.org' }),
      says: [
        'DATABASE_URL: not set (DATABSE_URL is: is that a misspelling?), wanted mysql://user:password@host:3306/database',
      ],
    },
    {
      title: 'an address that is none',
      read: portalSettings,
      env: () => ({ ...portal, EHR_PORTAL_URL: 'portal.example' }),
      says: [`EHR_PORTAL_URL: got no address, ${urlWanted}`],
    },
    {
      title: 'an address of another kind',
      read: portalSettings,
      env: () => ({ ...portal, EHR_PORTAL_URL: 'file:///etc/passwd' }),
      says: [`EHR_PORTAL_URL: got an address that begins with file:, ${urlWanted}`],
    },
    {
      title: 'a password in the address, which is not repeated',
      read: portalSettings,
      env: () => ({ ...portal, EHR_PORTAL_URL: 'https://me:secret@portal.example' }),
      says: [`EHR_PORTAL_URL: got an address with a user or password in it, ${urlWanted}`],
    },
    {
      title: 'a TOTP code in place of the secret',
      read: portalSettings,
      env: () => ({ ...portal, EHR_PORTAL_TOTP_SECRET: '190 018' }),
      says: [`EHR_PORTAL_TOTP_SECRET: got other characters too, ${totpWanted}`],
    },
    {
      title: 'a portal on another machine without TLS',
      read: portalSettings,
      env: () => ({ ...portal, EHR_PORTAL_URL: 'http://portal.example/login' }),
      says: [
        `EHR_PORTAL_URL: got an address of another machine that begins with http:// (use https://, or say EHR_PORTAL_ALLOW_PLAINTEXT=true), ${urlWanted}`,
      ],
    },
    {
      title: 'another word than true or false, which is not repeated',
      read: databaseSettings,
      env: () => ({ DATABASE_URL: url, DATABASE_ALLOW_PLAINTEXT: 'yes' }),
      says: ['DATABASE_ALLOW_PLAINTEXT: got another word, wanted true or false'],
    },
    {
      title: 'a private key in place of the public one',
      read: databaseSettings,
      env: () => ({ DATABASE_URL: url, DATABASE_RSA: fileWith('-----BEGIN PRIVATE KEY-----') }),
      says: ["DATABASE_RSA: got a file without a public key, wanted the server's public key in PEM form"],
    },
    {
      title: 'no database',
      read: databaseSettings,
      env: () => ({ DATABASE_URL: '' }),
      says: ['DATABASE_URL: not set, wanted mysql://user:password@host:3306/database'],
    },
    {
      title: 'a secret given twice',
      read: databaseSettings,
      env: () => ({ DATABASE_URL: url, DATABASE_URL_FILE: fileWith(url) }),
      says: ['DATABASE_URL: set, and so is DATABASE_URL_FILE; wanted only one of them'],
    },
    {
      title: 'a file that is not there',
      read: databaseSettings,
      env: () => ({ DATABASE_URL_FILE: '/nowhere/url' }),
      says: [
        'DATABASE_URL_FILE: cannot read the file that it names (ENOENT), wanted a file that holds mysql://user:password@host:3306/database',
      ],
    },
    {
      title: 'an empty file',
      read: nameKey,
      env: () => ({ EHR_NAME_KEY_FILE: fileWith('\n') }),
      says: [`EHR_NAME_KEY_FILE: got an empty file, ${keyWanted}`],
    },
    {
      title: 'a bucket without a name, and its server in plain text',
      read: artifactsPlace,
      env: () => ({ EHR_ARTIFACTS: 's3:///exports', AWS_ENDPOINT_URL_S3: 'http://store.example.org' }),
      says: [
        'EHR_ARTIFACTS: got no name of a bucket, wanted the path of a folder, or s3://bucket/prefix',
        'AWS_ENDPOINT_URL_S3: got an address that begins with http:, wanted the address of an S3-compatible server, https:// unless on this machine',
      ],
    },
    {
      title: 'a prefix that leads elsewhere',
      read: artifactsPlace,
      env: () => ({ EHR_ARTIFACTS: 's3://agency/exports/../others' }),
      says: ['EHR_ARTIFACTS: got no name of a bucket, wanted the path of a folder, or s3://bucket/prefix'],
    },
    {
      title: 'a key of AWS for a folder',
      read: artifactsPlace,
      env: () => ({ EHR_ARTIFACTS_KMS_KEY: 'alias/ehr' }),
      says: [
        'EHR_ARTIFACTS_KMS_KEY: got something else, wanted the id, ARN or alias of a key of AWS KMS, and it only where EHR_ARTIFACTS is a bucket',
      ],
    },
    {
      title: 'a scratch folder beside an artifacts folder',
      read: scratchDirectory,
      env: () => ({ EHR_SCRATCH: '/var/tmp/ehr' }),
      says: [
        'EHR_SCRATCH: got a folder, wanted it only where EHR_ARTIFACTS is a bucket: all files lie in that folder',
      ],
    },
    {
      title: 'a certificate authority that is none',
      read: databaseSettings,
      env: () => ({ DATABASE_URL: url, DATABASE_CA: fileWith('hello') }),
      says: ['DATABASE_CA: got a file without a certificate, wanted certificates in PEM form'],
    },
    {
      title: 'no key for names',
      read: nameKey,
      env: () => ({}),
      says: [`EHR_NAME_KEY: not set, ${keyWanted}`],
    },
    {
      title: 'a short key for names, which is not repeated',
      read: nameKey,
      env: () => ({ EHR_NAME_KEY: 'changeme' }),
      says: [`EHR_NAME_KEY: got 8 characters, ${keyWanted}`],
    },
    {
      title: 'a data key that is none, which is not repeated',
      read: dataKeys,
      env: () => ({ EHR_DATA_KEY: `${hexKey} changeme` }),
      says: [`EHR_DATA_KEY: got something else as key 2, ${dataKeyWanted}`],
    },
    {
      title: 'a data key of another length',
      read: dataKeys,
      env: () => ({ EHR_DATA_KEY_FILE: fileWith(Buffer.alloc(31, 7).toString('base64')) }),
      says: [`EHR_DATA_KEY_FILE: got something else as key 1, ${dataKeyWanted}`],
    },
    {
      title: 'the same data key in two forms',
      read: dataKeys,
      env: () => ({ EHR_DATA_KEY: `${hexKey} ${base64Key}` }),
      says: [`EHR_DATA_KEY: got the same key twice, ${dataKeyWanted}`],
    },
    {
      title: 'more data keys than any rotation needs',
      read: dataKeys,
      env: () => ({ EHR_DATA_KEY: `${hexKey}\n`.repeat(21) }),
      says: [`EHR_DATA_KEY: got 21 keys (at most 20), ${dataKeyWanted}`],
    },
    {
      title: 'data keys of blanks',
      read: dataKeys,
      env: () => ({ EHR_DATA_KEY: ' ' }),
      says: [`EHR_DATA_KEY: got no key, ${dataKeyWanted}`],
    },
    {
      title: 'a short key for the login, which is not repeated',
      read: loginKey,
      env: () => ({ EHR_LOGIN_KEY: 'changeme' }),
      says: [
        'EHR_LOGIN_KEY: got 8 characters, wanted a secret of at least 32 characters; make one with: openssl rand -hex 32',
      ],
    },
  ])('$title', ({ read, env, says }) => {
    expect(problemsOf(() => read(env()))).toEqual(says);
  });
});
