import { EventEmitter, once } from 'node:events';
import { Readable } from 'node:stream';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PublishRequest } from '../../../src/domain/publication.ts';
import { openWarehouse } from '../../../src/warehouse/connect.ts';
import { publishPeriod } from '../../../src/warehouse/publish.ts';
import { anAuthorization, aPublish, aRun, otherVersions, threeAuthorizations } from './aPublish.ts';
import { failureOf, TestWarehouse } from './testWarehouse.ts';

let tested: TestWarehouse;

beforeAll(async () => {
  tested = await TestWarehouse.start();
}, 120_000);

afterAll(() => tested.stop());

beforeEach(() => tested.empty());

const versionsOf = (turn: number) => ({ ...otherVersions, codeVersion: `turn ${String(turn)}` });
const rowsIn = (size: number) => Array.from({ length: size }, (_, index) => anAuthorization(index + 2));

describe('several at once', () => {
  test('eight loads of one period give one publication, the others find it unchanged', async () => {
    const results = await Promise.all(
      Array.from({ length: 8 }, () =>
        publishPeriod(tested.warehouse, aPublish(aRun('utilization'), threeAuthorizations)),
      ),
    );
    expect(results.map((result) => result.kind).toSorted()).toEqual([
      'published',
      ...Array.from({ length: 7 }, () => 'unchanged'),
    ]);
    expect(await tested.rowsOf('utilization')).toHaveLength(3);
    const outcomes = await tested.query(
      'SELECT outcome, COUNT(*) AS runs FROM pipeline_run GROUP BY outcome ORDER BY outcome',
    );
    expect(outcomes).toEqual([
      { outcome: 'published', runs: 1 },
      { outcome: 'unchanged', runs: 7 },
    ]);
  });

  test("loads of neighbouring periods do not get in each other's way", async () => {
    const months = ['01', '02', '03', '04', '05', '06'];
    for (const versions of [otherVersions, { ...otherVersions, codeVersion: 'next' }]) {
      const results = await Promise.all(
        months.map((month) => {
          const period = { from: `2026-${month}-01`, to: `2026-${month}-28` } as never;
          return publishPeriod(
            tested.warehouse,
            aPublish(aRun('utilization', { period }), threeAuthorizations, { versions }),
          );
        }),
      );
      expect(results.every((result) => result.kind === 'published')).toBe(true);
    }
    expect(await tested.rowsOf('utilization')).toHaveLength(18);
  });

  test('a reader sees the old rows or the new ones, never a mix, a gap or a half', async () => {
    const sizes = [300, 700];
    await publishPeriod(
      tested.warehouse,
      aPublish(aRun('utilization'), rowsIn(300), { versions: versionsOf(0) }),
    );
    const seen = new Set<string>();
    const reading = { on: true };
    const reader = (async () => {
      while (reading.on) {
        const rows = await tested.query(
          `SELECT COUNT(*) AS found, COUNT(DISTINCT run_id) AS runs, SUM(billed_dollars) AS billed,
             (SELECT row_count FROM utilization_summary WHERE member = 'total') AS rolled_up FROM utilization`,
        );
        seen.add(JSON.stringify(rows[0]));
      }
    })();
    for (let turn = 1; turn <= 10; turn += 1) {
      await publishPeriod(
        tested.warehouse,
        aPublish(aRun('utilization'), rowsIn(sizes[turn % 2]!), { versions: versionsOf(turn) }),
      );
    }
    reading.on = false;
    await reader;
    expect([...seen].toSorted()).toEqual([
      '{"found":300,"runs":1,"billed":"60060.00","rolled_up":300}',
      '{"found":700,"runs":1,"billed":"140140.00","rolled_up":700}',
    ]);
  });
});

/** Rows whose file stops after the first one and never goes on. */
function stalling(request: PublishRequest): { openRows: () => Readable; reached: Promise<unknown> } {
  const file = new EventEmitter();
  const chunks = async function* stall() {
    for await (const chunk of request.openRows()) {
      yield chunk as Buffer;
      file.emit('reached');
      await once(file, 'never');
    }
  };
  return { openRows: () => Readable.from(chunks()), reached: once(file, 'reached') };
}

describe('a load that is cut off leaves the old rows, and the next one goes through', () => {
  test('its connection is killed in the middle of the file', async () => {
    await publishPeriod(tested.warehouse, aPublish(aRun('utilization'), threeAuthorizations));
    const before = await tested.published();
    const request = aPublish(aRun('utilization'), threeAuthorizations.slice(1), { versions: otherVersions });
    const { openRows, reached } = stalling(request);
    const failing = failureOf(publishPeriod(tested.warehouse, { ...request, openRows }));
    await reached;
    await killLoad();
    expect(await failing).toMatchObject({ type: 'WarehouseUnavailable', retry: true });
    expect(await tested.published()).toEqual(before);
    expect((await publishPeriod(tested.warehouse, request)).kind).toBe('published');
  });

  test('it is aborted in the middle of the file, and throws the reason', async () => {
    await publishPeriod(tested.warehouse, aPublish(aRun('utilization'), threeAuthorizations));
    const before = await tested.published();
    const request = aPublish(aRun('utilization'), threeAuthorizations.slice(1), { versions: otherVersions });
    const { openRows, reached } = stalling(request);
    const cancel = new AbortController();
    const reason = new Error('cancelled');
    const loading = publishPeriod(tested.warehouse, { ...request, openRows, signal: cancel.signal });
    void reached.then(() => cancel.abort(reason));
    await expect(loading).rejects.toBe(reason);
    expect(await tested.published()).toEqual(before);
    expect((await publishPeriod(tested.warehouse, request)).kind).toBe('published');
  });

  test('it is aborted while it waits for the period, and throws the reason', async () => {
    await publishPeriod(tested.warehouse, aPublish(aRun('utilization'), threeAuthorizations));
    const holder = await tested.warehouse.connectApart();
    await holder.query('BEGIN');
    await holder.query('SELECT * FROM published_period FOR UPDATE');
    const steps: string[] = [];
    const request = aPublish(aRun('utilization'), threeAuthorizations, {
      signal: AbortSignal.timeout(500),
      onProgress: (step) => steps.push(step),
    });
    await expect(publishPeriod(tested.warehouse, request)).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(steps).toContain("waiting for the period's lock");
    await holder.end();
    expect(
      (await publishPeriod(tested.warehouse, aPublish(aRun('utilization'), threeAuthorizations))).kind,
    ).toBe('unchanged');
  });

  test('a lock that does not come is the database being unavailable', async () => {
    await publishPeriod(tested.warehouse, aPublish(aRun('utilization'), threeAuthorizations));
    const impatient = await openWarehouse({ url: tested.url });
    impatient.pool.pool.on('connection', (connection) => {
      connection.query('SET SESSION innodb_lock_wait_timeout = 1', () => undefined);
    });
    const holder = await tested.warehouse.connectApart();
    await holder.query('BEGIN');
    await holder.query('SELECT * FROM published_period FOR UPDATE');
    // The connection that asked the server at the start is busy, so that a new, impatient one is opened.
    const first = await impatient.pool.getConnection();
    const failure = await failureOf(
      publishPeriod(impatient, aPublish(aRun('utilization'), threeAuthorizations)),
    );
    first.release();
    expect(failure).toMatchObject({ type: 'WarehouseUnavailable', retry: true });
    expect(failure.details).toMatchObject({ errno: 1205 });
    await holder.end();
    await impatient.close();
  });
});

/** Kills the one connection that is in a transaction on the test's database, whichever way it loads. */
async function killLoad(): Promise<void> {
  const [loads] = await tested.server.admin.query<RowDataPacket[]>(
    `SELECT p.id AS id FROM information_schema.innodb_trx AS t
     JOIN information_schema.processlist AS p ON p.id = t.trx_mysql_thread_id WHERE p.db = ?`,
    [tested.warehouse.database],
  );
  expect(loads).toHaveLength(1);
  for (const load of loads) await tested.server.admin.query(`KILL ${String(load['id'])}`);
}
