import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWarehouse } from '../../../src/warehouse/connect.ts';
import { lackingRights, type Right } from '../../../src/warehouse/rights.ts';
import { startTestServer, type TestServer } from '../mariadb.ts';

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

test('asking has left nothing behind', async () => {
  const [tables] = await server.admin.query(`SHOW TABLES FROM ${database()}`);
  expect(tables).toEqual([]);
});
