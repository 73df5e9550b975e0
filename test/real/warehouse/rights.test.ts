import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWarehouse } from '../../../src/warehouse/connect.ts';
import { lackingRights, type Right } from '../../../src/warehouse/rights.ts';
import { startTestServer, type TestServer } from '../mariadb.ts';
import { failureOf, withServerSettings } from './testWarehouse.ts';

/** What docs/tables.md asks for. */
const needed: readonly Right[] = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'CREATE',
  'ALTER',
  'INDEX',
  'DROP',
  'CREATE VIEW',
];

let server: TestServer;
let url: URL;
let accounts = 0;

beforeAll(async () => {
  server = await startTestServer();
  url = new URL(await server.createDatabase());
});
afterAll(() => server.stop());

const database = () => url.pathname.slice(1);

/** What an account lacks that was given these rights, or whatever else `give` says. */
async function lackingOf(give: (account: string) => readonly string[]): Promise<Right[]> {
  accounts += 1;
  const account = `'rights_${String(accounts)}'@'%'`;
  await server.admin.query(`CREATE USER ${account} IDENTIFIED BY 'a password'`);
  try {
    for (const statement of give(account)) await server.admin.query(statement);
    const address = new URL(url);
    address.username = `rights_${String(accounts)}`;
    address.password = encodeURIComponent('a password');
    const warehouse = await openWarehouse({ url: address.href, poolSize: 1 });
    try {
      return await lackingRights(warehouse);
    } finally {
      await warehouse.close();
    }
  } finally {
    await server.admin.query(`DROP USER ${account}`);
  }
}

const grant = (rights: readonly string[]) => (account: string) => [
  `GRANT ${rights.join(', ')} ON ${database()}.* TO ${account}`,
];

describe('an account', () => {
  test('with the rights that docs/tables.md names lacks none', async () => {
    expect(await lackingOf(grant(needed))).toEqual([]);
  });

  test.each(needed)('without %s lacks just that', async (right) => {
    expect(await lackingOf(grant(needed.filter((each) => each !== right)))).toEqual([right]);
  });

  test('with a right of no use to us lacks all', async () => {
    expect(await lackingOf(grant(['SHOW VIEW']))).toEqual(needed);
  });

  test('that has them by a pattern of names lacks none', async () => {
    const pattern = database().replaceAll('_', '\\_').slice(0, -1);
    expect(
      await lackingOf((account) => [`GRANT ${needed.join(', ')} ON \`${pattern}%\`.* TO ${account}`]),
    ).toEqual([]);
  });
});

test('a backup that holds up every change of tables is waited for seconds, not for its end', async () => {
  const [[{ version }]] = (await server.admin.query('SELECT VERSION() AS version')) as never as [
    [{ version: string }],
  ];
  const [begin, end] = version.includes('MariaDB')
    ? [['BACKUP STAGE START', 'BACKUP STAGE BLOCK_DDL'], 'BACKUP STAGE END']
    : [['LOCK INSTANCE FOR BACKUP'], 'UNLOCK INSTANCE'];
  const warehouse = await openWarehouse({ url: url.href, poolSize: 1 });
  try {
    await withServerSettings(server, async () => {
      for (const statement of begin) await server.admin.query(statement);
      try {
        expect(await failureOf(lackingRights(warehouse))).toMatchObject({
          type: 'WarehouseUnavailable',
          message: expect.stringContaining('ER_LOCK_WAIT_TIMEOUT'),
        });
      } finally {
        await server.admin.query(end);
      }
    });
  } finally {
    await warehouse.close();
  }
});

test('asking has left nothing behind', async () => {
  const [tables] = await server.admin.query(`SHOW TABLES FROM ${database()}`);
  expect(tables).toEqual([]);
});
