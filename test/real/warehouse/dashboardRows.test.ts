import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { IsoDate } from '../../../src/domain/dates.ts';
import { openWarehouse } from '../../../src/warehouse/connect.ts';
import type { DashboardRows } from '../../../src/domain/dashboardSums.ts';
import { recentlyListedAgain } from '../../../src/warehouse/repeatedAuthorizations.ts';
import { readDashboardRows } from '../../../src/warehouse/dashboardRows.ts';
import { readStatus, stateOf } from '../../../src/warehouse/ledgerReads.ts';
import { recordOutcome } from '../../../src/warehouse/ledgerWrites.ts';
import { publishPeriod } from '../../../src/warehouse/publish.ts';
import { aNote, anAuthorization, aPublish, aRun } from './aPublish.ts';
import { authorizations } from './someExports.ts';
import { TestWarehouse } from './testWarehouse.ts';

let tested: TestWarehouse;

beforeAll(async () => {
  tested = await TestWarehouse.start();
});
afterAll(() => tested.stop());
beforeEach(() => tested.empty());

const year = { from: '2026-01-01' as IsoDate, to: '2026-12-31' as IsoDate };

async function read(warehouse = tested.warehouse): Promise<DashboardRows> {
  const rows = await readDashboardRows(warehouse, {
    names: false,
    figuresAre: 'authorization',
    days: () => ({
      months: year,
      recentNotes: { from: '2026-10-02' as IsoDate, to: '2026-10-02' as IsoDate, loadedDays: 1 },
      runs: year,
    }),
  });
  return rows!;
}

/** A month of these authorizations, each with what is authorized and billed. */
function loadMonth(
  from: string,
  to: string,
  rows: readonly (readonly [number: string, authorized: string | null, billed: string])[],
) {
  const period = { from: from as IsoDate, to: to as IsoDate };
  const authorized = rows.map(([number, authorized_dollars, billed_dollars], index) =>
    anAuthorization(2 + index, {
      authorization_number: number,
      authorized_dollars,
      in_process_dollars: null,
      billed_dollars,
      ym: from.slice(0, 7),
    }),
  );
  return publishPeriod(tested.warehouse, aPublish(aRun('utilization', { period }), authorized));
}

describe('what dashboards are made of', () => {
  test('adds rows up per month, QP, client and service, blanks as nothing', async () => {
    const rows = [
      anAuthorization(2),
      anAuthorization(3, { authorized_dollars: null, in_process_dollars: null, billed_dollars: '-0.01' }),
      anAuthorization(4, { authorized_dollars: '1.00' }),
      anAuthorization(5, { qp: null, qp_code: null, qp_key: null }),
    ];
    await publishPeriod(tested.warehouse, aPublish(aRun('utilization'), rows));
    const { utilization } = await read();
    expect(utilization.map(({ qpKey, rows: count }) => [qpKey, count])).toEqual([
      [null, 1],
      ['fedcba9876543210', 3],
    ]);
    expect(utilization[1]).toMatchObject({
      authorized: '1001.10',
      inProcess: '200.10',
      billed: '400.39',
      under: '-699.85',
      underRows: 1,
      over: '299.25',
      overRows: 1,
      unauthorized: '-0.01',
      unauthorizedRows: 1,
      utilRows: 2,
    });
  });

  test('counts the authorizations that several months list, and what they repeat', async () => {
    await loadMonth('2026-09-01', '2026-09-30', [
      ['same', '100.00', '10.00'],
      ['fell', '100.00', '10.00'],
      ['changed', '100.00', '10.00'],
      ['blank', null, '10.00'],
      ['once', '100.00', '10.00'],
    ]);
    await loadMonth('2026-10-01', '2026-10-31', [
      ['same', '60.00', '10.00'],
      ['same', '40.00', '5.00'],
      ['fell', '100.00', '9.99'],
      ['changed', '100.01', '10.00'],
      ['blank', null, '1.00'],
    ]);
    const again = {
      authorizations: 3,
      sameAuthorized: 2,
      usedFell: 1,
      months: { from: '2026-09', to: '2026-10' },
    };
    expect((await read()).listedAgain).toEqual(again);
    expect(await recentlyListedAgain(tested.warehouse)).toEqual(again);
  });

  test('counts notes of the recent days apart, and days of signed ones only', async () => {
    const rows = [
      aNote(2),
      aNote(3, { staff_sign_date: null, days_to_sign: '9', note_status: 'Unbillable' }),
      aNote(4, { date_of_service: '2026-10-01', days_to_sign: '2' }),
    ];
    await publishPeriod(tested.warehouse, aPublish(aRun('notes'), rows));
    const { notes } = await read();
    expect(
      notes.map(({ recent, rows: n, unbillable, unsigned, days, daysRows }) => [
        recent,
        n,
        unbillable,
        unsigned,
        days,
        daysRows,
      ]),
    ).toEqual([
      [false, 1, 0, 0, '2', 1],
      [true, 2, 1, 1, '1', 1],
    ]);
  });

  test('is undefined where nothing is to be shown', async () => {
    expect(
      await readDashboardRows(tested.warehouse, {
        names: true,
        figuresAre: 'authorization',
        days: () => undefined,
      }),
    ).toBeUndefined();
  });

  test('is of one state of the tables, however often periods are loaded meanwhile', async () => {
    const loader = await openWarehouse({ url: tested.url });
    const load = async (count: number, day: number) => {
      const versions = {
        exportSha256: String(day).padStart(64, '0'),
        rulesSha256: 'a'.repeat(64),
        codeVersion: 'test',
      };
      const exportedAt = new Date(Date.UTC(2026, 10, 20, 0, 0, day)).toISOString();
      await publishPeriod(
        loader,
        aPublish(aRun('utilization'), authorizations(count), { versions, exportedAt }),
      );
    };
    await load(10, 0);
    const loads = (async () => {
      for (let day = 1; day <= 30; day += 1) await load(10 + day, day);
    })();
    const over = new AbortController();
    void loads.finally(() => {
      over.abort();
    });
    const seen = new Set<number>();
    while (!over.signal.aborted) {
      const { periods, utilization } = await read();
      const counted = utilization.reduce((sum, { rows }) => sum + rows, 0);
      expect(counted).toBe(periods[0]?.rows);
      seen.add(counted);
    }
    await loads;
    await loader.close();
    expect(seen.size).toBeGreaterThan(3);
  });

  test('says of each period what `client status` says, and the failure that a cancelled run came after', async () => {
    await publishPeriod(tested.warehouse, aPublish(aRun('utilization'), authorizations(3)));
    await publishPeriod(tested.warehouse, aPublish(aRun('notes'), [aNote(2)]));
    const second = { from: '2026-10-16' as IsoDate, to: '2026-10-31' as IsoDate };
    const failed = aRun('notes', { period: second });
    const cancelled = aRun('notes', { period: second });
    await recordOutcome(tested.warehouse, { run: failed, outcome: 'failed', failureType: 'ExportTimedOut' });
    await recordOutcome(tested.warehouse, { run: cancelled, outcome: 'cancelled' });
    await tested.query(
      `UPDATE pipeline_run SET finished_at = finished_at - INTERVAL 1 MINUTE WHERE run_id = '${failed.runId}'`,
    );
    const { periodStates } = await read();
    const status = await readStatus(tested.warehouse);
    expect(periodStates).toEqual(
      status.map((period) => ({
        report: period.report,
        from: period.from,
        to: period.to,
        state: stateOf(period, new Date()),
        loaded: period.published !== null,
        failureType: period.newest?.failureType ?? null,
      })),
    );
    expect(periodStates[1]).toMatchObject({
      ...second,
      state: 'failed',
      loaded: false,
      failureType: 'ExportTimedOut',
    });
  });

  test('leaves out a run that was refused for the file that it was given', async () => {
    await publishPeriod(tested.warehouse, aPublish(aRun('utilization'), authorizations(3)));
    const second = { from: '2026-10-16' as IsoDate, to: '2026-10-31' as IsoDate };
    const failed = aRun('notes', { period: second });
    await recordOutcome(tested.warehouse, { run: failed, outcome: 'failed', failureType: 'ExportTimedOut' });
    await tested.query('UPDATE pipeline_run SET finished_at = finished_at - INTERVAL 1 MINUTE');
    for (const run of [
      aRun('utilization', { source: 'file' }),
      aRun('notes', { period: second, source: 'file' }),
    ])
      await recordOutcome(tested.warehouse, { run, outcome: 'failed', failureType: 'InvalidInput' });
    const { openRuns, periodStates } = await read();
    expect(openRuns.map(({ runId }) => runId)).toEqual([failed.runId]);
    expect(periodStates.map(({ state, failureType }) => [state, failureType])).toEqual([
      ['settled', null],
      ['failed', 'ExportTimedOut'],
    ]);
  });

  test('can be read by an account that may only read', async () => {
    await publishPeriod(tested.warehouse, aPublish(aRun('utilization'), authorizations(3)));
    const url = new URL(tested.url);
    const user = `reader_${url.pathname.slice(-8)}`;
    await tested.server.admin.query(`CREATE USER '${user}'@'%' IDENTIFIED BY 'an invented password'`);
    await tested.server.admin.query(`GRANT SELECT ON ${url.pathname.slice(1)}.* TO '${user}'@'%'`);
    url.username = user;
    url.password = encodeURIComponent('an invented password');
    const reader = await openWarehouse({ url: url.href });
    try {
      expect((await read(reader)).utilization[0]?.rows).toBe(3);
    } finally {
      await reader.close();
      await tested.server.admin.query(`DROP USER '${user}'@'%'`);
    }
  });
});
