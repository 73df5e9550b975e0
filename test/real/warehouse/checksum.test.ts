import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openWarehouse, type Bulk } from '../../../src/warehouse/connect.ts';
import { publishPeriod } from '../../../src/warehouse/publish.ts';
import { aNote, anAuthorization, aPublish, aRun, otherVersions, type Row } from './aPublish.ts';
import { failureOf, TestWarehouse } from './testWarehouse.ts';
import type { ShippedReport } from '../../shippedReports.ts';

let tested: TestWarehouse;

beforeAll(async () => {
  tested = await TestWarehouse.start();
  await tested.server.admin.query(`USE ${tested.warehouse.database}`);
});
afterAll(() => tested.stop());
beforeEach(() => tested.empty());

const people = {
  hugo: { caregiver: 'MERRIWEATHER, HUGO', employee_code: 'HUGME', caregiver_key: '00112233445566ff' },
  lucja: { caregiver: 'NÚÑEZ, ŁUCJA', employee_code: 'LUCNU', caregiver_key: 'ff66554433221100' },
} as const;

const rowsOf: Readonly<Record<ShippedReport, readonly Row[]>> = {
  notes: [
    aNote(2, people.hugo),
    aNote(3, { ...people.lucja, service_code: 'DS', grp: '2' }),
    aNote(4, { ...people.lucja, client_supervisor: null, supervisor_code: null }),
  ],
  utilization: [
    anAuthorization(2, { service_code: 'CLS', grp: '3' }),
    anAuthorization(3, { qp: null, qp_code: null, qp_key: null }),
    anAuthorization(4, { billed_dollars: '0.10' }),
  ],
};

const publish = (report: ShippedReport, change: Parameters<typeof aPublish>[2] = {}) =>
  publishPeriod(tested.warehouse, aPublish(aRun(report), rowsOf[report], change));

/** What readers see, without the run that loaded it. */
async function figures(report: ShippedReport) {
  const seen = [await tested.rowsOf(report), await tested.rowsOf(`${report}_summary`)];
  return seen.map((rows) => rows.map(({ run_id: _run, ...row }) => row));
}

describe.each<{ bulk: Bulk }>([{ bulk: 'local-infile' }, { bulk: 'inserts' }])('by $bulk', ({ bulk }) => {
  test('texts of every kind have the same checksum in the file and in the table', async () => {
    const through = await openWarehouse({ url: tested.url, bulk });
    const texts = [
      '-',
      '|',
      '1|2',
      'a\tb',
      'a\nb',
      'a\rb',
      'back\\slash',
      '\\N',
      '\\',
      '',
      'NÚÑEZ',
      '𝒜b',
      '4:abcd',
    ];
    const rows = texts.map((text, index) =>
      aNote(index + 2, { client: text, client_supervisor: index % 2 === 0 ? text : null }),
    );
    expect(await publishPeriod(through, aPublish(aRun('notes'), rows))).toMatchObject({ kind: 'published' });
    await through.close();
  });

  test.each([
    {
      title: 'stores UTF-8 as if it were Latin 1',
      change: 'SET NEW.caregiver = CONVERT(CAST(NEW.caregiver AS BINARY) USING latin1)',
    },
    {
      title: 'swaps a cell between two rows',
      change: `SET NEW.date_of_service = IF(NEW.source_line = 2, '2026-10-03', '2026-10-02')`,
      rows: [aNote(2), aNote(3, { date_of_service: '2026-10-03' })],
    },
    {
      title: 'swaps two cells of a row',
      change: 'SET NEW.client_code = NEW.employee_code, NEW.employee_code = (SELECT @was)',
      before: 'SET @was = NEW.client_code;',
    },
    { title: 'makes NULL of a text', change: 'SET NEW.client_supervisor = NULL' },
    {
      title: 'moves a letter from a cell to its neighbour',
      change: `SET NEW.client_code = 'CLELAH', NEW.employee_code = 'UGME'`,
    },
    { title: 'changes the case of a name', change: 'SET NEW.client = LOWER(NEW.client)' },
    { title: 'sets another group', change: 'SET NEW.grp = 4' },
  ])('a server that $title is found out before the commit', async ({ change, before = '', rows }) => {
    const through = await openWarehouse({ url: tested.url, bulk });
    const given = rows ?? [
      aNote(2, { ...people.lucja, client_supervisor: 'SEDGE, PAT', employee_code: 'HUGME' }),
    ];
    await tested.server.admin.query(
      `CREATE TRIGGER alters BEFORE INSERT ON notes FOR EACH ROW BEGIN ${before} ${change}; END`,
    );
    try {
      const failure = await failureOf(publishPeriod(through, aPublish(aRun('notes'), given)));
      expect(failure).toMatchObject({ type: 'ReconciliationFailed', retry: false });
      expect(failure.message).toMatch(/checksum of all cells/);
      expect(failure.message).not.toMatch(/NÚÑEZ|SEDGE|LARKSPUR/);
      expect(await tested.rowsOf('notes')).toEqual([]);
    } finally {
      await tested.server.admin.query('DROP TRIGGER alters');
      await through.close();
    }
  });
});

test('a server that alters a name among the roll-ups is found out before the commit', async () => {
  await tested.server.admin.query(
    'CREATE TRIGGER alters BEFORE INSERT ON notes_summary FOR EACH ROW SET NEW.member = LOWER(NEW.member)',
  );
  try {
    const failure = await failureOf(publish('notes'));
    expect(failure).toMatchObject({ type: 'ReconciliationFailed', retry: false });
    expect(failure.message).toMatch(/roll-up/);
    expect(await tested.rowsOf('notes')).toEqual([]);
  } finally {
    await tested.server.admin.query('DROP TRIGGER alters');
  }
});

const anyRow = ' WHERE source_line = 3';

describe.each<{ report: ShippedReport; damage: string }>([
  { report: 'notes', damage: `UPDATE notes SET caregiver = 'NUNEZ, LUCJA'${anyRow}` },
  { report: 'notes', damage: `UPDATE notes SET grp = 4${anyRow}` },
  { report: 'notes', damage: `UPDATE notes SET client_key = 'ffffffffffffffff'${anyRow}` },
  { report: 'notes', damage: `UPDATE notes SET staff_signed_at = '2026-10-03 03:15:00'${anyRow}` },
  { report: 'notes', damage: `UPDATE notes SET period_end = '2026-10-16'${anyRow}` },
  { report: 'notes', damage: `UPDATE notes SET date_of_service = '2026-10-05'${anyRow}` },
  {
    report: 'notes',
    damage: `UPDATE notes SET source_line = 7 - source_line WHERE source_line = 4`,
  },
  { report: 'notes', damage: `DELETE FROM notes_summary WHERE dimension = 'caregiver'` },
  { report: 'notes', damage: `DELETE FROM notes_summary WHERE dimension = 'supervisor'` },
  {
    report: 'notes',
    damage: `UPDATE notes_summary SET dimension = 'supervisors' WHERE dimension = 'supervisor'`,
  },
  {
    report: 'notes',
    damage: `UPDATE notes_summary SET member = LOWER(member) WHERE dimension = 'caregiver'`,
  },
  { report: 'notes', damage: `UPDATE notes_summary SET member_code = 'XXXXX' WHERE dimension = 'caregiver'` },
  { report: 'notes', damage: `UPDATE notes_summary SET avg_days_to_sign = 9 WHERE dimension = 'caregiver'` },
  { report: 'notes', damage: `UPDATE notes_summary SET preliminary = 1 WHERE dimension = 'service'` },
  { report: 'utilization', damage: `UPDATE utilization SET qp = 'SOMEBODY, ELSE'${anyRow}` },
  { report: 'utilization', damage: `UPDATE utilization SET end_date = '2026-12-31'${anyRow}` },
  {
    report: 'utilization',
    damage: `UPDATE utilization SET billed_dollars = IF(source_line = 3, 0.10, 200.20) WHERE source_line > 2`,
  },
  { report: 'utilization', damage: `DELETE FROM utilization_summary WHERE dimension = 'grp'` },
  { report: 'utilization', damage: `UPDATE utilization_summary SET ym = '2026-08' WHERE dimension = 'qp'` },
  { report: 'utilization', damage: `UPDATE utilization_summary SET util = 0.5 WHERE dimension = 'client'` },
])('after $damage', ({ report, damage }) => {
  test('the same export is loaded again, and the figures are as they were', async () => {
    await publish(report);
    const before = await figures(report);
    // The other line is free for the one that moves there.
    if (damage.includes('7 - source_line')) await tested.query('DELETE FROM notes WHERE source_line = 3');
    await tested.server.admin.query(damage);
    expect(await figures(report)).not.toEqual(before);
    expect((await publish(report)).kind).toBe('published');
    expect(await figures(report)).toEqual(before);
    expect((await publish(report)).kind).toBe('unchanged');
  });
});

test('a period that was loaded before there were checksums is loaded again', async () => {
  await publish('utilization');
  await tested.server.admin.query(
    'UPDATE published_period SET rows_checksum = NULL, rollups_checksum = NULL',
  );
  expect((await publish('utilization')).kind).toBe('published');
  expect((await publish('utilization')).kind).toBe('unchanged');
});

test('a forced run loads again what has not changed, and no gate asks', async () => {
  await publish('utilization');
  const forced = aRun('utilization');
  const request = aPublish(forced, rowsOf.utilization, { force: true });
  expect(await publishPeriod(tested.warehouse, request)).toEqual({
    kind: 'published',
    rows: 3,
    replacedRows: 3,
  });
  expect(await tested.rowsOf('published_period', 'run_id')).toEqual([{ run_id: forced.runId }]);
});

test('a forced run of an older export does not replace a newer one', async () => {
  await publish('utilization');
  const older = { force: true, versions: otherVersions, exportedAt: '2026-11-19T08:00:00.000Z' } as const;
  expect((await publish('utilization', older)).kind).toBe('superseded');
});
