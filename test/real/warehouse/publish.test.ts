import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PipelineError } from '../../../src/domain/failures.ts';
import type { PublishRequest } from '../../../src/domain/publication.ts';
import { openWarehouse, type Bulk, type Warehouse } from '../../../src/warehouse/connect.ts';
import { findLastRun, readStatus } from '../../../src/warehouse/ledgerReads.ts';
import { recordOutcome } from '../../../src/warehouse/ledgerWrites.ts';
import { publishPeriod } from '../../../src/warehouse/publish.ts';
import {
  aNote,
  anAuthorization,
  aPublish,
  aRun,
  bytesOf,
  otherVersions,
  threeAuthorizations,
} from './aPublish.ts';
import { awkwardNames } from './awkwardNames.ts';
import { refusedChanges } from './refusedChanges.ts';
import { failureOf, TestWarehouse, withServerSettings } from './testWarehouse.ts';

let tested: TestWarehouse;

beforeAll(async () => {
  tested = await TestWarehouse.start();
});

afterAll(() => tested.stop());

beforeEach(() => tested.empty());

describe('a period is replaced whole', () => {
  test('the first publication says so in table, roll-up, ledger and status', async () => {
    const run = aRun('utilization');
    const result = await publishPeriod(tested.warehouse, aPublish(run, threeAuthorizations));
    expect(result).toEqual({ kind: 'published', rows: 3, replacedRows: 0 });
    expect(
      await tested.rowsOf('utilization', 'period_start, source_line, run_id, billed_dollars, util'),
    ).toEqual(
      [2, 3, 4].map((line) => ({
        period_start: '2026-09-01',
        source_line: line,
        run_id: run.runId,
        billed_dollars: '200.20',
        util: '0.300220',
      })),
    );
    expect(
      await tested.rowsOf('utilization_summary', 'dimension, period_start, member, authorized_dollars'),
    ).toEqual([
      {
        dimension: 'client',
        period_start: '2026-09-01',
        member: 'LARKSPUR, CLEMENCE',
        authorized_dollars: '3000.30',
      },
      { dimension: 'grp', period_start: '2026-09-01', member: '2', authorized_dollars: '3000.30' },
      {
        dimension: 'qp',
        period_start: '2026-09-01',
        member: 'YARROW, TAMSIN',
        authorized_dollars: '3000.30',
      },
      { dimension: 'service', period_start: '2026-09-01', member: 'DS', authorized_dollars: '3000.30' },
      { dimension: 'total', period_start: '2026-09-01', member: 'total', authorized_dollars: '3000.30' },
    ]);
    expect(await readStatus(tested.warehouse)).toMatchObject([
      {
        report: 'utilization',
        from: '2026-09-01',
        to: '2026-09-30',
        published: { runId: run.runId, rows: 3 },
        lastRun: { runId: run.runId, outcome: 'published' },
      },
    ]);
  });

  test('the same versions again change nothing and say whose figures are shown', async () => {
    const first = aRun('utilization');
    await publishPeriod(tested.warehouse, aPublish(first, threeAuthorizations));
    const before = await tested.published();
    const second = aRun('utilization');
    expect(await publishPeriod(tested.warehouse, aPublish(second, threeAuthorizations))).toEqual({
      kind: 'unchanged',
      publishedRunId: first.runId,
    });
    expect(await tested.published()).toEqual(before);
    const [status] = await readStatus(tested.warehouse);
    expect(status?.lastRun).toMatchObject({ runId: second.runId, outcome: 'unchanged' });
    expect(status?.published?.exportedAt).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/);
  });

  test('other versions of the same rows give the same rows under the new run', async () => {
    await publishPeriod(tested.warehouse, aPublish(aRun('utilization'), threeAuthorizations));
    const columns = 'period_start, source_line, client, authorized_dollars, util, variance';
    const before = await tested.rowsOf('utilization', columns);
    const again = await publishPeriod(
      tested.warehouse,
      aPublish(aRun('utilization'), threeAuthorizations, { versions: otherVersions }),
    );
    expect(again).toEqual({ kind: 'published', rows: 3, replacedRows: 3 });
    expect(await tested.rowsOf('utilization', columns)).toEqual(before);
  });

  test('a row that is gone from the export is gone from the table, other periods stay', async () => {
    const august = aRun('utilization', { period: { from: '2026-08-01', to: '2026-08-31' } as never });
    await publishPeriod(tested.warehouse, aPublish(august, [anAuthorization(2, { ym: '2026-08' })]));
    await publishPeriod(tested.warehouse, aPublish(aRun('utilization'), threeAuthorizations));
    await publishPeriod(
      tested.warehouse,
      aPublish(aRun('utilization'), threeAuthorizations.slice(0, 1), { versions: otherVersions }),
    );
    const left = await tested.rowsOf('utilization', 'period_start, source_line');
    expect(left.map((row) => row['period_start'] as string)).toEqual(['2026-08-01', '2026-09-01']);
  });

  test('an empty export empties the period', async () => {
    await publishPeriod(tested.warehouse, aPublish(aRun('utilization'), threeAuthorizations));
    const empty = aPublish(aRun('utilization'), [], { versions: otherVersions });
    expect((await publishPeriod(tested.warehouse, empty)).kind).toBe('held');
    const decision = { kind: 'approve', by: 'ops', reason: 'nothing was authorised' } as const;
    const result = await publishPeriod(tested.warehouse, { ...empty, decision });
    expect(result).toEqual({ kind: 'published', rows: 0, replacedRows: 3 });
    expect(await tested.rowsOf('utilization')).toEqual([]);
    expect(await tested.rowsOf('utilization_summary', 'dimension, period_start, row_count, util')).toEqual([
      { dimension: 'total', period_start: '2026-09-01', row_count: 0, util: null },
    ]);
  });

  test.each([
    { title: 'a changed row', damage: 'UPDATE utilization SET billed_dollars = 0 WHERE source_line = 3' },
    { title: 'a missing row', damage: 'DELETE FROM utilization WHERE source_line = 3' },
    { title: 'a changed total', damage: "UPDATE utilization_summary SET util = 1 WHERE member = 'total'" },
    { title: 'a missing roll-up', damage: "DELETE FROM utilization_summary WHERE member = 'total'" },
    { title: 'a changed member', damage: "UPDATE utilization_summary SET row_count = 9 WHERE member = 'DS'" },
  ])('the same versions mend $title that someone else left', async ({ damage }) => {
    await publishPeriod(tested.warehouse, aPublish(aRun('utilization'), threeAuthorizations));
    await tested.server.admin.query(`USE ${tested.warehouse.database}`);
    await tested.server.admin.query(damage);
    const result = await publishPeriod(tested.warehouse, aPublish(aRun('utilization'), threeAuthorizations));
    expect(result.kind).toBe('published');
    expect(await tested.rowsOf('utilization', 'period_start, source_line, billed_dollars')).toHaveLength(3);
  });

  test('a run that asks again, its first answer lost, gets the same answer and loads nothing', async () => {
    const run = aRun('utilization');
    const first = await publishPeriod(tested.warehouse, aPublish(run, threeAuthorizations));
    const before = await tested.published();
    expect(
      await publishPeriod(tested.warehouse, aPublish(run, threeAuthorizations, { openRows: readAgain })),
    ).toEqual(first);
    // Also when another run has published since.
    const later = aRun('utilization');
    await publishPeriod(
      tested.warehouse,
      aPublish(later, threeAuthorizations.slice(1), { versions: otherVersions }),
    );
    expect(
      await publishPeriod(tested.warehouse, aPublish(run, threeAuthorizations, { openRows: readAgain })),
    ).toEqual(first);
    expect(before[0]).toHaveLength(3);
    expect(await tested.rowsOf('utilization')).toHaveLength(2);
    expect((await tested.rowsOf('published_period'))[0]?.['run_id']).toBe(later.runId);
  });
});

function readAgain(): never {
  throw new Error('nothing may be read again');
}

describe.each<{ bulk: Bulk }>([{ bulk: 'local-infile' }, { bulk: 'inserts' }])('by $bulk', ({ bulk }) => {
  let through: Warehouse;

  beforeAll(async () => {
    through = await openWarehouse({ url: tested.url, bulk });
  });
  afterAll(() => through.close());

  test('awkward names and NULLs arrive as they were', async () => {
    const rows = awkwardNames.map((client, index) => aNote(index + 2, { client, client_supervisor: client }));
    const blank = aNote(90, {
      staff_sign_date: null,
      staff_signed_at: null,
      days_to_sign: null,
      note_status: 'Unbillable',
    });
    await publishPeriod(through, aPublish(aRun('notes'), [...rows, blank]));
    const stored = await tested.rowsOf(
      'notes',
      'period_start, source_line, client, client_supervisor, staff_signed_at',
    );
    expect(stored.slice(0, -1).map((row) => row['client'] as string)).toEqual(awkwardNames);
    expect(stored.slice(0, -1).map((row) => row['client_supervisor'] as string)).toEqual(awkwardNames);
    expect(stored.at(-1)).toMatchObject({ client_supervisor: null, staff_signed_at: null });
    const groups = await tested.query('SELECT client, COUNT(*) FROM notes GROUP BY client');
    expect(groups).toHaveLength(awkwardNames.length + 1);
  });

  test('chunks that end anywhere, in the middle of a letter too, give the same rows', async () => {
    const rows = awkwardNames.map((client, index) => aNote(index + 2, { client }));
    const request = aPublish(aRun('notes'), rows);
    const bytes = await bytesOf(request);
    const pieces = Array.from({ length: bytes.length }, (_, at) => bytes.subarray(at, at + 1));
    const openRows = () => Readable.from([...pieces, Buffer.alloc(0)]);
    await publishPeriod(through, { ...request, openRows });
    const stored = await tested.rowsOf('notes', 'period_start, source_line, client');
    expect(stored.map((row) => row['client'] as string)).toEqual(awkwardNames);
  });

  test.each(refusedChanges)(
    '$title is refused and the earlier figures stay',
    async ({ report, row, naming, change }) => {
      const rows = report === 'notes' ? [aNote(2), aNote(3)] : threeAuthorizations;
      await publishPeriod(through, aPublish(aRun(report), rows));
      const before = await tested.published();
      const bad = aPublish(aRun(report), [...rows, ...row], { versions: otherVersions });
      const failure = await failureOf(publishPeriod(through, { ...bad, ...change?.(bad) }));
      expect(failure.type).toBe('ReconciliationFailed');
      expect(failure.retry).toBe(false);
      expect(failure.message).toMatch(naming);
      expect(await tested.published()).toEqual(before);
      const told = JSON.stringify([failure.message, failure.details, String(failure.cause)]);
      expect(told).not.toMatch(/LARKSPUR|YARROW|sneaky/);
    },
  );

  test('a file that breaks off with its own failure keeps that failure', async () => {
    await publishPeriod(through, aPublish(aRun('utilization'), threeAuthorizations));
    const before = await tested.published();
    const request = aPublish(aRun('utilization'), threeAuthorizations, { versions: otherVersions });
    const gone = new PipelineError('ArtifactMissing', 'gone', { hint: 'run again' });
    const openRows = () => Readable.from(breakingOff(request, gone));
    expect(await failureOf(publishPeriod(through, { ...request, openRows }))).toBe(gone);
    expect(await tested.published()).toEqual(before);
  });
});

async function* breakingOff(request: PublishRequest, error: Error): AsyncGenerator<Buffer> {
  for await (const chunk of request.openRows()) {
    yield chunk as Buffer;
    throw error;
  }
}

describe('both ways of bringing rows in', () => {
  test('give the same table, bit by bit', async () => {
    const rows = Array.from({ length: 2500 }, (_, index) =>
      anAuthorization(index + 2, {
        client: `${awkwardNames[index % awkwardNames.length]!} ${String(index)}`,
        qp: index % 7 === 0 ? null : 'YARROW, TAMSIN',
        authorized_dollars:
          index % 11 === 0 ? null : `${String(index)}.${String(index % 100).padStart(2, '0')}`,
        billed_dollars: index % 13 === 0 ? '-0.01' : '0.10',
      }),
    );
    const sums: unknown[] = [];
    for (const bulk of ['local-infile', 'inserts'] as const) {
      const through = await openWarehouse({ url: tested.url, bulk });
      const run = aRun('utilization', { runId: '11111111-2222-3333-4444-555555555555' });
      await publishPeriod(through, aPublish(run, rows));
      const checksum = await tested.query('CHECKSUM TABLE utilization, utilization_summary EXTENDED');
      sums.push(checksum);
      await through.close();
      await tested.empty();
    }
    expect(sums[0]).toEqual(sums[1]);
    expect(JSON.stringify(sums[0])).not.toContain('"Checksum":0');
  });

  test('where the server switches LOAD DATA LOCAL off after the start, inserts take over', async () => {
    await withServerSettings(tested.server, async () => {
      await tested.server.admin.query('SET GLOBAL local_infile = 0');
      try {
        expect(tested.warehouse.bulk).toBe('local-infile');
        const result = await publishPeriod(
          tested.warehouse,
          aPublish(aRun('utilization'), threeAuthorizations),
        );
        expect(result).toEqual({ kind: 'published', rows: 3, replacedRows: 0 });
        const later = await openWarehouse({ url: tested.url });
        expect(later.bulk).toBe('inserts');
        await later.close();
      } finally {
        await tested.server.admin.query('SET GLOBAL local_infile = 1');
      }
    });
  });
});

describe('the roll-up total is checked with exact halves', () => {
  test.each([
    { title: 'a half is rounded away from zero', authorized: '2000000.00', billed: '1.00', util: '0.000001' },
    { title: 'below zero too', authorized: '2000000.00', billed: '-1.00', util: '-0.000001' },
    { title: 'just below a half is not', authorized: '2000000.02', billed: '1.00', util: '0.000000' },
    { title: 'a third', authorized: '3.00', billed: '1.00', util: '0.333333' },
    {
      title: 'the largest amounts',
      authorized: '999999999999.99',
      billed: '999999999999.99',
      util: '1.000000',
    },
  ])('$title', async ({ authorized, billed, util }) => {
    const row = anAuthorization(2, {
      authorized_dollars: authorized,
      in_process_dollars: null,
      billed_dollars: billed,
    });
    expect(row['util']).toBe(util);
    await publishPeriod(tested.warehouse, aPublish(aRun('utilization'), [row]));
    const [total] = await tested.rowsOf('utilization_summary', 'dimension, period_start, util, avg_util');
    expect(total).toMatchObject({ util, avg_util: util });
  });
});

describe('the ledger', () => {
  test('keeps rejects, accounting and unknown services of a publication', async () => {
    const run = aRun('notes', { source: 'portal' });
    const rejects = [
      { sourceLine: 5, column: 'date_of_service', rule: 'not-a-date', reason: 'is no date' },
      { sourceLine: 8, column: '(row)', rule: 'cells', reason: 'has 3 cells, 7 were expected' },
    ];
    const unknownServices = [{ code: 'ZZ', rows: 1, dollars: null }];
    await publishPeriod(tested.warehouse, aPublish(run, [aNote(2)], { rejects, unknownServices }));
    expect(
      await tested.rowsOf('rejected_row', 'period_start, source_line, column_name, rule, run_id'),
    ).toEqual([
      {
        period_start: '2026-10-01',
        source_line: 5,
        column_name: 'date_of_service',
        rule: 'not-a-date',
        run_id: run.runId,
      },
      { period_start: '2026-10-01', source_line: 8, column_name: '(row)', rule: 'cells', run_id: run.runId },
    ]);
    const [entry] = await tested.rowsOf('pipeline_run');
    expect(entry).toMatchObject({
      rows_read: 3,
      rows_loaded: 1,
      rows_excluded: 0,
      rows_rejected: 2,
      rows_replaced: 0,
      source: 'portal',
      started_at: '2026-10-31 07:30:00.000',
      unknown_services: '[{"code":"ZZ","rows":1,"dollars":null}]',
    });
  });

  test('a failed run is noted once and shows beside what is still published', async () => {
    const good = aRun('notes');
    await publishPeriod(tested.warehouse, aPublish(good, [aNote(2)]));
    const run = aRun('notes');
    const finished = {
      run,
      outcome: 'failed' as const,
      failureType: 'ExportTimedOut',
      failureMessage: 'x'.repeat(3000),
    };
    await recordOutcome(tested.warehouse, finished);
    await recordOutcome(tested.warehouse, { ...finished, outcome: 'cancelled' });
    const failureMessage = 'x'.repeat(2000);
    const failed = { outcome: 'failed', failureType: 'ExportTimedOut', failureMessage };
    expect(await readStatus(tested.warehouse)).toMatchObject([
      { published: { runId: good.runId, rows: 1 }, lastRun: { runId: run.runId, ...failed } },
    ]);
    expect(await findLastRun(tested.warehouse, run.report, run.period)).toMatchObject({ run, ...failed });
  });

  test('a publication is not written over by a later outcome of the same run', async () => {
    const run = aRun('notes');
    await publishPeriod(tested.warehouse, aPublish(run, [aNote(2)]));
    await recordOutcome(tested.warehouse, { run, outcome: 'cancelled' });
    expect((await readStatus(tested.warehouse))[0]?.lastRun.outcome).toBe('published');
  });

  test('a load that commits after its run was noted as cancelled says what it did', async () => {
    const run = aRun('notes');
    await recordOutcome(tested.warehouse, { run, outcome: 'cancelled' });
    expect((await readStatus(tested.warehouse))[0]?.published).toBeNull();
    await publishPeriod(tested.warehouse, aPublish(run, [aNote(2)]));
    expect((await readStatus(tested.warehouse))[0]).toMatchObject({
      published: { runId: run.runId },
      lastRun: { outcome: 'published' },
    });
  });
});
