import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ownCertificate } from '../portal/fixtures/ownCertificate.ts';
import { openWarehouse } from '../../../src/warehouse/connect.ts';
import { RogueServer, type Asking } from './rogueServer.ts';
import { failureOf } from './testWarehouse.ts';

const password = 'pw-that-nobody-may-have';
/** Another machine as far as anybody can tell from its name; in truth this one. */
const elsewhere = '127.1';

let rogue: RogueServer;

beforeAll(async () => {
  rogue = await RogueServer.start();
});
afterAll(() => rogue.close());
beforeEach(() => {
  rogue.received = [];
  rogue.connections = 0;
});

const urlOf = (host: string, query = '') =>
  `mysql://ehr:${password}@${host}:${String(rogue.port)}/reports${query}`;

test('the rogue is one: whoever encrypts for any key that is offered has given the password away', async () => {
  rogue.asking = 'caching_sha2_password';
  // On this machine nobody else can take the place of the server, so that the driver's own way is allowed.
  await failureOf(openWarehouse({ url: urlOf('127.0.0.1'), poolSize: 1 }));
  expect(rogue.knows(password)).toBe(true);
});

const askings: readonly Asking[] = [
  'caching_sha2_password',
  'sha256_password',
  'mysql_clear_password',
  'mysql_old_password',
];

describe.each(askings)('a server elsewhere that asks by %s', (asking) => {
  beforeEach(() => {
    rogue.asking = asking;
  });

  test('is not even called without TLS', async () => {
    const failure = await failureOf(openWarehouse({ url: urlOf(elsewhere) }));
    expect(failure).toMatchObject({ type: 'InvalidInput', retry: false });
    expect(failure.message).toContain('would not be encrypted');
    expect(failure.hint).toMatch(/\?ssl=true.*DATABASE_CA.*DATABASE_ALLOW_PLAINTEXT=true/);
    expect(rogue.connections).toBe(0);
  });

  test('and has no TLS though it was asked for, gets nothing', async () => {
    const failure = await failureOf(
      openWarehouse({ url: urlOf(elsewhere, '?ssl=verify-ca'), ca: ownCertificate.cert }),
    );
    expect(failure).toMatchObject({ type: 'WarehouseUnavailable', retry: false });
    expect(rogue.connections).toBe(1);
    expect(Buffer.concat(rogue.received)).toHaveLength(0);
  });

  test('without a key that is known is refused for good, with what to set', async () => {
    const failure = await failureOf(openWarehouse({ url: urlOf(elsewhere), allowPlaintext: true }));
    expect(failure).toMatchObject({ type: 'WarehouseUnavailable', retry: false });
    expect(failure.hint).toContain('DATABASE_RSA');
  });

  test.each([
    { title: 'no key is known', publicKey: undefined },
    {
      title: 'the key of the true server is known',
      publicKey: generateKeyPairSync('rsa', { modulusLength: 2048 })
        .publicKey.export({ type: 'spki', format: 'pem' })
        .toString(),
    },
  ])('does not get the password where plaintext is allowed and $title', async ({ publicKey }) => {
    const failure = await failureOf(
      openWarehouse({
        url: urlOf(elsewhere),
        allowPlaintext: true,
        ...(publicKey === undefined ? {} : { publicKey }),
        poolSize: 1,
      }),
    );
    expect(failure.type).toBe('WarehouseUnavailable');
    expect(`${failure.message} ${failure.hint}`).not.toContain(password);
    expect(rogue.connections).toBe(1);
    expect(rogue.knows(password)).toBe(false);
  });
});
