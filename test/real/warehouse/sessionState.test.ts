import { randomBytes } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWarehouse, type Bulk } from '../../../src/warehouse/connect.ts';
import { migrate } from '../../../src/warehouse/migrate.ts';
import { publishPeriod } from '../../../src/warehouse/publish.ts';
import { startPrivateServer, startTestServer, type TestServer } from '../mariadb.ts';
import { aNote, aPublish, aRun } from './aPublish.ts';
import { SettingProxy } from './settingProxy.ts';
import { failureOf, withServerSettings } from './testWarehouse.ts';

const caregiver = 'NÚÑEZ, ŁUCJA';
/** As UTF-8. */
const caregiverBytes = '4EC39AC391455A2C20C58155434A41';
const ways: readonly Bulk[] = ['local-infile', 'inserts'];

/** Loads a note each way, and gives the bytes that the tables then hold. */
async function storedBytes(url: string): Promise<string[]> {
  const found: string[] = [];
  for (const bulk of ways) {
    const warehouse = await openWarehouse({ url, bulk });
    try {
      await migrate(warehouse);
      const versions = {
        exportSha256: bulk.padEnd(64, '.'),
        rulesSha256: 'a'.repeat(64),
        codeVersion: 'test',
      };
      const rows = [2, 3].map((line) => aNote(line, { caregiver }));
      const result = await publishPeriod(warehouse, aPublish(aRun('notes'), rows, { versions }));
      expect(result).toMatchObject({ kind: 'published', rows: 2 });
      for (const sql of [
        'SELECT DISTINCT HEX(caregiver) AS bytes FROM notes',
        "SELECT HEX(member) AS bytes FROM notes_summary WHERE dimension = 'caregiver'",
      ]) {
        const [answers] = await warehouse.pool.query<RowDataPacket[]>(sql);
        found.push(...answers.map((row) => String(row['bytes'])));
      }
    } finally {
      await warehouse.close();
    }
  }
  return found;
}

const everywhere = ways.flatMap(() => [caregiverBytes, caregiverBytes]);

test('a server that lets no client choose its character set stores the bytes of the file', async () => {
  const server = await startPrivateServer(['--skip-character-set-client-handshake', '--local-infile=1']);
  try {
    expect(await storedBytes(await server.createDatabase())).toEqual(everywhere);
  } finally {
    await server.stop();
  }
});

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

/** An ordinary account with all rights on a new database: `init_connect` does not run for administrators. */
async function ordinaryAccount(): Promise<{ url: string; name: string }> {
  const url = new URL(await server.createDatabase());
  const name = `session_${randomBytes(4).toString('hex')}`;
  await server.admin.query(`CREATE USER '${name}'@'%' IDENTIFIED BY '${name}'`);
  await server.admin.query(`GRANT ALL ON \`${url.pathname.slice(1)}\`.* TO '${name}'@'%'`);
  url.username = name;
  url.password = name;
  return { url: url.href, name };
}

describe.each([
  { sets: 'NAMES latin1' },
  { sets: "sql_mode = ''" },
  { sets: "time_zone = '-05:00'" },
  { sets: 'autocommit = 0' },
  { sets: 'sql_select_limit = 1' },
  { sets: 'max_join_size = 1' },
  { sets: 'sql_notes = 0' },
  { sets: 'SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED' },
  { sets: 'SESSION TRANSACTION READ ONLY' },
])('where init_connect is SET $sets', ({ sets }) => {
  test('the bytes of the file are stored, and every session is as figures need it', async () => {
    const { url, name } = await ordinaryAccount();
    await withServerSettings(server, async () => {
      await server.admin.query('SET GLOBAL local_infile = 1');
      await server.admin.query('SET GLOBAL init_connect = ?', [`SET ${sets}`]);
      try {
        expect(await storedBytes(url)).toEqual(everywhere);
        const warehouse = await openWarehouse({ url, poolSize: 1 });
        const apart = await warehouse.connectApart();
        for (const session of [warehouse.pool, apart]) {
          const [[state]] = await session.query<RowDataPacket[]>(
            `SELECT @@character_set_client AS client, @@character_set_connection AS connection,
               @@character_set_results AS results, @@collation_connection AS collation, @@time_zone AS zone,
               @@autocommit AS autocommit, @@sql_notes AS notes, CAST(@@sql_select_limit AS CHAR) AS rows_shown,
               CAST(@@max_join_size AS CHAR) AS rows_joined, @@sql_mode LIKE '%STRICT_ALL_TABLES%' AS strict`,
          );
          expect(state).toEqual({
            client: 'utf8mb4',
            connection: 'utf8mb4',
            results: 'utf8mb4',
            collation: 'utf8mb4_bin',
            zone: '+00:00',
            autocommit: 1,
            notes: 1,
            rows_shown: '18446744073709551615',
            rows_joined: '18446744073709551615',
            strict: 1,
          });
        }
        await apart.end();
        await warehouse.close();
      } finally {
        await server.admin.query("SET GLOBAL init_connect = ''");
        await server.admin.query(`DROP USER '${name}'@'%'`);
      }
    });
  });
});

describe('a proxy', () => {
  let proxy: SettingProxy;
  let url: string;

  beforeAll(async () => {
    const direct = new URL(await server.createDatabase());
    proxy = await SettingProxy.start(Number(direct.port));
    direct.port = String(proxy.port);
    url = direct.href;
  });
  afterAll(() => proxy.close());

  test.each([
    { fate: 'swallowed', message: /session is not as figures need it: .*sql_mode is/ },
    { fate: 'refused', message: /did not take the session settings.*1227/ },
  ] as const)('by which SET is $fate is refused at the start, for good', async ({ fate, message }) => {
    proxy.fate = fate;
    const failure = await failureOf(openWarehouse({ url }));
    expect(failure).toMatchObject({ type: 'WarehouseUnavailable', retry: false });
    expect(failure.message).toMatch(message);
    expect(failure.hint).not.toBe('');
  });

  test('that begins to swallow SET gets no statement through a connection that it did not let be set', async () => {
    proxy.fate = 'passed';
    const warehouse = await openWarehouse({ url });
    const first = await warehouse.pool.getConnection();
    proxy.fate = 'swallowed';
    proxy.passed.length = 0;
    const asked = [
      warehouse.pool.query('SELECT 1 AS from_the_pool'),
      warehouse.pool.execute('SELECT 1 AS prepared'),
      warehouse.pool.getConnection(),
      warehouse.db.execute('SELECT 1 AS through_drizzle'),
      warehouse.connectApart(),
    ];
    const ends = await Promise.allSettled(asked);
    expect(ends.map(({ status }) => status)).toEqual(asked.map(() => 'rejected'));
    expect(proxy.passed.filter((statement) => !statement.startsWith('SHOW SESSION VARIABLES'))).toEqual([]);
    // The one that was set before goes on.
    const [rows] = await first.query('SELECT 1 AS one');
    expect(rows).toEqual([{ one: 1 }]);
    first.release();
    await warehouse.close();
  });

  test('that hands a session on within a transaction loads nothing', async () => {
    proxy.fate = 'passed';
    const warehouse = await openWarehouse({ url, poolSize: 1 });
    await migrate(warehouse);
    // As a proxy would that has another session behind the same connection.
    await warehouse.pool.query('SET NAMES latin1');
    const failure = await failureOf(
      publishPeriod(warehouse, aPublish(aRun('notes'), [aNote(2, { caregiver })])),
    );
    expect(failure).toMatchObject({ type: 'WarehouseUnavailable', retry: false });
    expect(failure.message).toContain('character_set_client is latin1, wanted utf8mb4');
    const [rows] = await warehouse.pool.query('SELECT * FROM notes');
    expect(rows).toEqual([]);
    await warehouse.close();
  });
});
