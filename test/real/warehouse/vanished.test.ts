import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, test } from 'vitest';
import { openWarehouse, type Warehouse } from '../../../src/warehouse/connect.ts';
import { acquireNamedLock } from '../../../src/warehouse/namedLock.ts';
import { publishPeriod } from '../../../src/warehouse/publish.ts';
import { anAuthorization, aPublish, aRun, otherVersions, threeAuthorizations } from './aPublish.ts';
import { TestWarehouse } from './testWarehouse.ts';

/** A lock that a vanished machine held is to be free within a minute. */
const minute = 60;

let tested: TestWarehouse;

beforeAll(async () => {
  tested = await TestWarehouse.start();
});

afterAll(() => tested.stop());

/** A machine that can be cut off: nothing passes any more, and neither side hears of an end. */
interface Machine {
  readonly warehouse: Warehouse;
  cutOff(): void;
  remove(): Promise<void>;
}

async function aMachine(): Promise<Machine> {
  const database = new URL(tested.url);
  const sockets: Socket[] = [];
  const way = createServer((near) => {
    const far = connect(Number(database.port), database.hostname);
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.pipe(far).pipe(near);
    sockets.push(near, far);
  }).listen(0, '127.0.0.1');
  await once(way, 'listening');
  const url = new URL(tested.url);
  url.port = String((way.address() as AddressInfo).port);
  const warehouse = await openWarehouse({ url: url.href });
  return {
    warehouse,
    cutOff: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
    remove: async () => {
      for (const socket of sockets) socket.destroy();
      way.close();
      await warehouse.close().catch(() => undefined);
    },
  };
}

test.concurrent('a machine that vanishes gives up its lock, before another may have it, within a minute', async ({
  expect,
}) => {
  const machine = await aMachine();
  const held = await acquireNamedLock(machine.warehouse, 'portal:vanished', { timeoutSeconds: 5 });
  const order: string[] = [];
  held.lost.addEventListener('abort', () => order.push('lost'), { once: true });
  machine.cutOff();
  const next = await acquireNamedLock(tested.warehouse, 'portal:vanished', { timeoutSeconds: minute });
  order.push('given to the next');
  expect(order).toEqual(['lost', 'given to the next']);
  expect(held.lost.reason).toMatchObject({ type: 'WarehouseUnavailable', retry: true });
  await next.release();
  await machine.remove();
});

test.concurrent.for([
  { where: 'between two statements', from: '2026-01-01', to: '2026-01-31', amidRows: false },
  { where: 'amid the rows', from: '2026-02-01', to: '2026-02-28', amidRows: true },
])('a machine that vanishes keeps no period locked: $where', async ({ from, to, amidRows }, { expect }) => {
  const machine = await aMachine();
  const run = () => aRun('utilization', { period: { from, to } as never });
  await publishPeriod(tested.warehouse, aPublish(run(), threeAuthorizations));
  const vanishing = new Promise<void>((resolve) => {
    const vanish = () => {
      machine.cutOff();
      resolve();
    };
    const request = aPublish(run(), [anAuthorization(2)], { versions: otherVersions });
    const cutHere = amidRows
      ? { openRows: () => vanishAmid(request.openRows(), vanish) }
      : {
          compare: async (shown: Parameters<typeof request.compare>[0]) => {
            const comparison = await request.compare(shown);
            vanish();
            return comparison;
          },
        };
    publishPeriod(machine.warehouse, { ...request, ...cutHere }).catch(() => undefined);
  });
  await vanishing;
  const began = performance.now();
  const versions = { ...otherVersions, codeVersion: 'of the next machine' };
  const result = await publishPeriod(tested.warehouse, aPublish(run(), threeAuthorizations, { versions }));
  expect(result).toMatchObject({ kind: 'published', rows: 3, replacedRows: 3 });
  // Half a minute more, for a machine that is busy.
  expect((performance.now() - began) / 1000).toBeLessThan(minute + 30);
  await machine.remove();
});

function vanishAmid(rows: Readable, vanish: () => void): Readable {
  return Readable.from(
    (async function* pieces() {
      for await (const piece of rows) {
        const bytes = Buffer.from(piece);
        yield bytes.subarray(0, bytes.length / 2);
        vanish();
        yield bytes.subarray(bytes.length / 2);
      }
    })(),
    { objectMode: false },
  );
}

test.concurrent('a transaction that says nothing for longer than that goes on while its machine lives', async ({
  expect,
}) => {
  const request = aPublish(aRun('utilization'), threeAuthorizations);
  const slow = async (shown: Parameters<typeof request.compare>[0]) => {
    const comparison = await request.compare(shown);
    await new Promise((resolve) => setTimeout(resolve, (minute + 5) * 1000));
    return comparison;
  };
  const result = await publishPeriod(tested.warehouse, { ...request, compare: slow });
  expect(result).toMatchObject({ kind: 'published', rows: 3 });
  const [limits] = await tested.query('SELECT @@wait_timeout AS now, @@GLOBAL.wait_timeout AS own');
  expect(limits!['now']).toBe(limits!['own']);
});
