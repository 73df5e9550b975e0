import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exitCodes } from '../../../src/cli/exitCodes.ts';
import { openWarehouse } from '../../../src/warehouse/connect.ts';
import { migrate } from '../../../src/warehouse/migrate.ts';
import { readerGrants, readerRole, readerViews, type ReaderKind } from '../../../src/warehouse/readers.ts';
import { publishFigures } from './someFigures.ts';
import { TestWarehouse } from './testWarehouse.ts';

type Role = ReaderKind;
const roles = Object.keys(readerViews) as Role[];
const { coded: codedViews, names: allViews } = readerViews;

let tested: TestWarehouse;
/** An account for each role, by role: made as `client grants` says, by an administrator. */
const readers = new Map<Role, Connection>();
/** Accounts that these tests made on a server that may not be theirs. */
const accounts: string[] = [];

beforeAll(async () => {
  tested = await TestWarehouse.start();
  await publishFigures(tested.warehouse);
  await asAdministrator(await grants());
  // A second time, as after a migration that brought new views.
  await asAdministrator(await grants());
  for (const role of roles) readers.set(role, await readerWith(role));
});

afterAll(async () => {
  for (const reader of readers.values()) await reader.end();
  for (const account of accounts) await tested.server.admin.query(`DROP USER IF EXISTS ${account}`);
  for (const role of roles) {
    await tested.server.admin.query(`DROP ROLE IF EXISTS '${readerRole(tested.warehouse.database, role)}'`);
  }
  await tested.stop();
});

/** What the command prints. */
async function grants(...options: string[]): Promise<string> {
  return (await clientGrants(tested.url, options)).stdout;
}

function clientGrants(url: string, options: readonly string[]) {
  const command = ['--import', 'tsx', 'src/client.ts', 'grants', ...options];
  return promisify(execFile)(process.execPath, command, { env: { ...process.env, DATABASE_URL: url } });
}

/** Runs a whole script, as piped to the server's own client. */
async function asAdministrator(script: string): Promise<void> {
  const connection = await mysql.createConnection({ uri: tested.url, multipleStatements: true });
  try {
    await connection.query(script);
  } finally {
    await connection.end();
  }
}

/** Makes an account by the printed example, with a role, a name and a password of its own. */
async function readerWith(role: Role): Promise<Connection> {
  const name = accountName();
  const { accountExample, database } = await readerGrants(tested.warehouse);
  const statements = accountExample.map((statement) =>
    statement
      .replaceAll('power_bi', name)
      .replaceAll(readerRole(database, 'coded'), readerRole(database, role))
      .replace('a password', name)
      // The test's server need not speak TLS.
      .replace(' REQUIRE SSL', ''),
  );
  for (const statement of statements) await tested.server.admin.query(statement);
  return mysql.createConnection({ uri: addressAs(name, tested.url), dateStrings: true });
}

/** The name of an account that is gone after the tests; it is its password too. */
function accountName(): string {
  const name = `test_${randomBytes(6).toString('hex')}`;
  accounts.push(`'${name}'@'%'`);
  return name;
}

/** An account that may do nothing yet. */
async function newAccount(): Promise<string> {
  const name = accountName();
  await tested.server.admin.query(`CREATE USER '${name}'@'%' IDENTIFIED BY '${name}'`);
  return name;
}

function addressAs(name: string, address: string): string {
  const url = new URL(address);
  url.username = name;
  url.password = name;
  return url.href;
}

/** The number of the error that the server answers with, or undefined. */
async function refusal(reader: Connection, sql: string): Promise<number | undefined> {
  return reader.query(sql).then(
    () => undefined,
    (error: unknown) => (error as { errno: number }).errno,
  );
}

/** Denied: on a table or view, on a column, on a database, for want of a global right. */
const denials = [1142, 1143, 1044, 1227];

/** Which of these the reader is not denied. */
async function readable(reader: Connection, names: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const name of names) {
    const errno = await refusal(reader, `SELECT 1 FROM ${name} LIMIT 1`);
    if (!denials.includes(errno!)) found.push(name);
  }
  return found;
}

function sorted(rows: unknown): string[] {
  return (rows as readonly unknown[]).map((row) => JSON.stringify(row)).toSorted();
}

const tables = [
  'utilization',
  'notes',
  'utilization_summary',
  'notes_summary',
  'pipeline_run',
  'published_period',
  'rejected_row',
  'portal_login',
  'audit_event',
  'audit_head',
  '__drizzle_migrations',
];

describe.each<{ role: Role; views: readonly string[]; hidden: readonly string[] }>([
  {
    role: 'coded',
    views: codedViews,
    hidden: allViews.filter((view) => !(codedViews as readonly string[]).includes(view)),
  },
  { role: 'names', views: allViews, hidden: [] },
])('whoever has the role $role', ({ role, views, hidden }) => {
  test('reads each of its views, with the figures that are there', async () => {
    for (const view of views) {
      const [rows] = await readers.get(role)!.query(`SELECT * FROM ${view}`);
      expect(sorted(rows)).toEqual(sorted(await tested.query(`SELECT * FROM ${view}`)));
    }
  });

  test('reads no table and no other view', async () => {
    expect(await readable(readers.get(role)!, [...tables, ...hidden])).toEqual([]);
  });

  test('learns of nothing else', async () => {
    const [rows] = await readers.get(role)!.query({ sql: 'SHOW TABLES', rowsAsArray: true });
    expect((rows as unknown as string[][]).map(([name]) => name!).toSorted()).toEqual([...views].toSorted());
  });

  test.each([
    { sql: 'UPDATE v_utilization SET grp = 9 WHERE grp = 0' },
    { sql: 'DELETE FROM v_notes' },
    { sql: 'INSERT INTO v_utilization (source_line) VALUES (1)' },
    { sql: 'DROP VIEW v_period' },
    { sql: 'CREATE TABLE mine (id int)' },
    { sql: 'CREATE VIEW mine AS SELECT 1 AS one' },
    { sql: 'ALTER TABLE utilization ADD mine int' },
    { sql: 'TRUNCATE TABLE notes' },
    { sql: 'SHOW CREATE VIEW v_notes' },
  ])('may not $sql', async ({ sql }) => {
    expect(denials).toContain(await refusal(readers.get(role)!, sql));
  });
});

test('an account without a role reads nothing', async () => {
  const url = new URL(addressAs(await newAccount(), tested.url));
  url.pathname = '';
  const connection = await mysql.createConnection(url.href);
  const everything = [...allViews, ...tables].map((name) => `${tested.warehouse.database}.${name}`);
  expect(await readable(connection, everything)).toEqual([]);
  await connection.end();
});

describe('client grants', () => {
  test('answers scripts with the statements for the server that it asked', async () => {
    const answer = JSON.parse(await grants('--json')) as Awaited<ReturnType<typeof readerGrants>>;
    const { database } = tested.warehouse;
    expect(answer.database).toBe(database);
    expect(answer.statements).toHaveLength(codedViews.length + allViews.length + 2);
    expect(answer.statements).toContain(
      `GRANT SELECT ON \`${database}\`.\`v_notes\` TO '${readerRole(database, 'coded')}';`,
    );
    // A whole database's name is a pattern in such a statement, and each of these has an underscore.
    expect(database).toContain('_');
    const wide = answer.pipelineAccounts.filter((statement) => statement.includes('.* TO '));
    expect(wide).toHaveLength(1);
    expect(wide[0]).toMatch(/ TO 'ehr_migrate'@'%';$/);
    expect(wide[0]).toContain(` ON \`${database.replaceAll('_', String.raw`\_`)}\`.* TO `);
    expect(answer.statements).not.toContain(
      `GRANT SELECT ON \`${database}\`.\`v_notes_names\` TO '${readerRole(database, 'coded')}';`,
    );
  });

  test('sends whose tables are older to the migration first', async () => {
    const older = await tested.server.createDatabase();
    const failure: unknown = await clientGrants(older, []).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: exitCodes.noDatabase,
      stdout: '',
      stderr: expect.stringContaining('npm run client -- migrate') as string,
    });
  });
});

describe('two databases on one server', () => {
  test('have readers of their own: neither reads a view of the other', async () => {
    const url = await tested.server.createDatabase();
    const other = await openWarehouse({ url });
    await migrate(other);
    await publishFigures(other);
    await asAdministrator((await clientGrants(url, [])).stdout);
    const theirs = [...allViews, ...tables].map((name) => `\`${other.database}\`.${name}`);
    for (const role of roles) expect(await readable(readers.get(role)!, theirs)).toEqual([]);
    const name = await newAccount();
    const role = readerRole(other.database, 'names');
    await tested.server.admin.query(`GRANT '${role}' TO '${name}'@'%'`);
    const { accountExample } = await readerGrants(other);
    const makeDefault = accountExample
      .at(-1)!
      .replaceAll(readerRole(other.database, 'coded'), role)
      .replace('power_bi', name);
    await tested.server.admin.query(makeDefault);
    const reader = await mysql.createConnection({ uri: addressAs(name, url) });
    expect(await readable(reader, allViews)).toEqual([...allViews]);
    const ours = [...allViews, ...tables].map((view) => `\`${tested.warehouse.database}\`.${view}`);
    expect(await readable(reader, ours)).toEqual([]);
    await reader.end();
    for (const kind of roles) {
      await tested.server.admin.query(`DROP ROLE '${readerRole(other.database, kind)}'`);
    }
    await other.close();
  });

  test('of agencies have roles and accounts named after them, which open nothing of each other', async () => {
    const { admin } = tested.server;
    const opened = await Promise.all(
      ['one', 'two'].map(async (name) => {
        const agency = `${name}-${randomBytes(3).toString('hex')}`;
        const url = await tested.server.createDatabase();
        const warehouse = await openWarehouse({ url });
        await migrate(warehouse);
        return { agency, url, warehouse, grants: await readerGrants(warehouse, agency) };
      }),
    );
    try {
      for (const { agency, grants: printed } of opened) {
        expect(printed.roles).toEqual({ coded: `ehr_${agency}_coded`, names: `ehr_${agency}_names` });
        for (const statement of printed.statements) await admin.query(statement);
        for (const kind of ['migrate', 'worker', 'operator']) {
          const account = `'ehr_${agency}_${kind}'@'%'`;
          accounts.push(account);
          await admin.query(`CREATE USER ${account} IDENTIFIED BY '${agency}'`);
        }
        for (const statement of printed.pipelineAccounts) await admin.query(statement);
      }
      for (const [each, { agency, url, warehouse, grants: printed }] of opened.entries()) {
        const other = opened[1 - each]!.warehouse.database;
        const ofOther = [...allViews, ...tables].map((name) => `\`${other}\`.${name}`);
        const own = [...allViews, ...tables].map((name) => `\`${warehouse.database}\`.${name}`);
        for (const role of roles) {
          const name = await newAccount();
          await admin.query(`GRANT '${printed.roles[role]}' TO '${name}'@'%'`);
          const makeDefault = printed.accountExample.at(-1)!;
          await admin.query(
            makeDefault.replaceAll(printed.roles.coded, printed.roles[role]).replace('power_bi', name),
          );
          const reader = await mysql.createConnection({ uri: addressAs(name, url) });
          const seen = readerViews[role].map((view) => `\`${warehouse.database}\`.${view}`);
          expect(await readable(reader, [...own, ...ofOther])).toEqual(seen);
          await reader.end();
        }
        for (const kind of ['worker', 'operator', 'migrate']) {
          const address = new URL(url);
          address.username = `ehr_${agency}_${kind}`;
          address.password = agency;
          const account = await mysql.createConnection(address.href);
          expect(await readable(account, ofOther)).toEqual([]);
          expect(await readable(account, ['pipeline_run'])).toEqual(['pipeline_run']);
          await account.end();
        }
      }
    } finally {
      for (const { warehouse, grants: printed } of opened) {
        for (const role of Object.values(printed.roles)) await admin.query(`DROP ROLE IF EXISTS '${role}'`);
        await warehouse.close();
      }
    }
  });

  test('whose readers shared a role take their views back from it by the printed statements', async () => {
    const { admin } = tested.server;
    const { formerRoles, database } = await readerGrants(tested.warehouse);
    for (const [role, views] of [
      ['ehr_reader_coded', codedViews],
      ['ehr_reader_names', allViews],
    ] as const) {
      await admin.query(`CREATE ROLE IF NOT EXISTS '${role}'`);
      for (const view of views) await admin.query(`GRANT SELECT ON \`${database}\`.\`${view}\` TO '${role}'`);
    }
    for (const statement of formerRoles) await admin.query(statement);
    for (const role of ['ehr_reader_coded', 'ehr_reader_names']) {
      const [grants_] = await admin.query({ sql: `SHOW GRANTS FOR '${role}'`, rowsAsArray: true });
      expect(JSON.stringify(grants_)).not.toContain(database);
      await admin.query(`DROP ROLE '${role}'`);
    }
  });
});

test.each([
  { database: 'ehr', role: 'ehr_coded_reader' },
  { database: 'agency_two_reports', role: 'agency_two_reports_coded_reader' },
  { database: 'agency_number_two_reports', role: 'agency_num#c9583776_coded_reader' },
  { database: "o'dell", role: 'o_dell#11f3f4ce_coded_reader' },
])('the role of the database $database is $role', ({ database, role }) => {
  expect(readerRole(database, 'coded')).toBe(role);
  expect(role.length).toBeLessThanOrEqual(32);
});

test('the role of an agency is named after it, whatever its length', () => {
  expect(readerRole('ehr', 'names', 'acme')).toBe('ehr_acme_names');
  expect(readerRole('ehr', 'coded', 'a'.repeat(40)).length).toBeLessThanOrEqual(32);
  expect(readerRole('ehr', 'coded', 'a'.repeat(39))).not.toBe(readerRole('ehr', 'coded', 'a'.repeat(40)));
});

/** What docs/tables.md asks for. */
const rights = 'SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP, CREATE VIEW';

/** The address of an empty database with an account that has these rights there and no other. */
async function addressWith(granted: string): Promise<{ url: string; account: string }> {
  const name = await newAccount();
  const account = `'${name}'@'%'`;
  const url = await tested.server.createDatabase();
  await tested.server.admin.query(`GRANT ${granted} ON ${new URL(url).pathname.slice(1)}.* TO ${account}`);
  return { url: addressAs(name, url), account };
}

describe('the account of the pipeline', () => {
  test('needs these rights and no others to make tables and views and to load', async () => {
    const page = await readFile(new URL('../../../docs/tables.md', import.meta.url), 'utf8');
    expect(page).toContain(rights);
    const warehouse = await openWarehouse({ url: (await addressWith(rights)).url });
    await migrate(warehouse);
    await publishFigures(warehouse);
    const [rows] = await warehouse.pool.query('SELECT row_count FROM v_utilization_by_month ORDER BY ym');
    expect(rows).toEqual([{ row_count: 6 }, { row_count: 2 }]);
    await warehouse.close();
  });

  test('without CREATE VIEW says that the database refused a permission', async () => {
    const { url } = await addressWith(rights.replace(', CREATE VIEW', ''));
    const warehouse = await openWarehouse({ url });
    await expect(migrate(warehouse)).rejects.toMatchObject({
      type: 'WarehouseUnavailable',
      retry: false,
      message: expect.stringContaining('permission') as string,
    });
    await warehouse.close();
  });

  test('may go: another account makes all views again, as docs/tables.md says', async () => {
    const { url, account } = await addressWith(rights);
    const first = await openWarehouse({ url });
    await migrate(first);
    await publishFigures(first);
    await first.close();
    const { admin } = tested.server;
    await admin.query(`DROP USER ${account}`);
    const { database } = first;
    const count = (view: string) => `SELECT COUNT(*) AS row_count FROM ${database}.${view}`;
    const [views] = await admin.query<RowDataPacket[]>(
      'SELECT table_name AS name FROM information_schema.views WHERE table_schema = ?',
      [database],
    );
    const names = views.map((each) => String(each['name']));
    expect(names).toContain('v_authorization_outlook');
    for (const name of names) expect(await refusal(admin, count(name))).toBe(1449);
    const page = await readFile(new URL('../../../docs/tables.md', import.meta.url), 'utf8');
    const files = /`cat (src\S+(?: src\S+)*) \| sed '\/\^-->\/d' \| mysql/.exec(page)?.[1]?.split(' ') ?? [];
    const definitions = await Promise.all(
      files.map((file) => readFile(new URL(`../../../${file}`, import.meta.url), 'utf8')),
    );
    await asAdministrator(`USE ${database};\n${definitions.join('\n').replaceAll(/^-->.*$/gm, '')}`);
    for (const name of names) await admin.query(count(name));
    const [rows] = await admin.query(count('v_notes'));
    expect(rows).toEqual([{ row_count: 6 }]);
  });
});
