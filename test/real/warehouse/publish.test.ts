import { Readable } from 'node:stream';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PipelineError } from '../../../src/domain/failures.ts';
import type { PublishRequest } from '../../../src/domain/publication.ts';
import { encodeTsv } from '../../../src/domain/tsv.ts';
import { rowColumns } from '../../../src/domain/tables.ts';
import { openWarehouse, type Bulk, type Warehouse } from '../../../src/warehouse/connect.ts';
import { readStatus, recordOutcome } from '../../../src/warehouse/ledger.ts';
import { migrate } from '../../../src/warehouse/migrate.ts';
import { publishPeriod } from '../../../src/warehouse/publish.ts';
import { startTestServer, type TestServer } from '../mariadb.ts';
import { aNote, anAuthorization, aPublish, aRun, toAsync, type Row } from './aPublish.ts';

let server: TestServer;
let warehouse: Warehouse;
let url: string;

beforeAll(async () => {
  server = await startTestServer();
  url = await server.createDatabase();
  warehouse = await openWarehouse({ url });
  await migrate(warehouse);
}, 120_000);

afterAll(async () => {
  await warehouse.close();
  await server.stop();
});

const tables = [
  'utilization',
  'notes',
  'utilization_summary',
  'notes_summary',
  'pipeline_run',
  'published_period',
  'rejected_row',
];

beforeEach(async () => {
  for (const table of tables) await warehouse.pool.query(`DELETE FROM ${table}`);
});

async function rowsOf(table: string, columns = '*'): Promise<RowDataPacket[]> {
  const [rows] = await warehouse.pool.query<RowDataPacket[]>(
    `SELECT ${columns} FROM ${table} ORDER BY period_start, 1, 2`,
  );
  return rows;
}

/** All that a dashboard may read of both reports. */
async function published() {
  const [rows, notes] = [await rowsOf('utilization'), await rowsOf('notes')];
  return {
    rows,
    notes,
    summaries: [await rowsOf('utilization_summary'), await rowsOf('notes_summary')],
    shown: await rowsOf('published_period'),
  };
}

async function failureOf(work: Promise<unknown>): Promise<PipelineError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PipelineError);
  return error as PipelineError;
}

const three = [2, 3, 4].map((line) => anAuthorization(line));
const otherVersions = { exportSha256: 'f'.repeat(64), rulesSha256: 'a'.repeat(64), codeVersion: 'test' };

describe('a period is replaced whole', () => {
  test('the first publication says so in table, roll-up, ledger and status', async () => {
    const run = aRun('utilization');
    const result = await publishPeriod(warehouse, aPublish(run, three));
    expect(result).toEqual({ kind: 'published', rows: 3, replacedRows: 0 });
    expect(await rowsOf('utilization', 'period_start, source_line, run_id, billed_dollars, util')).toEqual(
      [2, 3, 4].map((line) => ({
        period_start: '2026-09-01',
        source_line: line,
        run_id: run.runId,
        billed_dollars: '200.20',
        util: '0.300220',
      })),
    );
    expect(
      await rowsOf('utilization_summary', 'dimension, period_start, member, authorized_dollars'),
    ).toEqual([
      { dimension: 'service', period_start: '2026-09-01', member: 'DS', authorized_dollars: '3000.30' },
      { dimension: 'total', period_start: '2026-09-01', member: 'total', authorized_dollars: '3000.30' },
    ]);
    expect(await readStatus(warehouse)).toMatchObject([
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
    await publishPeriod(warehouse, aPublish(first, three));
    const before = await published();
    const second = aRun('utilization');
    expect(await publishPeriod(warehouse, aPublish(second, three))).toEqual({
      kind: 'unchanged',
      publishedRunId: first.runId,
    });
    expect(await published()).toEqual(before);
    expect((await readStatus(warehouse))[0]?.lastRun).toMatchObject({
      runId: second.runId,
      outcome: 'unchanged',
    });
  });

  test('other versions of the same rows give the same rows under the new run', async () => {
    await publishPeriod(warehouse, aPublish(aRun('utilization'), three));
    const columns = 'period_start, source_line, client, authorized_dollars, util, variance';
    const before = await rowsOf('utilization', columns);
    const again = await publishPeriod(
      warehouse,
      aPublish(aRun('utilization'), three, { versions: otherVersions }),
    );
    expect(again).toEqual({ kind: 'published', rows: 3, replacedRows: 3 });
    expect(await rowsOf('utilization', columns)).toEqual(before);
  });

  test('a row that is gone from the export is gone from the table, other periods stay', async () => {
    const august = aRun('utilization', { period: { from: '2026-08-01', to: '2026-08-31' } as never });
    await publishPeriod(warehouse, aPublish(august, [anAuthorization(2, { ym: '2026-08' })]));
    await publishPeriod(warehouse, aPublish(aRun('utilization'), three));
    await publishPeriod(
      warehouse,
      aPublish(aRun('utilization'), three.slice(0, 1), { versions: otherVersions }),
    );
    const left = await rowsOf('utilization', 'period_start, source_line');
    expect(left.map((row) => row['period_start'] as string)).toEqual(['2026-08-01', '2026-09-01']);
  });

  test('an empty export empties the period', async () => {
    await publishPeriod(warehouse, aPublish(aRun('utilization'), three));
    const result = await publishPeriod(
      warehouse,
      aPublish(aRun('utilization'), [], { versions: otherVersions }),
    );
    expect(result).toEqual({ kind: 'published', rows: 0, replacedRows: 3 });
    expect(await rowsOf('utilization')).toEqual([]);
    expect(await rowsOf('utilization_summary', 'dimension, period_start, row_count, util')).toEqual([
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
    await publishPeriod(warehouse, aPublish(aRun('utilization'), three));
    await server.admin.query(`USE ${warehouse.database}`);
    await server.admin.query(damage);
    const result = await publishPeriod(warehouse, aPublish(aRun('utilization'), three));
    expect(result.kind).toBe('published');
    expect(await rowsOf('utilization', 'period_start, source_line, billed_dollars')).toHaveLength(3);
  });

  test('a run that asks again, its first answer lost, is told the same and loads nothing', async () => {
    const run = aRun('utilization');
    const first = await publishPeriod(warehouse, aPublish(run, three));
    const before = await published();
    const failing = () => {
      throw new Error('nothing may be read again');
    };
    expect(await publishPeriod(warehouse, aPublish(run, three, { openRows: failing }))).toEqual(first);
    // Also when another run has published since.
    const later = aRun('utilization');
    await publishPeriod(warehouse, aPublish(later, three.slice(1), { versions: otherVersions }));
    expect(await publishPeriod(warehouse, aPublish(run, three, { openRows: failing }))).toEqual(first);
    expect(before.rows).toHaveLength(3);
    expect(await rowsOf('utilization')).toHaveLength(2);
    expect((await rowsOf('published_period'))[0]?.['run_id']).toBe(later.runId);
  });
});

const awkwardNames = [
  'NÚÑEZ, PERCY',
  'NUNEZ, PERCY',
  'nunez, percy',
  "D'ARCY, INÉS",
  'O"NEIL, "BUZZ"',
  'TAB\tBED, ANNE',
  'LINE\nFEED, BO\r\nB',
  'BACK\\SLASH, \\N',
  '\\N',
  'NUL\0BYTE, EVE',
  'CTRL\u001aZ, ZED',
  '🦊 FOX, RENÉ',
  'LINE\u2028SEP, UMA',
  "'; DROP TABLE notes; --",
  '李, 明',
];

describe.each<{ bulk: Bulk }>([{ bulk: 'local-infile' }, { bulk: 'inserts' }])('by $bulk', ({ bulk }) => {
  let through: Warehouse;

  beforeAll(async () => {
    through = await openWarehouse({ url, bulk });
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
    const stored = await rowsOf(
      'notes',
      'period_start, source_line, client, client_supervisor, staff_signed_at',
    );
    expect(stored.slice(0, -1).map((row) => row['client'] as string)).toEqual(awkwardNames);
    expect(stored.slice(0, -1).map((row) => row['client_supervisor'] as string)).toEqual(awkwardNames);
    expect(stored.at(-1)).toMatchObject({ client_supervisor: null, staff_signed_at: null });
    const [groups] = await warehouse.pool.query<RowDataPacket[]>(
      'SELECT client, COUNT(*) FROM notes GROUP BY client',
    );
    expect(groups).toHaveLength(awkwardNames.length + 1);
  });

  test('chunks that end anywhere, in the middle of a letter too, give the same rows', async () => {
    const rows = awkwardNames.map((client, index) => aNote(index + 2, { client }));
    const request = aPublish(aRun('notes'), rows);
    const bytes = Buffer.concat(await bytesOf(request));
    const pieces = Array.from({ length: bytes.length }, (_, at) => bytes.subarray(at, at + 1));
    const openRows = () => Readable.from([...pieces, Buffer.alloc(0)]);
    await publishPeriod(through, { ...request, openRows });
    const stored = await rowsOf('notes', 'period_start, source_line, client');
    expect(stored.map((row) => row['client'] as string)).toEqual(awkwardNames);
  });

  test.each(refusedChanges())(
    '$title is refused and the earlier figures stay',
    async ({ report, row, change }) => {
      const rows = report === 'notes' ? [aNote(2), aNote(3)] : three;
      await publishPeriod(through, aPublish(aRun(report), rows));
      const before = await published();
      const bad = aPublish(aRun(report), [...rows, ...row], { versions: otherVersions });
      const failure = await failureOf(publishPeriod(through, { ...bad, ...change?.(bad) }));
      expect(failure.type).toBe('ReconciliationFailed');
      expect(failure.retry).toBe(false);
      expect(await published()).toEqual(before);
      const told = JSON.stringify([failure.message, failure.details, String(failure.cause)]);
      expect(told).not.toMatch(/LARKSPUR|YARROW|sneaky/);
    },
  );

  test('a file that breaks off with its own failure keeps that failure', async () => {
    await publishPeriod(through, aPublish(aRun('utilization'), three));
    const before = await published();
    const request = aPublish(aRun('utilization'), three, { versions: otherVersions });
    const gone = new PipelineError('ArtifactMissing', 'gone', { hint: 'run again' });
    const openRows = () => Readable.from(breakingOff(request, gone));
    expect(await failureOf(publishPeriod(through, { ...request, openRows }))).toBe(gone);
    expect(await published()).toEqual(before);
  });
});

async function* breakingOff(request: PublishRequest, error: Error): AsyncGenerator<Buffer> {
  for await (const chunk of request.openRows()) {
    yield chunk as Buffer;
    throw error;
  }
}

interface RefusedChange {
  title: string;
  report: 'utilization' | 'notes';
  row: Row[];
  change?: (request: PublishRequest) => Partial<PublishRequest>;
}

function refusedChanges(): RefusedChange[] {
  const expecting =
    (rows: number, sums: Record<string, string> = {}) =>
    (request: PublishRequest) => ({
      expected: { rows, sums: { ...request.expected.sums, ...sums } },
    });
  const rollup = (edit: (cells: (string | null)[]) => (string | null)[]) => (request: PublishRequest) => ({
    rollups: async function* edited() {
      for await (const cells of request.rollups()) yield edit([...cells]);
    },
  });
  const asWritten = (cells: string[]) => (request: PublishRequest) => ({
    openRows: () => Readable.from([...cells.map((line) => Buffer.from(line))]),
    expected: request.expected,
  });
  return [
    {
      title: 'a file with a row less than expected',
      report: 'utilization',
      row: [],
      change: withAccounting(4),
    },
    {
      title: 'a file with a row more than expected',
      report: 'utilization',
      row: [],
      change: withAccounting(2),
    },
    {
      title: 'a dollar sum that is a cent off',
      report: 'utilization',
      row: [],
      change: (request) => ({
        ...expecting(3, { variance: '-2099.56' })(request),
      }),
    },
    {
      title: 'a unit sum that is off',
      report: 'utilization',
      row: [],
      change: expecting(3, { billed_units: '36.7501' }),
    },
    {
      title: 'a sum of days that is off',
      report: 'notes',
      row: [],
      change: expecting(2, { days_to_sign: '3' }),
    },
    { title: 'a line number that comes twice', report: 'utilization', row: [anAuthorization(3)] },
    {
      title: 'an amount beyond the column',
      report: 'utilization',
      row: [
        anAuthorization(9, { authorized_dollars: '1000000000000.00', variance: '0.00', util: '0.000000' }),
      ],
    },
    {
      title: 'more decimals than the column holds',
      report: 'utilization',
      row: [],
      change: asWritten(
        three.map((row, index) =>
          encodeTsv(
            rowColumns.utilization.map((name) =>
              name === 'util' && index > 0 ? '0.3002201' : (row[name] ?? null),
            ),
          ),
        ),
      ),
    },
    {
      title: 'text in a number',
      report: 'notes',
      row: [],
      change: asWritten(
        ['2', 'sneaky'].map((days, index) =>
          encodeTsv(
            rowColumns.notes.map((name) =>
              name === 'days_to_sign' ? days : (aNote(index + 2)[name] ?? null),
            ),
          ),
        ),
      ),
    },
    {
      title: 'a day that does not exist',
      report: 'notes',
      row: [aNote(9, { date_of_service: '2026-10-32' })],
    },
    { title: 'the zero date', report: 'notes', row: [aNote(9, { date_of_service: '0000-00-00' })] },
    { title: 'a name that is too long', report: 'notes', row: [aNote(9, { client: 'sneaky'.repeat(40) })] },
    { title: 'a missing client', report: 'notes', row: [aNote(9, { client: null })] },
    {
      title: 'a record with a cell too few',
      report: 'notes',
      row: [],
      change: asWritten([encodeTsv(rowColumns.notes.map((name) => aNote(2)[name] ?? null)), 'sneaky\t1\n']),
    },
    {
      title: 'bytes that are no UTF-8',
      report: 'notes',
      row: [],
      change: (request) => ({
        openRows: () =>
          Readable.from(
X
          ),
      }),
    },
    {
      title: 'a total that is not what the rows make',
      report: 'utilization',
      row: [],
      change: rollup((cells) => cells.with(-1, '0.300221')),
    },
    {
      title: 'a dimension that does not add up to the total',
      report: 'notes',
      row: [],
      change: rollup((cells) => (cells[1] === 'service' ? cells.with(4, '1') : cells)),
    },
    { title: 'a missing total', report: 'notes', row: [], change: () => ({ rollups: () => toAsync([]) }) },
    {
      title: 'a roll-up with a cell too few',
      report: 'notes',
      row: [],
      change: rollup((cells) => cells.slice(1)),
    },
    {
      title: 'a reject that is counted but not there',
      report: 'notes',
      row: [],
      change: (request) => ({
        counts: {
          ...request.counts,
          accounting: { ...request.counts.accounting, read: 3, rejected: 1 },
        },
      }),
    },
    {
      title: 'a reject that is there but not counted',
      report: 'notes',
      row: [],
      change: () => ({
        rejected: () => toAsync([{ sourceLine: 7, column: 'client', rule: 'blank', reason: 'is blank' }]),
      }),
    },
    {
      title: 'an accounting with a lost row',
      report: 'notes',
      row: [],
      change: (request) => ({
        counts: { ...request.counts, accounting: { ...request.counts.accounting, read: 3 } },
      }),
    },
    {
      title: 'an accounting with a lost cent',
      report: 'utilization',
      row: [],
      change: lostCent,
    },
  ];
}

function withAccounting(rows: number) {
  return (request: PublishRequest): Partial<PublishRequest> => ({
    expected: { ...request.expected, rows },
    counts: { ...request.counts, accounting: { ...request.counts.accounting, read: rows, loaded: rows } },
  });
}

function lostCent(request: PublishRequest): Partial<PublishRequest> {
  const { accounting } = request.counts;
  const account = accounting.dollars['billed_dollars']!;
  return {
    counts: {
      ...request.counts,
      accounting: {
        ...accounting,
        dollars: { ...accounting.dollars, billed_dollars: { ...account, read: '600.61' } },
      },
    },
  };
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
      const through = await openWarehouse({ url, bulk });
      const run = aRun('utilization', { runId: '11111111-2222-3333-4444-555555555555' });
      await publishPeriod(through, aPublish(run, rows));
      const [checksum] = await warehouse.pool.query<RowDataPacket[]>(
        'CHECKSUM TABLE utilization, utilization_summary EXTENDED',
      );
      sums.push(checksum);
      await through.close();
      for (const table of tables) await warehouse.pool.query(`DELETE FROM ${table}`);
    }
    expect(sums[0]).toEqual(sums[1]);
    expect(JSON.stringify(sums[0])).not.toContain('"Checksum":0');
  });

  test('where the server switches LOAD DATA LOCAL off after the start, inserts take over', async () => {
    await server.admin.query('SET GLOBAL local_infile = 0');
    try {
      expect(warehouse.bulk).toBe('local-infile');
      const result = await publishPeriod(warehouse, aPublish(aRun('utilization'), three));
      expect(result).toEqual({ kind: 'published', rows: 3, replacedRows: 0 });
      const later = await openWarehouse({ url });
      expect(later.bulk).toBe('inserts');
      await later.close();
    } finally {
      await server.admin.query('SET GLOBAL local_infile = 1');
    }
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
    await publishPeriod(warehouse, aPublish(aRun('utilization'), [row]));
    const [total] = await rowsOf('utilization_summary', 'dimension, period_start, util, avg_util');
    expect(total).toMatchObject({ util, avg_util: util });
  });
});

describe('several at once', () => {
  test('eight loads of one period give one publication, the others find it unchanged', async () => {
    const results = await Promise.all(
      Array.from({ length: 8 }, () => publishPeriod(warehouse, aPublish(aRun('utilization'), three))),
    );
    expect(results.map((result) => result.kind).toSorted()).toEqual([
      'published',
      ...Array.from({ length: 7 }, () => 'unchanged'),
    ]);
    expect(await rowsOf('utilization')).toHaveLength(3);
    const [outcomes] = await warehouse.pool.query<RowDataPacket[]>(
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
          return publishPeriod(warehouse, aPublish(aRun('utilization', { period }), three, { versions }));
        }),
      );
      expect(results.every((result) => result.kind === 'published')).toBe(true);
    }
    expect(await rowsOf('utilization')).toHaveLength(18);
  });

  test('a reader sees the old rows or the new ones, never a mix, a gap or a half', async () => {
    const sizes = [300, 700];
    const versionsOf = (turn: number) => ({ ...otherVersions, codeVersion: `turn ${String(turn)}` });
    const rowsIn = (size: number) => Array.from({ length: size }, (_, index) => anAuthorization(index + 2));
    await publishPeriod(warehouse, aPublish(aRun('utilization'), rowsIn(300), { versions: versionsOf(0) }));
    const seen = new Set<string>();
    let reading = true;
    const reader = (async () => {
      while (reading) {
        const [rows] = await warehouse.pool.query<RowDataPacket[]>(
          `SELECT COUNT(*) AS found, COUNT(DISTINCT run_id) AS runs, SUM(billed_dollars) AS billed,
             (SELECT row_count FROM utilization_summary WHERE member = 'total') AS rolled_up FROM utilization`,
        );
        seen.add(JSON.stringify(rows[0]));
      }
    })();
    for (let turn = 1; turn <= 10; turn += 1) {
      await publishPeriod(
        warehouse,
        aPublish(aRun('utilization'), rowsIn(sizes[turn % 2]!), { versions: versionsOf(turn) }),
      );
    }
    reading = false;
    await reader;
    expect([...seen].toSorted()).toEqual([
      '{"found":300,"runs":1,"billed":"60060.00","rolled_up":300}',
      '{"found":700,"runs":1,"billed":"140140.00","rolled_up":700}',
    ]);
  });
});

/** Rows whose file stops in the middle until the test lets it go on. */
function stalling(request: PublishRequest): { openRows: () => Readable; reached: Promise<void> } {
  let reach = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const chunks = async function* stall() {
    for await (const chunk of request.openRows()) {
      yield chunk as Buffer;
      reach();
      await new Promise(() => {
        /* never goes on */
      });
    }
  };
  return { openRows: () => Readable.from(chunks()), reached };
}

describe('a load that is cut off leaves the old rows, and the next one goes through', () => {
  test('its connection is killed in the middle of the file', async () => {
    await publishPeriod(warehouse, aPublish(aRun('utilization'), three));
    const before = await published();
    const request = aPublish(aRun('utilization'), three.slice(1), { versions: otherVersions });
    const { openRows, reached } = stalling(request);
    const failing = failureOf(publishPeriod(warehouse, { ...request, openRows }));
    await reached;
    await killLoads();
    expect(await failing).toMatchObject({ type: 'WarehouseUnavailable', retry: true });
    expect(await published()).toEqual(before);
    expect((await publishPeriod(warehouse, request)).kind).toBe('published');
  });

  test('it is aborted in the middle of the file, and throws the reason', async () => {
    await publishPeriod(warehouse, aPublish(aRun('utilization'), three));
    const before = await published();
    const request = aPublish(aRun('utilization'), three.slice(1), { versions: otherVersions });
    const { openRows, reached } = stalling(request);
    const cancel = new AbortController();
    const reason = new Error('cancelled');
    const loading = publishPeriod(warehouse, { ...request, openRows, signal: cancel.signal });
    const outcome = expect(loading).rejects.toBe(reason);
    await reached;
    cancel.abort(reason);
    await outcome;
    expect(await published()).toEqual(before);
    expect((await publishPeriod(warehouse, request)).kind).toBe('published');
  });

  test('it is aborted while it waits for the period, and throws the reason', async () => {
    await publishPeriod(warehouse, aPublish(aRun('utilization'), three));
    const holder = await warehouse.connectApart();
    await holder.query('BEGIN');
    await holder.query('SELECT * FROM published_period FOR UPDATE');
    const steps: string[] = [];
    const request = aPublish(aRun('utilization'), three, {
      signal: AbortSignal.timeout(500),
      onProgress: (step) => steps.push(step),
    });
    await expect(publishPeriod(warehouse, request)).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(steps).toContain("waiting for the period's lock");
    await holder.end();
    expect((await publishPeriod(warehouse, aPublish(aRun('utilization'), three))).kind).toBe('unchanged');
  });

  test('a lock that does not come is the database being unavailable', async () => {
    await publishPeriod(warehouse, aPublish(aRun('utilization'), three));
    const impatient = await openWarehouse({ url });
    impatient.pool.pool.on('connection', (connection) => {
      connection.query('SET SESSION innodb_lock_wait_timeout = 1', () => undefined);
    });
    const holder = await warehouse.connectApart();
    await holder.query('BEGIN');
    await holder.query('SELECT * FROM published_period FOR UPDATE');
    // The connection that asked the server at the start is busy, so that a new, impatient one is opened.
    const first = await impatient.pool.getConnection();
    const failure = await failureOf(publishPeriod(impatient, aPublish(aRun('utilization'), three)));
    first.release();
    expect(failure).toMatchObject({ type: 'WarehouseUnavailable', retry: true });
    expect(failure.details).toMatchObject({ errno: 1205 });
    await holder.end();
    await impatient.close();
  });
});

async function killLoads(): Promise<void> {
  const [loads] = await server.admin.query<RowDataPacket[]>(
    "SELECT id FROM information_schema.processlist WHERE info LIKE 'LOAD DATA%'",
  );
  expect(loads).toHaveLength(1);
  for (const load of loads) await server.admin.query(`KILL ${String(load['id'])}`);
}

describe('the ledger', () => {
  test('keeps rejects, accounting and unknown services of a publication', async () => {
    const run = aRun('notes', { source: 'portal' });
    const rejects = [
      { sourceLine: 5, column: 'date_of_service', rule: 'not-a-date', reason: 'is no date' },
      { sourceLine: 8, column: '(row)', rule: 'cells', reason: 'has 3 cells, 7 were expected' },
    ];
    const unknownServices = [{ code: 'ZZ', rows: 1, dollars: null }];
    await publishPeriod(warehouse, aPublish(run, [aNote(2)], { rejects, unknownServices }));
    expect(await rowsOf('rejected_row', 'period_start, source_line, column_name, rule, run_id')).toEqual([
      {
        period_start: '2026-10-01',
        source_line: 5,
        column_name: 'date_of_service',
        rule: 'not-a-date',
        run_id: run.runId,
      },
      { period_start: '2026-10-01', source_line: 8, column_name: '(row)', rule: 'cells', run_id: run.runId },
    ]);
    const [entry] = await rowsOf('pipeline_run');
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
    await publishPeriod(warehouse, aPublish(good, [aNote(2)]));
    const run = aRun('notes');
    const finished = {
      run,
      outcome: 'failed' as const,
      failureType: 'ExportTimedOut',
      failureMessage: 'x'.repeat(3000),
    };
    await recordOutcome(warehouse, finished);
    await recordOutcome(warehouse, { ...finished, outcome: 'cancelled' });
    expect(await readStatus(warehouse)).toMatchObject([
      {
        published: { runId: good.runId, rows: 1 },
        lastRun: { runId: run.runId, outcome: 'failed', failureType: 'ExportTimedOut' },
      },
    ]);
  });

  test('a publication is not written over by a later outcome of the same run', async () => {
    const run = aRun('notes');
    await publishPeriod(warehouse, aPublish(run, [aNote(2)]));
    await recordOutcome(warehouse, { run, outcome: 'cancelled' });
    expect((await readStatus(warehouse))[0]?.lastRun.outcome).toBe('published');
  });

  test('a load that commits after its run was noted as cancelled says what it did', async () => {
    const run = aRun('notes');
    await recordOutcome(warehouse, { run, outcome: 'cancelled' });
    expect((await readStatus(warehouse))[0]?.published).toBeNull();
    await publishPeriod(warehouse, aPublish(run, [aNote(2)]));
    expect((await readStatus(warehouse))[0]).toMatchObject({
      published: { runId: run.runId },
      lastRun: { outcome: 'published' },
    });
  });
});
