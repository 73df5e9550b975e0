import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PublishRequest, ShownRows } from '../../../src/domain/publication.ts';
import { openWarehouse, type Bulk, type Warehouse } from '../../../src/warehouse/connect.ts';
import { publishPeriod } from '../../../src/warehouse/publish.ts';
import { aNote, anAuthorization, aPublish, aRun, bytesOf, otherVersions, type Row } from './aPublish.ts';
import { awkwardNames } from './awkwardNames.ts';
import { TestWarehouse } from './testWarehouse.ts';

let tested: TestWarehouse;

beforeAll(async () => {
  tested = await TestWarehouse.start();
});

afterAll(() => tested.stop());

beforeEach(() => tested.empty());

type Shown = Omit<ShownRows, 'pages'> & { readonly bytes: Buffer };

/** What the comparison of the next load is given, null where that is nothing. */
async function shownToNextLoad(warehouse: Warehouse, request: PublishRequest): Promise<Shown | null> {
  let shown: Shown | null | undefined;
  const compare: PublishRequest['compare'] = async (before) => {
    if (before === null) {
      shown = null;
      return request.compare(before);
    }
    const { pages, ...facts } = before;
    const bytes: Buffer[] = [];
    for await (const lines of pages) bytes.push(lines);
    shown = { ...facts, bytes: Buffer.concat(bytes) };
    return request.compare(null);
  };
  await publishPeriod(warehouse, { ...request, compare });
  if (shown === undefined) throw new Error('the load did not compare');
  return shown;
}

const blankAuthorization: Row = {
  qp: null,
  qp_code: null,
  qp_key: null,
  authorized_units: null,
  in_process_units: null,
  billed_units: null,
  authorized_dollars: null,
  in_process_dollars: null,
  billed_dollars: null,
  variance_billed: null,
};

const authorizations = [
  ...awkwardNames.map((name, index) => anAuthorization(index + 2, { client: name, qp: name })),
  anAuthorization(100, blankAuthorization),
  anAuthorization(101, {
    authorized_units: '-0.0001',
    in_process_units: '9999999999.9999',
    authorized_dollars: '999999999999.98',
    in_process_dollars: '-0.01',
    billed_dollars: '0.00',
    variance_billed: '-0.01',
    authorization_number: '000 0012',
    start_date: '1000-01-01',
    end_date: '9999-12-31',
    grp: '0',
  }),
  anAuthorization(4_000_000_000, { qp: '', qp_code: '', service_code: 'ds' }),
];

const notes = [
  ...awkwardNames.map((name, index) =>
    aNote(index + 2, { client: name, caregiver: name, client_supervisor: name }),
  ),
  aNote(100, { staff_sign_date: null, staff_signed_at: null, days_to_sign: null, note_status: 'Unbillable' }),
  aNote(101, { staff_signed_at: null, days_to_sign: '-3' }),
  aNote(102, { staff_signed_at: '2026-10-03 00:00:00', supervisor_key: '0000000000000000' }),
  aNote(103, { staff_signed_at: '2026-10-03 23:59:00', days_to_sign: '100000' }),
];

describe.each<{ bulk: Bulk }>([{ bulk: 'local-infile' }, { bulk: 'inserts' }])(
  'rows that came by $bulk',
  ({ bulk }) => {
    let through: Warehouse;

    beforeAll(async () => {
      through = await openWarehouse({ url: tested.url, bulk });
    });
    afterAll(() => through.close());

    test.each<{ report: 'utilization' | 'notes'; rows: Row[] }>([
      { report: 'utilization', rows: authorizations },
      { report: 'notes', rows: notes },
    ])(
      'of $report are compared as the very bytes of the file that brought them',
      async ({ report, rows }) => {
        const first = aPublish(aRun(report), rows);
        expect(await shownToNextLoad(through, first)).toBeNull();
        const shown = await shownToNextLoad(through, aPublish(aRun(report), [], { versions: otherVersions }));
        expect(shown?.bytes.toString()).toBe((await bytesOf(first)).toString());
        expect(shown).toMatchObject({
          runId: first.run.runId,
          rows: rows.length,
          sums: first.expected.sums,
        });
      },
    );
  },
);

test('a period of several pages is compared whole, in the order of the file', async () => {
  // Five full pages and a page with nothing on it; line numbers have gaps, as where rows were excluded.
  const rows = Array.from({ length: 10_000 }, (_, index) => aNote(2 + index * 3));
  const first = aPublish(aRun('notes'), rows);
  await publishPeriod(tested.warehouse, first);
  const shown = await shownToNextLoad(
    tested.warehouse,
    aPublish(aRun('notes'), rows.slice(1), { versions: otherVersions }),
  );
  expect(shown?.bytes.equals(await bytesOf(first))).toBe(true);
});

test('a period that was published empty has no lines, and says which run that was', async () => {
  const first = aPublish(aRun('notes'), []);
  await publishPeriod(tested.warehouse, first);
  const shown = await shownToNextLoad(
    tested.warehouse,
    aPublish(aRun('notes'), [aNote(2)], { versions: otherVersions }),
  );
  expect(shown).toMatchObject({ runId: first.run.runId, rows: 0, bytes: Buffer.alloc(0) });
});

test('a comparison may stop at any line, and the load goes on', async () => {
  const rows = Array.from({ length: 6000 }, (_, index) => aNote(2 + index));
  await publishPeriod(tested.warehouse, aPublish(aRun('notes'), rows));
  const next = aPublish(aRun('notes'), rows.slice(0, 10), { versions: otherVersions });
  const compare: PublishRequest['compare'] = async (before) => {
    for await (const lines of before?.pages ?? []) if (lines.toString().startsWith('2\t')) break;
    return next.compare(null);
  };
  expect(await publishPeriod(tested.warehouse, { ...next, compare })).toEqual({
    kind: 'published',
    rows: 10,
    replacedRows: 6000,
  });
});

test('a comparison that fails leaves the period and the ledger as they were', async () => {
  await publishPeriod(tested.warehouse, aPublish(aRun('notes'), [aNote(2)]));
  const before = [...(await tested.published()), await tested.rowsOf('pipeline_run')];
  const next = aPublish(aRun('notes'), [aNote(2), aNote(3)], {
    versions: otherVersions,
    compare: () => Promise.reject(new Error('no space left')),
  });
  await expect(publishPeriod(tested.warehouse, next)).rejects.toThrow('no space left');
  expect([...(await tested.published()), await tested.rowsOf('pipeline_run')]).toEqual(before);
});
