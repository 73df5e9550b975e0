import { EventEmitter, once } from 'node:events';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PublishRequest } from '../../../src/domain/publication.ts';
import { openWarehouse } from '../../../src/warehouse/connect.ts';
import { listVersions } from '../../../src/warehouse/ledgerReads.ts';
import { publishPeriod } from '../../../src/warehouse/publish.ts';
import { anAuthorization, aPublish, aRun, otherVersions, threeAuthorizations } from './aPublish.ts';
import { anExport, theFirst, tooFew } from './someExports.ts';
import { failureOf, TestWarehouse } from './testWarehouse.ts';

let tested: TestWarehouse;

beforeAll(async () => {
  tested = await TestWarehouse.start();
});

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

  test('eight loads of one period with different exports show the newest, and the ledger says how', async () => {
    for (let round = 1; round <= 5; round += 1) {
      await tested.empty();
      const requests = Array.from({ length: 8 }, (_, index) =>
        aPublish(aRun('utilization'), rowsIn(20 + index), anExport(11 + index)),
      );
      const shuffled = requests.toSorted((one, other) => (one.run.runId < other.run.runId ? -1 : 1));
      const results = await Promise.all(shuffled.map((request) => publishPeriod(tested.warehouse, request)));
      const newest = requests.at(-1)!;
      const rows = await tested.rowsOf('utilization');
      expect(new Set(rows.map((row) => row['run_id'] as string))).toEqual(new Set([newest.run.runId]));
      expect(rows).toHaveLength(27);
      expect((await tested.rowsOf('published_period'))[0]).toMatchObject({
        run_id: newest.run.runId,
        row_count: 27,
      });
      expect(await tested.query("SELECT row_count FROM utilization_summary WHERE member = 'total'")).toEqual([
        { row_count: 27 },
      ]);
      const entries = await tested.query('SELECT run_id, outcome FROM pipeline_run');
      expect(new Map(entries.map((entry) => [entry['run_id'], entry['outcome']]))).toEqual(
        new Map(shuffled.map(({ run }, index) => [run.runId, results[index]!.kind])),
      );
      await expectOneChainOfVersions(newest.run.runId);
    }
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

  test('in thirty loads no reader sees rows, roll-ups and period of two versions, or of none', async () => {
    await publishPeriod(tested.warehouse, aLongerPeriod(0));
    const reading = new AbortController();
    const readers = [readInSnapshots(reading.signal), readInOneStatement(reading.signal)];
    for (let turn = 1; turn <= 30; turn += 1) await publishPeriod(tested.warehouse, aLongerPeriod(turn));
    reading.abort();
    for (const views of await Promise.all(readers)) {
      const mixed = views.filter((view) => !isOneVersion(view));
      expect(mixed).toEqual([]);
      // They did look while it went on.
      expect(new Set(views.map(({ rows }) => rows)).size).toBeGreaterThan(5);
    }
  });
});

/** Each turn's has a row more than the one before. */
function aLongerPeriod(turn: number): PublishRequest {
  return aPublish(aRun('utilization'), rowsIn(100 + turn), { versions: versionsOf(turn) });
}

/** What a reader sees of the period: figures that are all of one version. */
interface View {
  readonly rows: number;
  readonly runs: number;
  readonly run: string;
  readonly total: number;
  readonly members: number;
  readonly published: number;
  readonly publishedRun: string;
}

function isOneVersion({ rows, runs, run, total, members, published, publishedRun }: View): boolean {
  const counts = [total, members, published];
  return rows >= 100 && runs === 1 && run === publishedRun && counts.every((count) => count === rows);
}

const rowFigures = `SELECT COUNT(*) AS \`rows\`, COUNT(DISTINCT run_id) AS runs, MIN(run_id) AS run FROM utilization`;
const rollupFigures = `SELECT SUM(CASE WHEN dimension = 'total' THEN row_count END) AS total,
  SUM(CASE WHEN dimension = 'service' THEN row_count END) AS members FROM utilization_summary`;
const periodFigures = 'SELECT row_count AS published, run_id AS publishedRun FROM published_period';

function viewOf(row: RowDataPacket): View {
  // Sums arrive as decimal texts.
  const { total, members, ...rest } = row as unknown as Omit<View, 'total' | 'members'> &
    Record<'total' | 'members', string>;
  return { ...rest, total: Number(total), members: Number(members) };
}

/** Three statements in one snapshot, as a dashboard that opens a page. */
async function readInSnapshots(stop: AbortSignal): Promise<View[]> {
  const connection = await tested.warehouse.connectApart();
  await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  const views: View[] = [];
  while (!stop.aborted) {
    await connection.query('START TRANSACTION READ ONLY');
    const figures = {};
    for (const statement of [rowFigures, rollupFigures, periodFigures]) {
      const [rows] = await connection.query<RowDataPacket[]>(statement);
      Object.assign(figures, rows[0]);
    }
    await connection.query('COMMIT');
    views.push(viewOf(figures as RowDataPacket));
  }
  await connection.end();
  return views;
}

/** One statement that joins them, on a connection that sees whatever is committed when a statement begins. */
async function readInOneStatement(stop: AbortSignal): Promise<View[]> {
  const connection = await tested.warehouse.connectApart();
  await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
  const views: View[] = [];
  while (!stop.aborted) {
    const [rows] = await connection.query<RowDataPacket[]>(
      `SELECT * FROM (${rowFigures}) AS r CROSS JOIN (${rollupFigures}) AS s CROSS JOIN (${periodFigures}) AS p`,
    );
    views.push(viewOf(rows[0]!));
  }
  await connection.end();
  return views;
}

/** Each version that was published took the place of the one before it, and each superseded run met a newer export. */
async function expectOneChainOfVersions(newestRunId: string): Promise<void> {
  const versions = await listVersions(tested.warehouse, 'utilization', aRun('utilization').period);
  expect(versions[0]?.run.runId).toBe(newestRunId);
  expect(versions.map(({ changes }) => changes?.since)).toEqual([
    ...versions.slice(1).map(({ run }) => run.runId),
    null,
  ]);
  const superseded = await tested.query(
    `SELECT o.exported_at < n.exported_at AS met_newer FROM pipeline_run AS o
     JOIN pipeline_run AS n ON n.run_id = o.superseded_by AND n.outcome = 'published'
     WHERE o.outcome = 'superseded'`,
  );
  expect(superseded).toHaveLength(8 - versions.length);
  expect(superseded.every((row) => row['met_newer'] === 1)).toBe(true);
}

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

describe('a load that meets another transaction', () => {
  test('in a deadlock is rolled back as unavailable, and succeeds when it tries again', async () => {
    await publishPeriod(tested.warehouse, aPublish(aRun('utilization'), threeAuthorizations));
    const before = [...(await tested.published()), await tested.rowsOf('pipeline_run')];
    const other = await tested.warehouse.connectApart();
    await other.query('BEGIN');
    // The server ends the transaction that has changed fewer rows, so this one changes many.
    const filler = Array.from(
      { length: 500 },
      (_, index) => `('x', ${String(index)}, '', '2020-01-01', '2020-01-01', '', '', '')`,
    );
    await other.query(`INSERT INTO rejected_row VALUES ${filler.join(', ')}`);
    await other.query('SELECT * FROM utilization WHERE source_line = 3 FOR UPDATE');
    const next = aPublish(aRun('utilization'), threeAuthorizations.slice(1), { versions: otherVersions });
    const steps = new EventEmitter();
    const clearing = once(steps, 'clearing the period');
    const loading = failureOf(
      publishPeriod(tested.warehouse, { ...next, onProgress: (step) => steps.emit(step) }),
    );
    await clearing;
    // It has the period's row, and waits for a row of ours; now we want the period's.
    await someoneWaits();
    await other.query('SELECT * FROM published_period FOR UPDATE');
    const failure = await loading;
    expect(failure).toMatchObject({ type: 'WarehouseUnavailable', retry: true });
    expect(failure.details).toMatchObject({ errno: 1213 });
    await other.query('ROLLBACK');
    await other.end();
    expect([...(await tested.published()), await tested.rowsOf('pipeline_run')]).toEqual(before);
    expect((await publishPeriod(tested.warehouse, next)).kind).toBe('published');
  });
});

/** Resolves when a transaction on the test's database waits for a lock. */
async function someoneWaits(): Promise<void> {
  await transactions("t.trx_state = 'LOCK WAIT'");
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

  test('its connection is killed while the rows are compared', async () => {
    const shown = aPublish(aRun('utilization'), rowsIn(20));
    await publishPeriod(tested.warehouse, shown);
    const before = [...(await tested.published()), await tested.rowsOf('pipeline_run')];
    const request = aPublish(aRun('utilization'), threeAuthorizations, { versions: otherVersions });
    const compare: PublishRequest['compare'] = async (lines) => {
      await killLoad();
      return request.compare(lines);
    };
    const failure = await failureOf(publishPeriod(tested.warehouse, { ...request, compare }));
    expect(failure).toMatchObject({ type: 'WarehouseUnavailable', retry: true });
    expect([...(await tested.published()), await tested.rowsOf('pipeline_run')]).toEqual(before);
    expect((await publishPeriod(tested.warehouse, request)).kind).toBe('published');
  });

  test('it is aborted while the rows are compared, and throws the reason', async () => {
    await publishPeriod(tested.warehouse, aPublish(aRun('utilization'), threeAuthorizations));
    const before = [...(await tested.published()), await tested.rowsOf('pipeline_run')];
    const request = aPublish(aRun('utilization'), threeAuthorizations.slice(1), { versions: otherVersions });
    const cancel = new AbortController();
    const reason = new Error('cancelled');
    const compare: PublishRequest['compare'] = (lines) => {
      cancel.abort(reason);
      return request.compare(lines);
    };
    await expect(
      publishPeriod(tested.warehouse, { ...request, compare, signal: cancel.signal }),
    ).rejects.toBe(reason);
    expect([...(await tested.published()), await tested.rowsOf('pipeline_run')]).toEqual(before);
    expect((await publishPeriod(tested.warehouse, request)).kind).toBe('published');
  });

  test('its connection is killed while it notes that it is held', async () => {
    await publishPeriod(tested.warehouse, theFirst());
    const before = [...(await tested.published()), await tested.rowsOf('pipeline_run')];
    const held = tooFew(12);
    const rejected = async function* thenKilled() {
      yield* held.rejected();
      await killLoad();
    };
    const failure = await failureOf(publishPeriod(tested.warehouse, { ...held, rejected }));
    expect(failure).toMatchObject({ type: 'WarehouseUnavailable', retry: true });
    expect([...(await tested.published()), await tested.rowsOf('pipeline_run')]).toEqual(before);
    expect(await tested.rowsOf('rejected_row')).toEqual([]);
    expect((await publishPeriod(tested.warehouse, held)).kind).toBe('held');
    expect(await tested.rowsOf('rejected_row')).toHaveLength(2);
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
    const impatient = await openWarehouse({ url: tested.url, poolSize: 1 });
    await impatient.pool.query('SET SESSION innodb_lock_wait_timeout = 1');
    const holder = await tested.warehouse.connectApart();
    await holder.query('BEGIN');
    await holder.query('SELECT * FROM published_period FOR UPDATE');
    const failure = await failureOf(
      publishPeriod(impatient, aPublish(aRun('utilization'), threeAuthorizations)),
    );
    expect(failure).toMatchObject({ type: 'WarehouseUnavailable', retry: true });
    expect(failure.details).toMatchObject({ errno: 1205 });
    await holder.end();
    await impatient.close();
  });
});

/** Kills the one connection that is in a transaction on the test's database, whichever way it loads. */
async function killLoad(): Promise<void> {
  const loads = await transactions('TRUE');
  expect(loads).toHaveLength(1);
  for (const load of loads) await tested.server.admin.query(`KILL ${String(load['id'])}`);
}

/**
 * The connections that are in such a transaction on the test's database, once there is any; a test's time limit
 * bounds it.
 */
async function transactions(condition: string): Promise<RowDataPacket[]> {
  for (;;) {
    const [found] = await tested.server.admin.query<RowDataPacket[]>(
      `SELECT p.id AS id FROM information_schema.innodb_trx AS t
       JOIN information_schema.processlist AS p ON p.id = t.trx_mysql_thread_id
       WHERE p.db = ? AND ${condition}`,
      [tested.warehouse.database],
    );
    if (found.length > 0) return found;
    // The server looks anew only when nobody has asked for a tenth of a second.
    await sleep(150);
  }
}
