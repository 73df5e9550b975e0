import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createFolderStore } from '../../../src/artifacts/folderStore.ts';
import { fillAll } from '../../../src/cli/history.ts';
import type { ArtifactStore } from '../../../src/domain/artifacts.ts';
import type { PublishRequest } from '../../../src/domain/publication.ts';
import { unfilledRuns } from '../../../src/warehouse/historyFill.ts';
import { publishPeriod } from '../../../src/warehouse/publish.ts';
import type { Warehouse } from '../../../src/warehouse/connect.ts';
import { anAuthorization, aNote, aPublish, aRun, bytesOf, type Row } from './aPublish.ts';
import { aDecision, anExport, authorizations, theFirst, tooFew } from './someExports.ts';
import { failureOf, TestWarehouse } from './testWarehouse.ts';

let tested: TestWarehouse;
let warehouse: Warehouse;

beforeAll(async () => {
  tested = await TestWarehouse.start();
  warehouse = tested.warehouse;
});
afterAll(() => tested.stop());
beforeEach(() => tested.empty());

/** An export of the day with one billed figure for all rows. */
function exportOf(day: number, billed: string, rows = 3): PublishRequest {
  return aPublish(aRun('utilization'), authorizations(rows, { billed_dollars: billed }), anExport(day));
}

function again(request: PublishRequest, change: Partial<PublishRequest> = {}): PublishRequest {
  return { ...request, run: aRun('utilization'), ...change };
}

function rollbackTo(restored: PublishRequest): PublishRequest {
  const decision = aDecision('rollback', { restores: restored.run.runId });
  return { ...restored, run: aRun('utilization', { source: 'rollback' }), decision };
}

/** Per day: whose figures, how many rows, and what is billed in all. */
async function days(): Promise<unknown[][]> {
  const rows = await tested.query(`
    SELECT load_day, run_id, SUM(row_count) AS loaded, SUM(billed_dollars) AS billed
    FROM authorization_history GROUP BY load_day, run_id ORDER BY load_day`);
  return rows.map((row) => [row['load_day'], row['run_id'], Number(row['loaded']), row['billed']]);
}

test('a load adds the day of its export, without a name or key of a person', async () => {
  const first = theFirst();
  await publishPeriod(warehouse, first);
  const [row, ...others] = await tested.rowsOf('authorization_history');
  expect(others).toHaveLength(19);
  expect(row).toEqual({
    period_start: '2026-09-01',
    load_day: '2026-11-11',
    authorization_number: '00010',
    service_code: 'DS',
    start_date: '2026-09-01',
    end_date: '2026-09-30',
    row_count: 1,
    authorized_units: '2600.0000',
    in_process_units: '0.0000',
    billed_units: '12.2500',
    authorized_dollars: '1000.10',
    in_process_dollars: '100.05',
    billed_dollars: '200.20',
    run_id: first.run.runId,
  });
  expect(await tested.query('SELECT history_day FROM pipeline_run')).toEqual([{ history_day: '2026-11-11' }]);
});

test('every day has its figures; a second load of a day replaces them, one without changes adds its day', async () => {
  const first = exportOf(11, '1.00');
  const corrected = exportOf(11, '2.00');
  const next = exportOf(12, '5.00', 2);
  const confirmed = again(next, { exportedOn: anExport(13).exportedOn, exportedAt: anExport(13).exportedAt });
  for (const request of [first, corrected, next]) await publishPeriod(warehouse, request);
  expect(await publishPeriod(warehouse, confirmed)).toMatchObject({ kind: 'unchanged' });
  const expected = [
    ['2026-11-11', corrected.run.runId, 3, '6.00'],
    ['2026-11-12', next.run.runId, 2, '10.00'],
    ['2026-11-13', next.run.runId, 2, '10.00'],
  ];
  expect(await days()).toEqual(expected);
  // The same run again, its answer lost.
  await publishPeriod(warehouse, next);
  expect(await days()).toEqual(expected);
});

test('rows of one authorization are added up; blank is not zero; a period of another month has rows of its own', async () => {
  const twice: Row = { authorization_number: '0007', end_date: '2026-10-31', billed_dollars: null };
  const rows = [
    anAuthorization(2, { authorization_number: '0007', billed_units: null }),
    anAuthorization(3, { ...twice, billed_units: null }),
    anAuthorization(4, { authorization_number: '0007', service_code: 'RCI' }),
  ];
  const period = { from: '2026-08-01', to: '2026-08-31' } as PublishRequest['run']['period'];
  await publishPeriod(warehouse, aPublish(aRun('utilization'), rows, anExport(11)));
  const august = [anAuthorization(2, { authorization_number: '0007', ym: '2026-08' })];
  await publishPeriod(warehouse, aPublish(aRun('utilization', { period }), august, anExport(11)));
  const columns =
    'period_start, authorization_number, load_day, service_code, end_date, row_count, billed_units, billed_dollars';
  expect((await tested.rowsOf('authorization_history', columns)).map((row) => Object.values(row))).toEqual([
    ['2026-08-01', '0007', '2026-11-11', 'DS', '2026-09-30', 1, '12.2500', '200.20'],
    ['2026-09-01', '0007', '2026-11-11', 'DS', '2026-10-31', 2, null, '200.20'],
    ['2026-09-01', '0007', '2026-11-11', 'RCI', '2026-09-30', 1, '12.2500', '200.20'],
  ]);
});

test('a held run adds nothing until a person publishes it, and then the day of its export', async () => {
  const first = theFirst();
  await publishPeriod(warehouse, first);
  const held = tooFew(12);
  expect(await publishPeriod(warehouse, held)).toMatchObject({ kind: 'held' });
  const [shown] = await days();
  expect(await days()).toEqual([['2026-11-11', first.run.runId, 20, '4004.00']]);
  await publishPeriod(warehouse, { ...held, decision: aDecision('approve') });
  expect(await days()).toEqual([shown, ['2026-11-12', held.run.runId, 5, '35.00']]);
});

test('putting a version back withdraws the days of those after it, not the days that confirmed it', async () => {
  const first = exportOf(11, '1.00');
  const right = exportOf(12, '2.00');
  const confirmed = again(right, {
    exportedOn: anExport(13).exportedOn,
    exportedAt: anExport(13).exportedAt,
  });
  const wrong = exportOf(14, '9.00');
  for (const request of [first, right, confirmed, wrong]) await publishPeriod(warehouse, request);
  expect(await days()).toHaveLength(4);
  const back = rollbackTo(right);
  expect(await publishPeriod(warehouse, back)).toMatchObject({ kind: 'published' });
  expect(await days()).toEqual([
    ['2026-11-11', first.run.runId, 3, '3.00'],
    ['2026-11-12', back.run.runId, 3, '6.00'],
    ['2026-11-13', right.run.runId, 3, '6.00'],
  ]);
});

test('an empty export leaves a day without rows, and a report without a history writes none', async () => {
  await publishPeriod(warehouse, aPublish(aRun('utilization'), [], anExport(11)));
  await publishPeriod(warehouse, aPublish(aRun('notes'), [aNote(2)], anExport(11)));
  expect(await days()).toEqual([]);
  expect(await tested.query('SELECT report, history_day FROM pipeline_run ORDER BY report')).toEqual([
    { report: 'notes', history_day: null },
    { report: 'utilization', history_day: '2026-11-11' },
  ]);
});

test('a history that does not equal the rows is refused, and nothing is loaded', async () => {
  const first = exportOf(11, '1.00');
  await publishPeriod(warehouse, first);
  const before = [await tested.published(), await days()];
  const { admin } = tested.server;
  await admin.query(`USE ${warehouse.database}`);
  await admin.query(
    'CREATE TRIGGER altered BEFORE INSERT ON authorization_history FOR EACH ROW SET NEW.billed_dollars = 7',
  );
  try {
    const failure = await failureOf(publishPeriod(warehouse, exportOf(12, '2.00')));
    expect(failure).toMatchObject({
      type: 'ReconciliationFailed',
      message: expect.stringMatching(
        /history .* sum of billed_dollars: expected 6.00, found 21.00/,
      ) as string,
    });
    expect([await tested.published(), await days()]).toEqual(before);
  } finally {
    await admin.query('DROP TRIGGER altered');
  }
});

const everything = () => tested.rowsOf('authorization_history');
const forget = () => tested.query('UPDATE pipeline_run SET history_day = NULL');

/** Days as loads leave them, and as their kept files give them back. */
describe('the days of runs from before the history', () => {
  let folder: string;
  let files: ArtifactStore;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'ehr-history-'));
    files = createFolderStore(folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Loads it, with its row file kept. */
  async function loaded(request: PublishRequest): Promise<PublishRequest> {
    const sink = await files.create({ run: request.run, step: 'categorize', file: 'rows.tsv' });
    await sink.add(await bytesOf(request));
    const rows = await sink.commit(request.expected.rows);
    const made = { export: {}, clean: {}, categorize: { rows }, aggregate: { sums: request.expected.sums } };
    const kept = { ...request, files: made };
    await publishPeriod(warehouse, kept);
    return kept;
  }

  const fill = () => fillAll(warehouse, { files, timeZone: 'America/New_York' });

  test('come from their files as the loads would have written them, in any number of calls', async () => {
    await loaded(exportOf(11, '1.00'));
    const corrected = await loaded(exportOf(11, '2.00'));
    const rows = [
      anAuthorization(2, { authorization_number: '0007', billed_dollars: null, end_date: '2026-12-31' }),
      anAuthorization(3, { authorization_number: '0007', billed_units: null }),
      anAuthorization(4, { authorization_number: '0008', billed_dollars: null }),
    ];
    const right = await loaded(aPublish(aRun('utilization'), rows, anExport(12)));
    const { exportedAt, exportedOn } = anExport(13);
    await loaded(again(right, { exportedAt, exportedOn }));
    await loaded(exportOf(14, '9.00'));
    await loaded(rollbackTo(right));
    const asLoaded = await everything();
    expect(asLoaded).toHaveLength(3 + 2 + 2);

    await tested.query('DELETE FROM authorization_history');
    await forget();
    // A file is gone and comes back, as a share does: the others do not wait for it.
    const place = path.join(folder, `utilization/2026-09-01..2026-09-30/${corrected.run.runId}`);
    await rename(place, `${place}-away`);
    const { failed, ...counts } = await fill();
    expect(counts).toEqual({ written: 2, passed: 3 });
    expect(failed).toHaveLength(1);
    expect(failed[0]?.run).toContain(corrected.run.runId);
    expect(failed[0]?.reason).toContain('ArtifactMissing');
    await rename(`${place}-away`, place);
    expect(await fill()).toEqual({ written: 1, passed: 0, failed: [] });
    expect(await everything()).toEqual(asLoaded);
    expect(await fill()).toEqual({ written: 0, passed: 0, failed: [] });
  });

  test('stay with a version that is put back twice, confirmed in between, as loads and files have it', async () => {
    const right = await loaded(exportOf(11, '1.00'));
    await loaded(exportOf(12, '2.00'));
    const back = rollbackTo(right);
    await loaded(back);
    const { exportedAt, exportedOn } = anExport(14);
    await loaded(again(right, { exportedAt, exportedOn }));
    await tested.query('UPDATE published_period SET pinned_at = NULL');
    await loaded(exportOf(15, '3.00'));
    // By way of the version that the first rollback made: its figures are the same.
    const backOnce = rollbackTo(back);
    await loaded(backOnce);
    const backAgain = rollbackTo(right);
    await loaded({ ...backAgain, force: true });
    const figures = ['2026-11-14', back.run.runId, 3, '3.00'];
    expect(await days()).toEqual([['2026-11-11', backAgain.run.runId, 3, '3.00'], figures]);
    const asLoaded = await everything();
    await tested.query('DELETE FROM authorization_history');
    await forget();
    expect(await fill()).toMatchObject({ failed: [] });
    expect(await everything()).toEqual(asLoaded);
  });

  test('do not replace what a later load of the same day wrote', async () => {
    await loaded(exportOf(11, '1.00'));
    await forget();
    await loaded(exportOf(11, '2.00'));
    const asLoaded = await everything();
    expect(await fill()).toMatchObject({ written: 0, passed: 1 });
    expect(await everything()).toEqual(asLoaded);
  });

  test('are refused if the file does not add up, and stay due', async () => {
    const { run, files: made } = await loaded(exportOf(11, '1.00'));
    await forget();
    const wrong = JSON.stringify({ ...made, aggregate: { sums: exportOf(11, '8.00').expected.sums } });
    await warehouse.pool.query('UPDATE pipeline_run SET files = ? WHERE run_id = ?', [wrong, run.runId]);
    const asLoaded = await everything();
    const { failed } = await fill();
    expect(failed.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/ReconciliationFailed.*billed_dollars/),
    ]);
    expect(await everything()).toEqual(asLoaded);
    expect(await unfilledRuns(warehouse)).toHaveLength(1);
  });
});
