import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { IsoDate } from '../../../src/domain/dates.ts';
import type { PublishRequest } from '../../../src/domain/publication.ts';
import type { Warehouse } from '../../../src/warehouse/connect.ts';
import { isoInstant } from '../../../src/warehouse/instants.ts';
import { publishPeriod } from '../../../src/warehouse/publish.ts';
import { DatabaseProbe } from '../../../src/warehouse/reportHealth.ts';
import { aNote, anAuthorization, aPublish, aRun } from './aPublish.ts';
import { theFirst, tooFew } from './someExports.ts';
import { failureOf, TestWarehouse } from './testWarehouse.ts';

let tested: TestWarehouse;
let warehouse: Warehouse;
let probe: DatabaseProbe;

beforeAll(async () => {
  tested = await TestWarehouse.start();
  warehouse = tested.warehouse;
});
afterAll(() => tested.stop());

beforeEach(async () => {
  await tested.empty();
  probe = new DatabaseProbe(warehouse);
  return () => probe.close();
});

async function reportOf(report: 'utilization' | 'notes') {
  return (await probe.reports()).find((each) => each.report === report)!;
}

/** A column of a run's entry as an instant. */
async function instantOf({ run }: PublishRequest, column: string): Promise<string> {
  const [row] = await tested.query(`SELECT ${column} AS at FROM pipeline_run WHERE run_id = '${run.runId}'`);
  return isoInstant(String(row!['at']));
}

describe('where the reports stand', () => {
  test('nothing was ever published', async () => {
    const nothing = { lastPublish: null, lastConfirmedAt: null, held: 0, states: {} };
    expect(await probe.reports()).toEqual([
      { report: 'utilization', ...nothing },
      { report: 'notes', ...nothing },
    ]);
  });

  test('a report that no daily run loads has no health, since nothing newer comes', async () => {
    await publishPeriod(warehouse, aPublish(aRun('utilization'), [anAuthorization(2)]));
    const ofNotes = new DatabaseProbe(warehouse, ['notes']);
    try {
      expect((await ofNotes.reports()).map(({ report }) => report)).toEqual(['notes']);
    } finally {
      await ofNotes.close();
    }
  });

  test('the last publish counts, also where it was of an earlier period', async () => {
    const earlier = { from: '2026-08-01' as IsoDate, to: '2026-08-31' as IsoDate };
    await publishPeriod(warehouse, aPublish(aRun('utilization'), [anAuthorization(2)]));
    const last = aPublish(aRun('utilization', { period: earlier }), [anAuthorization(2), anAuthorization(3)]);
    await publishPeriod(warehouse, last);
    await publishPeriod(warehouse, aPublish(aRun('notes'), [aNote(2)]));

    expect(await reportOf('utilization')).toMatchObject({
      lastPublish: { periodStart: '2026-08-01', rows: 2, sums: { authorized_dollars: '2000.20' } },
      lastConfirmedAt: await instantOf(last, 'finished_at'),
      held: 0,
    });
    expect(await reportOf('notes')).toMatchObject({ lastPublish: { rows: 1 } });
  });

  test('a run that finds nothing to change confirms and does not publish', async () => {
    const first = aPublish(aRun('notes'), [aNote(2)]);
    await publishPeriod(warehouse, first);
    const { lastPublish } = await reportOf('notes');
    const again = { ...first, run: aRun('notes') };
    expect((await publishPeriod(warehouse, again)).kind).toBe('unchanged');
    const report = await reportOf('notes');
    expect(report.lastPublish).toEqual(lastPublish);
    expect(report.lastConfirmedAt).toBe(await instantOf(again, 'finished_at'));
  });

  test('a held run waits, and confirms nothing', async () => {
    await publishPeriod(warehouse, theFirst());
    const before = await reportOf('utilization');
    expect((await publishPeriod(warehouse, tooFew(12))).kind).toBe('held');
    expect(await reportOf('utilization')).toEqual({ ...before, held: 1, states: { held: 1 } });
  });
});

describe('the probe', () => {
  test('answers while every connection of the pool is taken', async () => {
    const taken = await Promise.all(Array.from({ length: 8 }, () => warehouse.pool.getConnection()));
    await expect(probe.ping()).resolves.toBeUndefined();
    for (const connection of taken) connection.release();
  });

  test('asks on one connection, and on a new one after the server has closed it', async () => {
    const all = async () => {
      const rows = await tested.query('SELECT id FROM information_schema.processlist WHERE db = DATABASE()');
      return rows.map(({ id }) => Number(id));
    };
    // Closed ones of tests before may still be leaving.
    const before = new Set(await all());
    const mine = async () => (await all()).filter((id) => !before.has(id));
    await probe.ping();
    const [own, ...others] = await mine();
    expect(others).toEqual([]);
    await probe.ping();
    expect(await mine()).toEqual([own]);
    await tested.server.admin.query(`KILL ${String(own)}`);
    await expect.poll(mine).toEqual([]);
    await probe.ping();
    expect(await mine()).toEqual([expect.any(Number)]);
  });

  test('says what is wrong where no connection comes about', async () => {
    const refused = Object.assign(new Error('connect to 10.1.2.3'), { code: 'ECONNREFUSED' });
    const away = new DatabaseProbe({ connectApart: () => Promise.reject(refused) });
    const failure = await failureOf(away.ping());
    expect(failure.type).toBe('WarehouseUnavailable');
    expect(failure.message).toMatch(/^Asking whether the database answers: .*ECONNREFUSED/);
    expect(failure.message).not.toContain('10.1.2.3');
  });

  test('gives up on a server that is silent', async () => {
    const silent = new DatabaseProbe({ connectApart: () => new Promise(() => undefined) });
    expect((await failureOf(silent.ping())).message).toBe('The database did not answer within 3 s.');
  });
});
