import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rollupColumns, rowColumns } from '../../../src/domain/tables.ts';
import { openWarehouse, type Warehouse } from '../../../src/warehouse/connect.ts';
import { checkVersion, migrate } from '../../../src/warehouse/migrate.ts';
import { acquireNamedLock, lockNameIn } from '../../../src/warehouse/namedLock.ts';
import { startTestServer, type TestServer } from '../mariadb.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
}, 120_000);

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

async function columnsOf(warehouse: Warehouse): Promise<ColumnFacts[]> {
  const [rows] = await warehouse.pool.query<ColumnFacts[]>(
    `SELECT table_name AS table_name, column_name AS column_name, column_type AS column_type,
       collation_name AS collation_name
     FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name <> '__drizzle_migrations'
     ORDER BY table_name, ordinal_position`,
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
    expect(new Set((await columnsOf(warehouse)).map((column) => column.table_name)).size).toBe(8);
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
      expect(namesIn(report)).toEqual([...origin, ...rowColumns[report].slice(1)]);
      expect(namesIn(`${report}_summary`).toSorted()).toEqual(
        [...rollupColumns[report], 'period_start'].toSorted(),
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
