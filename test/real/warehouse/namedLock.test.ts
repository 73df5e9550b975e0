import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWarehouse, type Warehouse } from '../../../src/warehouse/connect.ts';
import { acquireNamedLock, hasWaiters } from '../../../src/warehouse/namedLock.ts';
import { startTestServer, type TestServer } from '../mariadb.ts';

let server: TestServer;
let warehouse: Warehouse;

beforeAll(async () => {
  server = await startTestServer();
  warehouse = await openWarehouse({ url: await server.createDatabase() });
});

afterAll(async () => {
  await warehouse.close();
  await server.stop();
});

async function holderOf(name: string): Promise<number | null> {
  const [rows] = await server.admin.query<RowDataPacket[]>('SELECT IS_USED_LOCK(?) AS holder', [name]);
  return rows[0]?.['holder'] as number | null;
}

test('a free lock is given at once, without a waiter, and is free again after its release', async () => {
  const lock = await acquireNamedLock(warehouse, 'portal:a', { timeoutSeconds: 5 });
  expect(await holderOf('portal:a')).not.toBeNull();
  expect(await hasWaiters(warehouse, 'portal:a')).toBe(false);
  await lock.release();
  await lock.release();
  expect(await holderOf('portal:a')).toBeNull();
  expect(lock.lost.aborted).toBe(false);
});

test('the holder sees that someone waits, and hands over', async () => {
  const first = await acquireNamedLock(warehouse, 'portal:b', { timeoutSeconds: 5 });
  const waits: number[] = [];
  let given = false;
  const second = acquireNamedLock(warehouse, 'portal:b', {
    timeoutSeconds: 30,
    onWait: (seconds) => waits.push(seconds),
  }).then((lock) => {
    given = true;
    return lock;
  });
  await expect.poll(() => hasWaiters(warehouse, 'portal:b'), { timeout: 300_000 }).toBe(true);
  expect(given).toBe(false);
  // Several slices, since a session counts how often it takes a lock.
  await expect.poll(() => waits.length, { timeout: 300_000 }).toBeGreaterThan(3);
  await first.release();
  const lock = await second;
  expect(await hasWaiters(warehouse, 'portal:b')).toBe(false);
  await lock.release();
});

test('a lock that has two names keeps out, and hands over to, those who know it by the former one', async () => {
  const names = { name: 'portal:new', formerName: 'portal:former' };
  const both = await acquireNamedLock(warehouse, names.name, { timeoutSeconds: 5, ...names });
  const former = acquireNamedLock(warehouse, names.formerName, { timeoutSeconds: 30 });
  await expect.poll(() => hasWaiters(warehouse, names.formerName), { timeout: 300_000 }).toBe(true);
  await both.release();
  const held = await former;
  expect(await holderOf(names.name)).toBeNull();
  const again = acquireNamedLock(warehouse, names.name, { timeoutSeconds: 30, ...names });
  await expect.poll(() => hasWaiters(warehouse, names.formerName), { timeout: 300_000 }).toBe(true);
  expect(await holderOf(names.name)).toBeNull();
  await held.release();
  await (await again).release();
  expect([await holderOf(names.name), await holderOf(names.formerName)]).toEqual([null, null]);
});

test('three that want it hold it one after another', async () => {
  let holders = 0;
  let most = 0;
  const turn = async () => {
    const lock = await acquireNamedLock(warehouse, 'portal:c', { timeoutSeconds: 30 });
    holders += 1;
    most = Math.max(most, holders);
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
    holders -= 1;
    await lock.release();
  };
  await Promise.all([turn(), turn(), turn()]);
  expect(most).toBe(1);
});

test('the holder learns that its connection was killed, and another may have the lock', async () => {
  const lock = await acquireNamedLock(warehouse, 'portal:d', { timeoutSeconds: 5 });
  const lost = new Promise((resolve) => {
    lock.lost.addEventListener('abort', resolve, { once: true });
  });
  await server.admin.query(`KILL ${String(await holderOf('portal:d'))}`);
  await lost;
  expect(lock.lost.reason).toMatchObject({ type: 'WarehouseUnavailable', retry: true });
  const next = await acquireNamedLock(warehouse, 'portal:d', { timeoutSeconds: 5 });
  await next.release();
  await lock.release();
});

test('a wait is bounded', async () => {
  const lock = await acquireNamedLock(warehouse, 'portal:e', { timeoutSeconds: 5 });
  await expect(acquireNamedLock(warehouse, 'portal:e', { timeoutSeconds: 1 })).rejects.toMatchObject({
    type: 'WarehouseUnavailable',
    retry: true,
  });
  await expect.poll(() => hasWaiters(warehouse, 'portal:e')).toBe(false);
  await lock.release();
});

test('an abort ends the wait within a slice, and leaves nothing behind', async () => {
  const lock = await acquireNamedLock(warehouse, 'portal:f', { timeoutSeconds: 5 });
  const cancel = new AbortController();
  const reason = new Error('cancelled');
  const waiting = acquireNamedLock(warehouse, 'portal:f', {
    timeoutSeconds: 30,
    signal: cancel.signal,
    onWait: () => cancel.abort(reason),
  });
  await expect(waiting).rejects.toBe(reason);
  await lock.release();
  await expect.poll(() => holderOf('portal:f')).toBeNull();
  await expect.poll(() => hasWaiters(warehouse, 'portal:f')).toBe(false);
});

test('a name that the server would cut or refuse is refused here', async () => {
  await expect(acquireNamedLock(warehouse, 'x'.repeat(57), { timeoutSeconds: 1 })).rejects.toThrow(
    RangeError,
  );
});
