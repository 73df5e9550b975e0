import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { migrate as applyMigrations } from 'drizzle-orm/mysql2/migrator';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWarehouse, type Warehouse } from '../../../src/warehouse/connect.ts';
import { checkVersion, migrate } from '../../../src/warehouse/migrate.ts';
import { acquireNamedLock, lockNameIn } from '../../../src/warehouse/namedLock.ts';
import { startTestServer, type TestServer } from '../mariadb.ts';
import { reports } from '../../../src/reports/index.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.stop());

async function withDatabase(work: (warehouse: Warehouse, url: string) => Promise<void>): Promise<void> {
  const url = await server.createDatabase();
  const warehouse = await openWarehouse({ url });
  try {
    await work(warehouse, url);
  } finally {
    await warehouse.close();
  }
}

interface ColumnFacts extends RowDataPacket {
  table_name: string;
  column_name: string;
  column_type: string;
  collation_name: string | null;
}

/** Of the tables, not of the views over them. */
async function columnsOf(warehouse: Warehouse): Promise<ColumnFacts[]> {
  const [rows] = await warehouse.pool.query<ColumnFacts[]>(
    `SELECT c.table_name AS table_name, c.column_name AS column_name, c.column_type AS column_type,
       c.collation_name AS collation_name
     FROM information_schema.columns AS c
     JOIN information_schema.tables AS t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
     WHERE c.table_schema = DATABASE() AND t.table_type = 'BASE TABLE' AND c.table_name <> '__drizzle_migrations'
     ORDER BY c.table_name, c.ordinal_position`,
  );
  return rows;
}

test('an empty database is behind, and the hint says what to run', () =>
  withDatabase(async (warehouse) => {
    await expect(checkVersion(warehouse)).rejects.toMatchObject({
      type: 'WarehouseUnavailable',
      retry: false,
      hint: expect.stringContaining('npm run client -- migrate') as string,
    });
  }));

test('the first call applies everything, the next ones nothing', () =>
  withDatabase(async (warehouse) => {
    const first = await migrate(warehouse);
    expect(first.applied).toBe(first.total);
    expect(await migrate(warehouse)).toEqual({ applied: 0, total: first.total });
    await checkVersion(warehouse);
  }));

test('five callers at once apply each migration once', () =>
  withDatabase(async (warehouse) => {
    const results = await Promise.all(Array.from({ length: 5 }, () => migrate(warehouse)));
    const applied = results.map((result) => result.applied).toSorted((left, right) => left - right);
    expect(applied).toEqual([0, 0, 0, 0, results[0]!.total]);
    const [rows] = await warehouse.pool.query<RowDataPacket[]>('SELECT * FROM __drizzle_migrations');
    expect(rows).toHaveLength(results[0]!.total);
  }));

test('a first migration that was cut off half-way is simply run again', () =>
  withDatabase(async (warehouse) => {
    await migrate(warehouse);
    await warehouse.pool.query('DELETE FROM __drizzle_migrations');
    await warehouse.pool.query('DROP TABLE utilization, utilization_summary');
    await migrate(warehouse);
    await checkVersion(warehouse);
    expect(new Set((await columnsOf(warehouse)).map((column) => column.table_name)).size).toBe(18);
  }));

const migrationsFolder = fileURLToPath(new URL('../../../src/warehouse/migrations', import.meta.url));

/** The statements of the migrations that brought versions and decisions, the name codes of roll-ups, and the views. */
const [, , versionsMigration, codesMigration, viewsMigration] = readMigrationFiles({ migrationsFolder });

/** The tables as so many first migrations left them, with these rows in them. */
async function withOlderTables(
  warehouse: Warehouse,
  migrations: number,
  rows: readonly string[],
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ehr-migrations-'));
  await cp(migrationsFolder, folder, { recursive: true });
  const journalFile = path.join(folder, 'meta', '_journal.json');
  const journal = JSON.parse(await readFile(journalFile, 'utf8')) as { entries: unknown[] };
  await writeFile(journalFile, JSON.stringify({ ...journal, entries: journal.entries.slice(0, migrations) }));
  await applyMigrations(warehouse.db, { migrationsFolder: folder });
  await rm(folder, { recursive: true });
  for (const row of rows) await warehouse.pool.query(row);
}

const olderRows = [
  `INSERT INTO pipeline_run (run_id, workflow_id, report, period_start, period_end, source, outcome, started_at,
     finished_at, rows_loaded) VALUES
   ('r1', 'w', 'utilization', '2026-09-01', '2026-09-30', 'portal', 'published', '2026-10-01 08:00:00.000',
     '2026-10-01 08:01:02.345', 1),
   ('r2', 'w', 'utilization', '2026-09-01', '2026-09-30', 'portal', 'failed', '2026-10-02 08:00:00.000',
     '2026-10-02 08:01:00.000', NULL)`,
  `INSERT INTO published_period (report, period_start, period_end, run_id, versions, published_at, row_count, sums)
   VALUES ('utilization', '2026-09-01', '2026-09-30', 'r1', '{}', '2026-10-01 08:01:02.000', 1, '{}')`,
  `INSERT INTO utilization_summary (ym, period_start, dimension, member, row_count, authorized_dollars,
     in_process_dollars, billed_dollars, not_utilized, under_dollars, over_dollars)
   VALUES ('2026-09', '2026-09-01', 'total', 'total', 1, 1, 0, 0, 1, -1, 0)`,
];

async function expectMigratedRows(warehouse: Warehouse): Promise<void> {
  const [runs] = await warehouse.pool.query(
    'SELECT run_id, outcome, published_at, exported_at, files FROM pipeline_run ORDER BY run_id',
  );
  const since = { exported_at: null, files: null };
  expect(runs).toEqual([
    { run_id: 'r1', outcome: 'published', published_at: '2026-10-01 08:01:02.345', ...since },
    { run_id: 'r2', outcome: 'failed', published_at: null, ...since },
  ]);
  const [periods] = await warehouse.pool.query(
    'SELECT run_id, row_count, preliminary, pinned_at, exported_at FROM published_period',
  );
  const unknown = { preliminary: null, pinned_at: null, exported_at: null };
  expect(periods).toEqual([{ run_id: 'r1', row_count: 1, ...unknown }]);
  const [rollups] = await warehouse.pool.query('SELECT row_count, preliminary FROM utilization_summary');
  expect(rollups).toEqual([{ row_count: 1, preliminary: 0 }]);
}

test('tables that are older, with rows in them, get what is new and lose nothing', () =>
  withDatabase(async (warehouse) => {
    await withOlderTables(warehouse, 2, olderRows);
    const behind = await columnsOf(warehouse);
    const { applied, total } = await migrate(warehouse);
    expect(applied).toBe(total - 2);
    await expectMigratedRows(warehouse);
    await checkVersion(warehouse);
    expect(await columnsOf(warehouse)).toEqual(expect.arrayContaining(behind));
    await withDatabase(async (fresh) => {
      await migrate(fresh);
      expect(await columnsOf(warehouse)).toEqual(await columnsOf(fresh));
    });
  }));

test.each(cutOffAfterEach(versionsMigration))(
  'the migration to versions that was cut off after $done of its statements is simply run again',
  ({ statements }) =>
    withDatabase(async (warehouse) => {
      await withOlderTables(warehouse, 2, olderRows);
      await runOneByOne(warehouse, statements);
      await migrate(warehouse);
      await expectMigratedRows(warehouse);
    }),
);

/** Each beginning of a migration, as where its caller died. */
function cutOffAfterEach(migration: { sql: string[] } | undefined) {
  return migration!.sql.map((_, index) => ({
    done: index + 1,
    statements: migration!.sql.slice(0, index + 1),
  }));
}

async function runOneByOne(warehouse: Warehouse, statements: readonly string[]): Promise<void> {
  const connection = await warehouse.connectApart();
  for (const statement of statements) await connection.query(statement);
  await connection.end();
}

/** Two people with one code, and nobody, in rows and roll-ups from before these had codes. */
const rowsWithoutMemberCodes = [
  `INSERT INTO utilization (period_start, period_end, source_line, run_id, client, client_code, client_key, qp,
     qp_code, qp_key, service_code, authorization_number, start_date, end_date, ym, grp)
   VALUES
   ('2026-09-01', '2026-09-30', 2, 'r1', 'LARKSPUR, CLEMENCE', 'CLELA', 'key-1', 'YARROW, TAMSIN', 'TAMYA', 'key-2',
     'DS', '1', '2026-09-01', '2026-09-30', '2026-09', 2),
   ('2026-09-01', '2026-09-30', 3, 'r1', 'LARKIN, CLEO', 'CLELA', 'key-3', NULL, NULL, NULL,
     'DS', '2', '2026-09-01', '2026-09-30', '2026-09', 2)`,
  `INSERT INTO utilization_summary (ym, period_start, dimension, member, member_key, row_count, authorized_dollars,
     in_process_dollars, billed_dollars, not_utilized, under_dollars, over_dollars)
   VALUES
   ('2026-09', '2026-09-01', 'client', 'LARKIN, CLEO', 'key-3', 1, 0, 0, 0, 0, 0, 0),
   ('2026-09', '2026-09-01', 'client', 'LARKSPUR, CLEMENCE', 'key-1', 1, 0, 0, 0, 0, 0, 0),
   ('2026-09', '2026-09-01', 'qp', '', '', 1, 0, 0, 0, 0, 0, 0),
   ('2026-09', '2026-09-01', 'qp', 'YARROW, TAMSIN', 'key-2', 1, 0, 0, 0, 0, 0, 0),
   ('2026-09', '2026-09-01', 'total', 'total', '', 2, 0, 0, 0, 0, 0, 0)`,
  `INSERT INTO notes (period_start, period_end, source_line, run_id, client, client_code, client_key, caregiver,
     employee_code, caregiver_key, client_supervisor, supervisor_code, supervisor_key, service_code, date_of_service,
     note_status, billing_cycle, ym, grp)
   VALUES
   ('2026-09-01', '2026-09-15', 2, 'r2', 'LARKIN, CLEO', 'CLELA', 'key-3', 'MERRIWEATHER, HUGO', 'HUGME', 'key-4',
     'YARROW, TAMSIN', 'TAMYA', 'key-2', 'CLS', '2026-09-02', 'Unbillable', '1-15', '2026-09', 3)`,
  `INSERT INTO notes_summary (ym, period_start, dimension, member, member_key, row_count, on_time, late, unbillable,
     \`unsigned\`)
   VALUES
   ('2026-09', '2026-09-01', 'caregiver', 'MERRIWEATHER, HUGO', 'key-4', 1, 0, 0, 1, 1),
   ('2026-09', '2026-09-01', 'service', 'CLS', '', 1, 0, 0, 1, 1),
   ('2026-09', '2026-09-01', 'supervisor', 'YARROW, TAMSIN', 'key-2', 1, 0, 0, 1, 1)`,
];

async function memberCodes(warehouse: Warehouse): Promise<Record<string, string | null>> {
  const [rows] = await warehouse.pool.query<RowDataPacket[]>(
    `SELECT dimension, member, member_code FROM utilization_summary
     UNION ALL SELECT dimension, member, member_code FROM notes_summary`,
  );
  return Object.fromEntries(
    rows.map((row) => [`${String(row['dimension'])} ${String(row['member'])}`, row['member_code'] as string]),
  );
}

test.each([{ done: 0, statements: [] as string[] }, ...cutOffAfterEach(codesMigration)])(
  'roll-ups from before name codes get those of their rows, also where that was cut off after $done statements',
  ({ statements }) =>
    withDatabase(async (warehouse) => {
      await withOlderTables(warehouse, 3, rowsWithoutMemberCodes);
      await runOneByOne(warehouse, statements);
      await migrate(warehouse);
      expect(await memberCodes(warehouse)).toEqual({
        'client LARKIN, CLEO': 'CLELA',
        'client LARKSPUR, CLEMENCE': 'CLELA',
        'qp ': null,
        'qp YARROW, TAMSIN': 'TAMYA',
        'total total': null,
        'caregiver MERRIWEATHER, HUGO': 'HUGME',
        'service CLS': null,
        'supervisor YARROW, TAMSIN': 'TAMYA',
      });
    }),
);

/** The migrations since, each with the number of those before it. */
const laterMigrations = readMigrationFiles({ migrationsFolder })
  .map(({ sql }, before) => ({ before, sql }))
  .slice(5);

test.each(laterMigrations)(
  'the migration after the first $before that was cut off anywhere is simply run again',
  ({ before, sql }) =>
    withDatabase(async (warehouse) => {
      await withOlderTables(warehouse, before, []);
      // Each beginning in turn: what is there already is no hindrance.
      for (const { statements } of cutOffAfterEach({ sql })) await runOneByOne(warehouse, statements);
      await migrate(warehouse);
      await checkVersion(warehouse);
      await withDatabase(async (fresh) => {
        await migrate(fresh);
        expect(await columnsOf(warehouse)).toEqual(await columnsOf(fresh));
      });
    }),
);

test('views that were made half-way are simply made again', () =>
  withDatabase(async (warehouse) => {
    await withOlderTables(warehouse, 4, []);
    await runOneByOne(warehouse, viewsMigration!.sql.slice(0, 5));
    const { applied, total } = await migrate(warehouse);
    expect(applied).toBe(total - 4);
    await runOneByOne(warehouse, viewsMigration!.sql);
  }));

test('all text is utf8mb4_bin, though the server has another default', () =>
  withDatabase(async (warehouse) => {
    await migrate(warehouse);
    const text = (await columnsOf(warehouse)).filter((column) => column.collation_name !== null);
    expect(new Set(text.map((column) => column.collation_name))).toEqual(new Set(['utf8mb4_bin']));
    expect(text.length).toBeGreaterThan(50);
  }));

test('the tables have the agreed columns and types', () =>
  withDatabase(async (warehouse) => {
    await migrate(warehouse);
    const columns = await columnsOf(warehouse);
    const namesIn = (table: string) =>
      columns.filter((column) => column.table_name === table).map((column) => column.column_name);
    const origin = ['period_start', 'period_end', 'source_line', 'run_id'];
    for (const report of ['utilization', 'notes'] as const) {
      expect(namesIn(report)).toEqual([...origin, ...reports[report].rowColumns.slice(1)]);
      expect(namesIn(`${report}_summary`).toSorted()).toEqual(
        [
          ...reports[report].rollupColumns,
          'period_start',
          'preliminary',
          'member_code',
          // The old column's new name, beside it for one release.
          ...(report === 'notes' ? ['unsigned_notes'] : []),
        ].toSorted(),
      );
    }
    const typeOf = (table: string, name: string) =>
      columns.find((column) => column.table_name === table && column.column_name === name)?.column_type;
    expect(typeOf('utilization', 'billed_dollars')).toBe('decimal(14,2)');
    expect(typeOf('utilization', 'billed_units')).toBe('decimal(14,4)');
    expect(typeOf('utilization', 'util')).toBe('decimal(14,6)');
    expect(typeOf('utilization', 'client')).toBe('varchar(160)');
    expect(typeOf('notes', 'staff_signed_at')).toBe('datetime');
    expect(typeOf('notes_summary', 'avg_days_to_sign')).toBe('decimal(8,2)');
  }));

test('every session is strict, in UTC and utf8mb4, on pooled connections and on those apart', () =>
  withDatabase(async (warehouse) => {
    const question = `SELECT @@sql_mode AS mode, @@time_zone AS zone, @@character_set_client AS letters,
      @@collation_connection AS collation`;
    const apart = await warehouse.connectApart();
    for (const connection of [warehouse.pool, apart]) {
      const [rows] = await connection.query<RowDataPacket[]>(question);
      expect(rows[0]).toMatchObject({ zone: '+00:00', letters: 'utf8mb4', collation: 'utf8mb4_bin' });
      expect(rows[0]?.['mode']).toContain('STRICT_ALL_TABLES');
    }
    await apart.end();
  }));

test.each([
  {
    title: 'a wrong password is no passing trouble',
    change: (url: URL) => {
      url.username = 'nobody';
      url.password = 'secret';
    },
    retry: false,
  },
  {
    title: 'a database that is not there is no passing trouble',
    change: (url: URL) => {
      url.pathname = '/missing_one';
    },
    retry: false,
  },
  {
    title: 'a server that does not answer may come back',
    change: (url: URL) => {
      url.port = '1';
    },
    retry: true,
  },
  {
    title: 'a server without TLS does not get the password',
    change: (url: URL) => {
      url.hostname = 'localhost';
      url.search = '?ssl=true';
    },
    retry: false,
  },
])('$title', async ({ change, retry }) => {
  const url = new URL(await server.createDatabase());
  change(url);
  const failure: unknown = await openWarehouse({ url: url.href }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ type: 'WarehouseUnavailable', retry });
  expect(JSON.stringify(failure) + String(failure)).not.toMatch(/secret|nobody/);
});

test('another database on the same server may migrate meanwhile', () =>
  withDatabase(async (warehouse) => {
    const lock = await acquireNamedLock(warehouse, lockNameIn(warehouse, 'migrate'), { timeoutSeconds: 0 });
    await withDatabase(async (other) => {
      const { applied, total } = await migrate(other);
      expect(applied).toBe(total);
    });
    await lock.release();
  }));
