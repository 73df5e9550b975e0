import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { configPath, readPipelineConfig } from '../../../src/config.ts';
import { openWarehouse, type Warehouse, type WarehouseOptions } from '../../../src/warehouse/connect.ts';
import { checkVersion, migrate } from '../../../src/warehouse/migrate.ts';
import { takeOver } from '../../../src/warehouse/takeOver.ts';
import { openTables } from '../../../src/wiring/openTables.ts';
import { startTestServer, type TestServer } from '../mariadb.ts';
import { failureOf } from './testWarehouse.ts';

const actor = { name: 'ann@desk', proof: 'claimed' } as const;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

async function opened<Result>(
  options: WarehouseOptions,
  work: (warehouse: Warehouse) => Promise<Result>,
): Promise<Result> {
  const warehouse = await openWarehouse({ ...options, poolSize: 2 });
  try {
    return await work(warehouse);
  } finally {
    await warehouse.close();
  }
}

const open = (options: WarehouseOptions) => opened(options, () => Promise.resolve());

async function tablesOf(agency: string | undefined): Promise<string> {
  const url = await server.createDatabase();
  await opened({ url, agency }, migrate);
  return url;
}

describe('tables belong to the agency that made them', () => {
  test.each([
    ['acme', 'bolt', 'the agency acme', 'the agency bolt'],
    ['acme', undefined, 'the agency acme', 'the agency without an id'],
    [undefined, 'bolt', 'the agency without an id', 'the agency bolt'],
  ])('those of %s refuse %s, whatever it wants', async (owner, other, ofOwner, ofOther) => {
    const url = await tablesOf(owner);
    for (const refused of [
      () => open({ url, agency: other }),
      // By another name of the same server.
      () => open({ url: url.replace('127.0.0.1', 'localhost'), agency: other }),
    ]) {
      const failure = await failureOf(refused());
      expect(failure).toMatchObject({ type: 'InvalidInput', retry: false });
      expect(failure.message).toMatch(new RegExp(`belongs to ${ofOwner}, and ${ofOther} must not use it$`));
      expect(failure.hint).toContain(
        other === undefined ? 'client -- migrate --take-over' : 'client -- --agency bolt migrate --take-over',
      );
    }
    await opened({ url, agency: owner }, checkVersion);
  });

  test('leave no connection open where a worker finds them not made yet', async () => {
    const url = await server.createDatabase();
    const config = readPipelineConfig(configPath({}));
    for (let tries = 0; tries < 5; tries += 1) {
      const refused = openTables(config, { agency: 'acme', env: { DATABASE_URL: url }, poolSize: 2 });
      await expect(refused).rejects.toMatchObject({ hint: expect.stringContaining('migrate') as string });
    }
    await vi.waitFor(async () => {
      const [rows] = await server.admin.query(
        'SELECT id FROM information_schema.processlist WHERE db = ?',
        new URL(url).pathname.slice(1),
      );
      expect(rows).toEqual([]);
    });
  });

  test('of several that come at once, one gets them', async () => {
    const url = await server.createDatabase();
    // All are open before anybody owns the tables.
    const warehouses = await Promise.all(
      ['a', 'b', 'c', undefined].map((agency) => openWarehouse({ url, agency, poolSize: 2 })),
    );
    const results = await Promise.allSettled(warehouses.map((warehouse) => migrate(warehouse)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const refused = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as Error] : [],
    );
    expect(refused).toMatchObject(Array.from({ length: 3 }, () => ({ type: 'InvalidInput' })));
    await Promise.all(warehouses.map((warehouse) => warehouse.close()));
  });
});

/** As an earlier version left them. */
async function earlierTables(): Promise<string> {
  const url = await tablesOf(undefined);
  await opened({ url }, async ({ pool }) => {
    await pool.query('DROP TABLE database_owner');
    await pool.query('DELETE FROM __drizzle_migrations ORDER BY created_at DESC LIMIT 1');
  });
  return url;
}

describe('tables of nobody', () => {
  test('of an earlier version, or a backup from then, become those of whoever migrates them', async () => {
    const url = await earlierTables();
    expect(await failureOf(opened({ url, agency: 'acme' }, checkVersion))).toMatchObject({
      type: 'WarehouseUnavailable',
    });
    await opened({ url, agency: 'acme' }, migrate);
    await opened({ url, agency: 'acme' }, checkVersion);
    expect(await failureOf(open({ url, agency: 'bolt' }))).toMatchObject({ type: 'InvalidInput' });
  });

  test('serve no worker, and the next migrate ends what was cut off', async () => {
    const url = await tablesOf('acme');
    await opened({ url, agency: 'acme' }, ({ pool }) => pool.query('DELETE FROM database_owner'));
    expect(await failureOf(opened({ url, agency: 'acme' }, checkVersion))).toMatchObject({
      type: 'WarehouseUnavailable',
      retry: false,
    });
    await opened({ url, agency: 'acme' }, migrate);
    await opened({ url, agency: 'acme' }, checkVersion);
  });
});

const take = (warehouse: Warehouse) => takeOver(warehouse, actor);

test('an agency under a new name takes its tables over, once, and the audit has it', async () => {
  const url = await tablesOf('acme');
  const renamed = { url, agency: 'apex', ofAnyone: true };
  expect(await opened(renamed, take)).toBe('the agency acme');
  expect(await opened(renamed, take)).toBeUndefined();
  await opened({ url, agency: 'apex' }, async (warehouse) => {
    await migrate(warehouse);
    await checkVersion(warehouse);
    const [events] = await warehouse.pool.query('SELECT action, actor, details FROM audit_event');
    expect(events).toEqual([
      {
        action: 'take-over',
        actor: 'ann@desk',
        details: '{"from":"the agency acme","to":"the agency apex"}',
      },
    ]);
  });
  expect(await failureOf(open({ url, agency: 'acme' }))).toMatchObject({ type: 'InvalidInput' });
});
