import { describe, expect, test } from 'vitest';
import { PipelineError } from '../../src/domain/failures.ts';
import { parseDatabaseUrl, tlsOptions, transportOptions } from '../../src/warehouse/databaseUrl.ts';

const plain = { host: 'db', port: 3306, user: 'ehr', password: 'pw', database: 'reports', tls: 'off' };

describe('a database URL', () => {
  test.each([
    { title: 'may leave out the port', url: 'mysql://ehr:pw@db/reports', expected: plain },
    { title: 'may name one', url: 'mysql://ehr:pw@db:3307/reports', expected: { ...plain, port: 3307 } },
    { title: 'may have no password', url: 'mysql://ehr@db/reports', expected: { ...plain, password: '' } },
    {
      title: 'may hold anything in the password, percent-encoded',
      url: 'mysql://ehr:p%40ss%2F%3A%25%C3%A9@db/reports',
      expected: { ...plain, password: 'p@ss/:%é' },
    },
    {
      title: 'may be an IPv6 address',
      url: 'mysql://ehr:pw@[::1]/reports',
      expected: { ...plain, host: '::1' },
    },
    {
      title: 'may ask for TLS',
      url: 'mysql://ehr:pw@db/reports?ssl=true',
      expected: { ...plain, tls: 'verify-host' },
    },
    {
      title: 'may ask for TLS without a host name in the certificate',
      url: 'mysql://ehr:pw@db/reports?ssl=verify-ca',
      expected: { ...plain, tls: 'verify-ca' },
    },
    { title: 'may say no to TLS', url: 'mysql://ehr:pw@db/reports?ssl=false', expected: plain },
  ])('$title', ({ url, expected }) => {
    expect(parseDatabaseUrl(url)).toEqual(expected);
  });

  test.each([
    { title: 'that is none', url: 'ehr:pw-hush@db', says: 'mysql://' },
    { title: 'of another database', url: 'postgres://ehr:pw-hush@db/reports', says: 'mysql://' },
    { title: 'without a user', url: 'mysql://db/reports', says: 'user' },
    { title: 'without a database', url: 'mysql://ehr:pw-hush@db', says: 'database name' },
    { title: 'with two databases', url: 'mysql://ehr:pw-hush@db/a/b', says: 'database name' },
    { title: 'with a bare percent sign', url: 'mysql://ehr:pw-hush%@db/reports', says: '%25' },
    { title: 'with an unknown parameter', url: 'mysql://ehr:pw-hush@db/reports?tls=yes', says: 'tls' },
    { title: 'with an unknown TLS mode', url: 'mysql://ehr:pw-hush@db/reports?ssl=maybe', says: 'verify-ca' },
  ])('$title is refused without quoting it', ({ url, says }) => {
    const parse = () => parseDatabaseUrl(url);
    expect(parse).toThrow(PipelineError);
    expect(parse).toThrow(says);
    expect(parse).not.toThrow('pw-hush');
  });
});

const address = (query: string) => parseDatabaseUrl(`mysql://ehr:pw@db/reports${query}`);

describe('TLS', () => {
  test.each([
    { title: 'is off unless asked for', options: tlsOptions(address(''), undefined), expected: {} },
    {
      title: 'verifies authority and host',
      options: tlsOptions(address('?ssl=true'), undefined),
      expected: { ssl: { minVersion: 'TLSv1.2', rejectUnauthorized: true, verifyIdentity: true } },
    },
    {
      title: 'is on when an authority is given',
      options: tlsOptions(address(''), 'PEM'),
      expected: { ssl: { minVersion: 'TLSv1.2', rejectUnauthorized: true, verifyIdentity: true, ca: 'PEM' } },
    },
    {
      title: 'still verifies the authority where the host is not',
      options: tlsOptions(address('?ssl=verify-ca'), 'PEM'),
      expected: {
        ssl: { minVersion: 'TLSv1.2', rejectUnauthorized: true, verifyIdentity: false, ca: 'PEM' },
      },
    },
  ])('$title', ({ options, expected }) => {
    expect(options).toEqual(expected);
  });

  test('does not pretend to check the host of an IP address', () => {
    const byNumber = parseDatabaseUrl('mysql://ehr:pw@10.0.0.1/reports?ssl=true');
    expect(() => tlsOptions(byNumber, 'PEM')).toThrow('verify-ca');
    const asTold = parseDatabaseUrl('mysql://ehr:pw@10.0.0.1/reports?ssl=verify-ca');
    expect(tlsOptions(asTold, 'PEM')).toMatchObject({ ssl: { verifyIdentity: false } });
  });

  test('does not trust any server that some public authority knows', () => {
    expect(() => tlsOptions(address('?ssl=verify-ca'), undefined)).toThrow('DATABASE_CA');
  });
});

const at = (host: string) => parseDatabaseUrl(`mysql://ehr:pw-hush@${host}/reports`);

describe('without TLS', () => {
  test.each(['localhost', '127.0.0.1', '127.9.8.7', '[::1]'])('%s is reached: it is this machine', (host) => {
    expect(transportOptions(at(host), {})).toEqual({});
  });

  test.each([
    'db',
    'db.example.com',
    '10.0.0.1',
    '192.168.1.5',
    '127.1',
    'localhost.example.com',
    '[fe80::1]',
  ])('%s is not reached, unless someone has allowed it', (host) => {
    const refused = () => transportOptions(at(host), {});
    expect(refused).toThrow('would not be encrypted');
    expect(refused).not.toThrow('pw-hush');
    const { ssl, authPlugins } = transportOptions(at(host), { allowPlaintext: true });
    expect(ssl).toBeUndefined();
    // Each way by which a password itself could leave this machine.
    expect(Object.keys(authPlugins!)).toEqual([
      'caching_sha2_password',
      'sha256_password',
      'mysql_clear_password',
    ]);
  });

  test('an authority or ?ssl= is enough, and allows no more than TLS', () => {
    const named = parseDatabaseUrl('mysql://ehr:pw@db/reports?ssl=true');
    expect(transportOptions(named, { allowPlaintext: true })).toEqual(tlsOptions(named, undefined));
    expect(transportOptions(at('db'), { ca: 'PEM' })).toEqual(tlsOptions(at('db'), 'PEM'));
  });
});
