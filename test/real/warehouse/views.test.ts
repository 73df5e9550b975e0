import { readFile } from 'node:fs/promises';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addDays, type IsoDate } from '../../../src/domain/dates.ts';
import { notesWindow } from '../../../src/domain/notesWindow.ts';
import { periodContaining, periodsNewestFirst, type Period } from '../../../src/domain/periods.ts';
import { periodStates } from '../../../src/domain/periodState.ts';
import type { Outcome, PublishRequest } from '../../../src/domain/publication.ts';
import type { RunIdentity } from '../../../src/domain/runIdentity.ts';
import { serviceLabel } from '../../../src/domain/serviceLabels.ts';
import { reports, type ReportName } from '../../../src/reports/index.ts';
import { readStatus, stateOf, type PeriodStatus } from '../../../src/warehouse/ledgerReads.ts';
import { recordOutcome } from '../../../src/warehouse/ledgerWrites.ts';
import { publishPeriod } from '../../../src/warehouse/publish.ts';
import { readerViews } from '../../../src/warehouse/readers.ts';
import { recordServices, respiteServices } from '../../../src/warehouse/serviceSettings.ts';
import { serviceTexts } from '../../domain/serviceTexts.ts';
import { anAuthorization, aRun } from './aPublish.ts';
import { sqlWords } from '../../../src/reports/sqlWords.ts';
import { aDecision, theFirst, withHeldRun } from './someExports.ts';
import { names, note, publishFigures, publishRows } from './someFigures.ts';
import { TestWarehouse } from './testWarehouse.ts';

let tested: TestWarehouse;

beforeAll(async () => {
  tested = await TestWarehouse.start();
});

afterAll(() => tested.stop());

beforeEach(async () => {
  await tested.empty();
  await recordServices(tested.warehouse, [{ code: 'RCI', respite: true }]);
  await publishFigures(tested.warehouse);
});

/** As the views have it: in UTC. */
const today = new Date().toISOString().slice(0, 10) as IsoDate;

const { coded: codedViews, names: allViews } = readerViews;

/** The columns of every view, in their order. */
async function viewColumns(): Promise<Map<string, string[]>> {
  const rows = await tested.query(
    `SELECT c.table_name AS view_name, c.column_name AS column_name
     FROM information_schema.columns AS c
     JOIN information_schema.views AS v ON v.table_schema = c.table_schema AND v.table_name = c.table_name
     WHERE c.table_schema = DATABASE() ORDER BY c.table_name, c.ordinal_position`,
  );
  const columns = new Map<string, string[]>();
  for (const row of rows) {
    const view = String(row['view_name']);
    columns.set(view, [...(columns.get(view) ?? []), String(row['column_name'])]);
  }
  return columns;
}

describe('respite is what pipeline.yaml says now, of rows of any age', () => {
  const codes = ['DS', 'RCI', 'Répit', 'rci', 'res'];
  const notSaid = codes.map(() => null);

  test.each([
    { title: 'nothing', services: [], shown: notSaid },
    { title: 'that none is', services: [{ code: 'RCI', respite: false }], shown: [0, 0, 0, 0, 0] },
    { title: 'one, in any case', services: [{ code: 'Rci', respite: true }], shown: [0, 1, 0, 1, 0] },
    {
      title: 'several',
      services: [
        { code: 'DS', respite: false },
        { code: 'RES', respite: true },
        { code: 'RÉPIT', respite: true },
        { code: 'R'.repeat(100), respite: true },
      ],
      shown: [0, 0, 1, 0, 1],
    },
  ])('$title', async ({ services, shown }) => {
    await tested.empty();
    await publishRows(
      tested.warehouse,
      'utilization',
      '2026-09-01',
      codes.map((service_code, index) => anAuthorization(index + 2, { service_code })),
    );
    await publishRows(
      tested.warehouse,
      'notes',
      '2026-10-01',
      codes.map((service_code, index) => note(index + 2, '2026-10-01', 0, { service_code })),
    );
    await recordServices(tested.warehouse, services);
    for (const view of ['v_utilization', 'v_notes', 'v_utilization_by_service']) {
      for (const from of [view, `${view}_names`]) {
        const flags = await tested.query(`SELECT service_code, is_rci FROM ${from}`);
        const inOrder = flags.toSorted((one, other) =>
          one['service_code'] < other['service_code'] ? -1 : 1,
        );
        expect([from, inOrder.map((row): unknown => row['is_rci'])]).toEqual([from, shown]);
      }
    }
    const respite = services.filter((service) => service.respite).map(({ code }) => code.toUpperCase());
    const told = services.length === 0 ? undefined : respite.toSorted();
    expect(await respiteServices(tested.warehouse)).toEqual(told);
  });

  test('is written whole by each of several workers that start at once', async () => {
    const services = [
      { code: 'RES', respite: true },
      { code: 'DS', respite: false },
    ];
    await Promise.all(Array.from({ length: 4 }, () => recordServices(tested.warehouse, services)));
    expect(await tested.query('SELECT * FROM service_setting ORDER BY service_code')).toEqual([
      { service_code: 'DS', respite: 0 },
      { service_code: 'RES', respite: 1 },
    ]);
  });
});

test('each view is for a role, and each view of a role is there', async () => {
  expect([...(await viewColumns()).keys()].toSorted()).toEqual(allViews.toSorted());
});

describe('a view without _names', () => {
  const nameColumns = new Set(['client', 'qp', 'caregiver', 'client_supervisor', 'member']);

  test.each(codedViews.map((view) => ({ view })))('shows no name: $view', async ({ view }) => {
    await publishRows(tested.warehouse, 'notes', today, [note(2, today, 1)]);
    const rows = await tested.query(`SELECT * FROM ${view}`);
    expect(rows.length).toBeGreaterThan(0);
    expect((await viewColumns()).get(view)!.filter((column) => nameColumns.has(column))).toEqual([]);
    // Codes have five letters of two names, so that no word of a name is in one.
    const words = Object.values(names).flatMap((name) => name.match(/\p{L}{4,}/gu)!);
    const shown = JSON.stringify(rows);
    expect(words.filter((word) => shown.includes(word))).toEqual([]);
  });

  test('has all that its twin has, but the names', async () => {
    const columns = await viewColumns();
    const twins = allViews.filter((view) => view.endsWith('_names'));
    expect(twins.length).toBe(allViews.length - codedViews.length);
    for (const twin of twins) {
      const view = twin.replace(/_names$/, '');
      expect(columns.get(view)).toEqual(columns.get(twin)!.filter((column) => !nameColumns.has(column)));
      const shared = columns
        .get(view)!
        .map((column) => `\`${column}\``)
        .join(', ');
      const rowsOf = async (from: string) =>
        (await tested.query(`SELECT ${shared} FROM ${from}`)).map((row) => JSON.stringify(row)).toSorted();
      expect(await rowsOf(view)).toEqual(await rowsOf(twin));
    }
  });
});

describe('rows', () => {
  test.each<{ report: ReportName }>([{ report: 'utilization' }, { report: 'notes' }])(
    'of $report are those of the table, column by column',
    async ({ report }) => {
      const columns = ['period_start', 'period_end', 'run_id', ...reports[report].rowColumns].join(', ');
      const inOrder = `ORDER BY period_start, source_line`;
      const rows = await tested.query(`SELECT ${columns} FROM v_${report}_names ${inOrder}`);
      expect(rows.length).toBeGreaterThan(5);
      expect(rows).toEqual(await tested.query(`SELECT ${columns} FROM ${report} ${inOrder}`));
    },
  );

  test('say what is used, what is left and on which side of the authorization they are', async () => {
    expect(
      await tested.query(
        `SELECT source_line, used_dollars, not_utilized, under_dollars, over_dollars, under_over, is_rci
         FROM v_utilization WHERE ym = '2026-09' ORDER BY source_line`,
      ),
    ).toEqual(
      [
        [2, '300.25', '699.75', '-699.75', '0.00', 'Under', 0],
        [3, '15.00', '-5.00', '0.00', '5.00', 'Over', 0],
        [4, '100.00', '200.00', '-200.00', '0.00', 'Under', 1],
        [5, '50.00', '0.00', '0.00', '0.00', 'Even', 1],
        [6, '7.77', '-7.77', '0.00', '7.77', 'Over', 0],
        [7, '1.00', '-1.00', null, null, null, 0],
      ].map(([line, used, left, under, over, side, rci]) => ({
        source_line: line,
        used_dollars: used,
        not_utilized: left,
        under_dollars: under,
        over_dollars: over,
        under_over: side,
        is_rci: rci,
      })),
    );
  });

  test('add up to the roll-ups, month by month, with the ratio of totals and the mean of ratios', async () => {
    const columns = `row_count, authorized_dollars, in_process_dollars, billed_dollars, used_dollars, not_utilized,
      under_dollars, over_dollars, util, avg_util`;
    const added = await tested.query(
      `SELECT ym, COUNT(*) AS row_count, SUM(authorized_dollars) AS authorized_dollars,
         SUM(in_process_dollars) AS in_process_dollars, SUM(billed_dollars) AS billed_dollars,
         SUM(used_dollars) AS used_dollars, SUM(not_utilized) AS not_utilized,
         SUM(under_dollars) AS under_dollars, SUM(over_dollars) AS over_dollars,
         ROUND(SUM(used_dollars) / SUM(authorized_dollars), 6) AS util, ROUND(AVG(util), 6) AS avg_util
       FROM v_utilization GROUP BY ym ORDER BY ym`,
    );
    expect(await tested.query(`SELECT ym, ${columns} FROM v_utilization_by_month ORDER BY ym`)).toEqual(
      added,
    );
    expect(added.map((row) => row['used_dollars'] as string)).toEqual(['474.02', '315.25']);
  });

  test('of notes count as on time, late, unbillable or unsigned, and sort by status', async () => {
    expect(
      await tested.query(
        `SELECT note_status, COUNT(*) AS row_count, SUM(on_time) AS on_time, SUM(late) AS late,
           SUM(unbillable) AS unbillable, SUM(is_unsigned) AS unsigned_rows, SUM(signed_days) AS signed_days
         FROM v_notes GROUP BY note_status, note_status_order ORDER BY note_status_order`,
      ),
    ).toEqual(
      [
        ['On Time', 2, '2', '0', '0', '0', '2'],
        ['Late', 2, '0', '2', '0', '1', '4'],
        ['Unbillable', 2, '0', '0', '2', '1', '9'],
      ].map(([status, rows, onTime, late, unbillable, unsigned, days]) => ({
        note_status: status,
        row_count: rows,
        on_time: onTime,
        late,
        unbillable,
        unsigned_rows: unsigned,
        signed_days: days,
      })),
    );
  });
});

describe('roll-ups', () => {
  const dollars = `row_count, authorized_dollars, in_process_dollars, billed_dollars, not_utilized, under_dollars,
    over_dollars, util, avg_util`;
  const statuses = 'row_count, on_time, late, unbillable, `unsigned`, unsigned_notes, avg_days_to_sign';

  test.each([
    { view: 'v_utilization_by_month', dimension: 'total', member: "'total'", key: "''", code: 'NULL' },
    { view: 'v_utilization_by_group', dimension: 'grp', member: 'grp', key: "''", code: 'NULL' },
    {
      view: 'v_utilization_by_service',
      dimension: 'service',
      member: 'service_code',
      key: "''",
      code: 'NULL',
    },
    { view: 'v_utilization_by_qp_names', dimension: 'qp', member: 'qp', key: 'qp_key', code: 'qp_code' },
    {
      view: 'v_utilization_by_client_names',
      dimension: 'client',
      member: 'client',
      key: 'client_key',
      code: 'client_code',
    },
    { view: 'v_notes_by_cycle', dimension: 'total', member: "'total'", key: "''", code: 'NULL' },
    { view: 'v_notes_by_service', dimension: 'service', member: 'service_code', key: "''", code: 'NULL' },
    {
      view: 'v_notes_by_caregiver_names',
      dimension: 'caregiver',
      member: 'caregiver',
      key: 'caregiver_key',
      code: 'employee_code',
    },
    {
      view: 'v_notes_by_supervisor_names',
      dimension: 'supervisor',
      member: 'client_supervisor',
      key: 'supervisor_key',
      code: 'supervisor_code',
    },
  ])('$view has the figures of the table', async ({ view, dimension, member, key, code }) => {
    const [table, figures] = view.startsWith('v_notes')
      ? ['notes_summary', statuses]
      : ['utilization_summary', dollars];
    const inOrder = 'ORDER BY period_start, member';
    const shown = await tested.query(
      `SELECT ym, period_start, CONCAT(COALESCE(${member}, '')) AS member, COALESCE(${key}, '') AS member_key,
         ${code} AS member_code, preliminary, ${figures} FROM ${view} ${inOrder}`,
    );
    expect(shown.length).toBeGreaterThan(1);
    expect(shown).toEqual(
      await tested.query(
        `SELECT ym, period_start, member, COALESCE(member_key, '') AS member_key, member_code, preliminary,
           ${figures} FROM ${table} WHERE dimension = '${dimension}' ${inOrder}`,
      ),
    );
  });

  test('show two people who share a code as two', async () => {
    const rows = await tested.query(
      "SELECT client_code, client_key, row_count FROM v_utilization_by_client WHERE ym = '2026-09' AND client_code = 'CLELA'",
    );
    expect(rows.map((row) => row['row_count'] as number)).toEqual([2, 2]);
    expect(new Set(rows.map((row) => row['client_key'] as string)).size).toBe(2);
  });

  test('show rows without a QP as those of nobody', async () => {
    expect(
      await tested.query(
        "SELECT qp, qp_code, qp_key, row_count FROM v_utilization_by_qp_names WHERE ym = '2026-09' AND qp IS NULL",
      ),
    ).toEqual([{ qp: null, qp_code: null, qp_key: null, row_count: 2 }]);
  });

  test('of a month of notes add both billing cycles up', async () => {
    expect(await tested.query('SELECT * FROM v_notes_by_month')).toEqual([
      {
        ym: '2026-10',
        year: 2026,
        month_number: 10,
        month_name: 'October',
        month_start: '2026-10-01',
        preliminary: 1,
        row_count: 6,
        on_time: 2,
        late: 2,
        unbillable: 2,
        unsigned: 2,
        avg_days_to_sign: '3.75',
        unsigned_notes: 2,
        loaded_cycles: 2,
      },
    ]);
  });

  test('of a month of notes are preliminary until both billing cycles are loaded, whatever the loaded one says', async () => {
    const months = `SELECT ym, preliminary, loaded_cycles, row_count FROM v_notes_by_month WHERE ym = '2026-12'`;
    await publishRows(tested.warehouse, 'notes', '2026-12-01', []);
    const half = { ym: '2026-12', preliminary: 1, loaded_cycles: 1, row_count: 0 };
    expect(await tested.query(months)).toEqual([half]);
    await publishRows(tested.warehouse, 'notes', '2026-12-16', [note(2, '2026-12-20', 0)]);
    expect(await tested.query(months)).toEqual([{ ...half, preliminary: 0, loaded_cycles: 2, row_count: 1 }]);
  });
});

describe('an average', () => {
  test('is rounded half up, whatever precision the reader’s session divides with', async () => {
    const rows = [1, 0, 0, 0, 0, 0, 0, 0].map((days, index) => note(index + 2, '2026-12-01', days));
    await publishRows(tested.warehouse, 'notes', '2026-12-01', rows);
    const connection = await tested.warehouse.connectApart();
    await connection.query('SET SESSION div_precision_increment = 0');
    const [found] = await connection.query<RowDataPacket[]>(
      "SELECT avg_days_to_sign FROM v_notes_by_month WHERE ym = '2026-12'",
    );
    await connection.end();
    expect(found).toEqual([{ avg_days_to_sign: '0.13' }]);
  });

  test('of notes that nobody has signed is blank', async () => {
    await publishRows(tested.warehouse, 'notes', '2026-12-01', [note(2, '2026-12-01', null)]);
    expect(
      await tested.query("SELECT row_count, avg_days_to_sign FROM v_notes_by_month WHERE ym = '2026-12'"),
    ).toEqual([{ row_count: 1, avg_days_to_sign: null }]);
  });
});

/** One note on each of these days, in its own cycle. */
async function publishDays(days: readonly IsoDate[]): Promise<void> {
  await tested.empty();
  for (const cycle of new Set(days.map((day) => periodContaining('notes', day).from))) {
    const own = days.filter((day) => periodContaining('notes', day).from === cycle);
    const rows = own.map((day, index) => note(index + 2, day, day === days[2] ? 3 : 1));
    await publishRows(tested.warehouse, 'notes', cycle, rows);
  }
}

describe('the 90 days', () => {
  test('end with the newest loaded billing cycle, whatever day it is, and run across cycles', async () => {
    const last = '2026-11-15' as IsoDate;
    const services = [0, 40, 89, 90].map((ago) => addDays(last, -ago));
    await publishDays(services);
    const figures = {
      first_day: '2026-08-18',
      last_service: '2026-11-15',
      // Two cycles of those days are not loaded: the newest has 15 of them, 16–30 September and 1–15 October…
      preliminary: 1,
      row_count: 3,
      on_time: 2,
      late: 1,
      unbillable: 0,
      unsigned: 0,
      avg_days_to_sign: '1.67',
      unsigned_notes: 0,
      last_day: '2026-11-15',
      loaded_days: 44,
    };
    expect(await tested.query('SELECT * FROM v_notes_last_90_days')).toEqual([figures]);
    expect(await tested.query('SELECT * FROM v_notes_last_90_days_by_caregiver_names')).toMatchObject([
      { ...figures, caregiver: names.hugo, employee_code: 'HUGME' },
    ]);
    expect(
      await tested.query('SELECT date_of_service FROM v_notes WHERE in_last_90_days = 1 ORDER BY days_ago'),
    ).toEqual(services.slice(0, 3).map((day) => ({ date_of_service: day })));
  });

  test('are the same in the domain and in the view', async () => {
    await publishDays(['2026-11-02', '2026-10-02', '2026-08-17', '2026-08-01'].map((day) => day as IsoDate));
    const cycles = await tested.query(
      "SELECT period_start, period_end FROM published_period WHERE report = 'notes'",
    );
    const window = notesWindow(
      cycles.map((row) => ({ from: row['period_start'] as IsoDate, to: row['period_end'] as IsoDate })),
    )!;
    expect(await tested.query('SELECT * FROM v_last_90_days')).toEqual([
      { first_day: window.from, last_day: window.to, loaded_days: window.loadedDays, preliminary: 1 },
    ]);
  });

  test('are whole and settled where every cycle of them is', async () => {
    await publishDays(
      periodsNewestFirst('notes', { from: '2026-08-16', to: '2026-11-15' } as Period).map(({ from }) => from),
    );
    expect(await tested.query('SELECT loaded_days, preliminary FROM v_last_90_days')).toEqual([
      { loaded_days: 90, preliminary: 0 },
    ]);
  });

  test('have one row of no notes where the newest cycle is empty, and no row where nothing is loaded', async () => {
    await tested.empty();
    expect(await tested.query('SELECT * FROM v_notes_last_90_days')).toEqual([]);
    expect(await tested.query('SELECT * FROM v_notes_last_90_days_by_caregiver')).toEqual([]);
    await publishRows(tested.warehouse, 'notes', '2026-11-01', []);
    expect(await tested.query('SELECT * FROM v_notes_last_90_days')).toMatchObject([
      { row_count: 0, unsigned_notes: 0, avg_days_to_sign: null, last_service: null, loaded_days: 15 },
    ]);
  });

  test('days_ago counts to today, UTC', async () => {
    const services = [0, 40, 91].map((ago) => addDays(today, -ago));
    await publishDays(services);
    expect(await tested.query('SELECT days_ago FROM v_notes ORDER BY days_ago')).toEqual(
      [0, 40, 91].map((ago) => ({ days_ago: ago })),
    );
  });
});

describe('a service', () => {
  test('is shown without names as the domain has it, in rows and roll-ups of both reports', async () => {
    await tested.empty();
    const texts = [...serviceTexts.map(({ text }) => text), 'Tra Supp'];
    const groups = texts.map((text) => (text === 'Tra Supp' ? 9 : 0));
    const inRow = (index: number) => ({ service_code: texts[index]!, grp: String(groups[index]) });
    await publishRows(
      tested.warehouse,
      'utilization',
      '2026-09-01',
      texts.map((_, index) => anAuthorization(index + 2, inRow(index))),
    );
    await publishRows(
      tested.warehouse,
      'notes',
      '2026-10-01',
      texts.map((_, index) => note(index + 2, '2026-10-01', 0, inRow(index))),
    );
    const wanted = texts.map((text, index) => serviceLabel(text, groups[index]!)).toSorted();
    for (const view of ['v_utilization', 'v_notes', 'v_utilization_by_service', 'v_notes_by_service']) {
      const shown = async (from: string) =>
        (await tested.query(`SELECT service_code FROM ${from}`))
          .map((row) => String(row['service_code']))
          .toSorted();
      expect(await shown(view)).toEqual(wanted);
      expect(await shown(`${view}_names`)).toEqual(texts.toSorted());
    }
  });
});

describe('the columns of the views', () => {
  test('have one type by one name', async () => {
    const rows = await tested.query(
      `SELECT c.table_name AS view_name, c.column_name AS column_name, c.column_type AS column_type,
         c.collation_name AS collation_name
       FROM information_schema.columns AS c
       JOIN information_schema.views AS v ON v.table_schema = c.table_schema AND v.table_name = c.table_name
       WHERE c.table_schema = DATABASE()`,
    );
    const types = new Map<string, Set<string>>();
    for (const row of rows) {
      const name = String(row['column_name']);
      // How wide a whole number is printed says nothing of its type, and MySQL says it no more.
      const type = String(row['column_type']).replace(/^((?:tiny|small|medium|big)?int)\(\d+\)/, '$1');
      const known = types.get(name) ?? new Set();
      types.set(name, known.add([type, row['collation_name'] ?? ''].join(' ').trim()));
    }
    const several = [...types].filter(([, found]) => found.size > 1);
    expect(several.map(([name, found]) => `${name}: ${[...found].join(', ')}`)).toEqual([]);
    expect([...types.get('preliminary')!]).toEqual(['int']);
    expect([...types.values()].filter((found) => found.has('tinyint'))).toEqual([]);
    expect(types.size).toBeGreaterThan(60);
  });

  /** Kept filled beside `unsigned_notes` and `is_unsigned` for one release. */
  const oldNames = new Set(['unsigned']);

  test('are no reserved words: none needs quotes in a query on this server', async () => {
    const refused: string[] = [];
    for (const [view, columns] of await viewColumns()) {
      for (const column of columns.filter((each) => !oldNames.has(each))) {
        await tested
          .query(`SELECT ${column}, t.${column}, 1 AS ${column} FROM ${view} AS t LIMIT 0`)
          .catch(() => refused.push(`${view}.${column}`));
      }
    }
    expect(refused).toEqual([]);
  });

  test('are no reserved words of MySQL 8.4 and 9 or MariaDB 10.11', async () => {
    const columns = new Set([...(await viewColumns()).values()].flat());
    expect([...columns].filter((column) => sqlWords.has(column)).toSorted()).toEqual([...oldNames]);
  });
});

describe('months and billing cycles', () => {
  const year = { from: '2027-01-01' as IsoDate, to: '2027-12-31' as IsoDate };
  const months = [
    'January',
    'February',
    'March',
    'April',
    'May',
    'June',
    'July',
    'August',
    'September',
    'October',
    'November',
    'December',
  ];

  test('have English names in a session of any language, a number to sort by, and a first day', async () => {
    for (const { from } of periodsNewestFirst('utilization', year)) {
      await publishRows(tested.warehouse, 'utilization', from, []);
    }
    const connection = await tested.warehouse.connectApart();
    await connection.query("SET SESSION lc_time_names = 'de_DE'");
    const [rows] = await connection.query(
      `SELECT ym, year, month_number, month_name, month_start, billing_cycle FROM v_period
       WHERE report = 'utilization' AND year = 2027 ORDER BY month_number`,
    );
    await connection.end();
    expect(rows).toEqual(
      months.map((month, index) => {
        const ym = `2027-${String(index + 1).padStart(2, '0')}`;
        return {
          ym,
          year: 2027,
          month_number: index + 1,
          month_name: month,
          month_start: `${ym}-01`,
          billing_cycle: null,
        };
      }),
    );
  });

  test('are those of the rows, to the last day', async () => {
    expect(
      await tested.query(
        `SELECT DISTINCT n.period_start, p.period_end, p.ym, p.month_name, p.billing_cycle, p.preliminary
         FROM notes AS n JOIN v_notes_by_cycle AS p ON p.period_start = n.period_start AND p.period_end = n.period_end
           AND p.ym = n.ym AND p.billing_cycle = n.billing_cycle
         ORDER BY n.period_start`,
      ),
    ).toEqual(
      [
        ['2026-10-01', '2026-10-15', '1-15', 0],
        ['2026-10-16', '2026-10-31', '16-eom', 1],
      ].map(([from, to, cycle, preliminary]) => ({
        period_start: from,
        period_end: to,
        ym: '2026-10',
        month_name: 'October',
        billing_cycle: cycle,
        preliminary,
      })),
    );
  });

  test('mark every row of a preliminary period', async () => {
    expect(
      await tested.query(
        'SELECT billing_cycle, MIN(preliminary) AS least, MAX(preliminary) AS most FROM v_notes GROUP BY billing_cycle ORDER BY billing_cycle',
      ),
    ).toEqual([
      { billing_cycle: '1-15', least: 0, most: 0 },
      { billing_cycle: '16-eom', least: 1, most: 1 },
    ]);
  });
});

async function endRun(run: { period: Period; outcome: Outcome; finishedAt: string }): Promise<void> {
  const identity = aRun('notes', { period: run.period });
  await recordOutcome(tested.warehouse, {
    run: identity,
    outcome: 'failed',
    failureType: 'ExportTimedOut',
  });
  await tested.query(
    `UPDATE pipeline_run SET outcome = '${run.outcome}', finished_at = '${run.finishedAt}' WHERE run_id = '${identity.runId}'`,
  );
}

describe('v_data_status', () => {
  test('has one row for each report and period, and says what `client status` says', async () => {
    await tested.empty();
    const { first, held } = await withHeldRun(tested.warehouse);
    await publishRows(tested.warehouse, 'notes', '2026-10-16', [], { preliminary: true });
    const november = { from: '2026-11-01' as IsoDate, to: '2026-11-15' as IsoDate };
    await recordOutcome(tested.warehouse, {
      run: aRun('notes', { period: november }),
      outcome: 'failed',
      failureType: 'ExportTimedOut',
      failureMessage: 'too slow',
    });
    const rows = await tested.query('SELECT * FROM v_data_status ORDER BY report DESC, period_start DESC');
    expect(rows.map(asStatus)).toEqual((await readStatus(tested.warehouse)).map(toldByView));
    expect(rows).toMatchObject([
      {
        period_start: '2026-09-01',
        published_run_id: first.run.runId,
        row_count: 20,
        held_runs: 1,
        last_run_id: held.run.runId,
        last_outcome: 'held',
        last_rows_rejected: 2,
        data_as_of: '2026-11-11 08:00:00.000',
        preliminary: 0,
        newest_period: 1,
        pinned: 0,
      },
      {
        period_start: '2026-11-01',
        published_run_id: null,
        row_count: null,
        data_as_of: null,
        preliminary: null,
        newest_period: 0,
        last_outcome: 'failed',
        last_failure_type: 'ExportTimedOut',
        month_name: 'November',
        billing_cycle: '1-15',
      },
      { period_start: '2026-10-16', row_count: 0, preliminary: 1, newest_period: 1, billing_cycle: '16-eom' },
    ]);
  });

  test('and `client status` leave out a run that was refused for its input, and keep every other one', async () => {
    await tested.empty();
    const october = { from: '2026-10-16' as IsoDate, to: '2026-10-31' as IsoDate };
    const future = { from: '2099-11-01' as IsoDate, to: '2099-11-15' as IsoDate };
    const refused = { outcome: 'failed', failureType: 'InvalidInput' } as const;
    const end = (changes: Partial<RunIdentity>) =>
      recordOutcome(tested.warehouse, { run: aRun('notes', changes), ...refused });
    await end({ period: october, source: 'file' });
    await end({ period: future, source: 'portal' });
    expect(await tested.query('SELECT * FROM v_data_status')).toEqual([]);
    expect(await readStatus(tested.warehouse)).toEqual([]);

    await publishRows(tested.warehouse, 'notes', '2026-10-16', []);
    await end({ period: october, source: 'file' });
    const shown = async () =>
      [
        ...(await tested.query('SELECT state FROM v_data_status')).map(({ state }) => String(state)),
        ...(await readStatus(tested.warehouse)).map((each) => stateOf(each, new Date())),
      ] as const;
    expect(await shown()).toEqual(['settled', 'settled']);
    // Such as a recipe that cannot be used.
    await end({ period: october, source: 'portal' });
    expect(await shown()).toEqual(['failed', 'failed']);
  });

  test('has the state that the domain has, of every kind', async () => {
    await tested.empty();
    const cycles = periodsNewestFirst('notes', { from: '2026-05-01', to: '2026-10-31' } as Period);
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    const loads: readonly (Partial<PublishRequest> | null)[] = [
      {},
      { preliminary: true, staleAt: soon },
      { preliminary: true, staleAt: '2026-11-01T00:00:00.000Z' },
      null,
    ];
    const ends: readonly (readonly Outcome[])[] = [[], ['failed'], ['cancelled'], ['failed', 'cancelled']];
    let at = 0;
    for (const load of loads) {
      for (const outcomes of [...ends, ['held'], ['held', 'cancelled'], ['held', 'failed']] as Outcome[][]) {
        if (load === null && outcomes.length === 0) continue;
        const period = cycles[at % cycles.length]!;
        await tested.empty();
        at += 1;
        if (load !== null) await publishRows(tested.warehouse, 'notes', period.from, [], load);
        for (const [place, outcome] of outcomes.entries()) {
          await endRun({ period, outcome, finishedAt: `2027-01-01 00:00:0${String(place)}.000` });
        }
        const [row] = await tested.query('SELECT state FROM v_data_status');
        const [status] = await readStatus(tested.warehouse);
        expect(row?.['state']).toBe(stateOf(status!, new Date()));
        seen.add(String(row?.['state']));
      }
    }
    expect([...seen].toSorted()).toEqual([...periodStates].toSorted());
  });
  const seen = new Set<string>();

  test('marks the newest period that shows anything, and reports the age of its data', async () => {
    const rows = await tested.query(
      `SELECT report, period_start, data_as_of, data_age_hours,
         TIMESTAMPDIFF(HOUR, data_as_of, UTC_TIMESTAMP()) AS hours
       FROM v_data_status WHERE newest_period = 1 ORDER BY report`,
    );
    expect(rows).toMatchObject([
      { report: 'notes', period_start: '2026-10-16', data_as_of: '2026-11-20 08:00:00.000' },
      { report: 'utilization', period_start: '2026-10-01', data_as_of: '2026-11-20 08:00:00.000' },
    ]);
    for (const row of rows) expect(row['data_age_hours']).toBe(row['hours']);
  });

  test('marks a period that was put back as pinned', async () => {
    await tested.empty();
    const first = theFirst();
    await publishPeriod(tested.warehouse, first);
    await publishPeriod(tested.warehouse, {
      ...first,
      run: aRun('utilization', { source: 'rollback' }),
      decision: aDecision('rollback', { restores: first.run.runId }),
    });
    const [row] = await tested.query('SELECT pinned, pinned_at FROM v_data_status');
    expect(row?.['pinned']).toBe(1);
    expect(row?.['pinned_at']).not.toBeNull();
  });
});

/** What the view tells of a period's status. */
function toldByView(status: PeriodStatus) {
  const { report, from, to, published, pinned, held, lastRun } = status;
  const { workflowId: _workflowId, failureMessage: _message, ...run } = lastRun;
  const { moved: _moved, ...shown } = published ?? { moved: null };
  return {
    report,
    from,
    to,
    published: published === null ? null : shown,
    pinned: pinned?.at ?? null,
    held: held.length,
    state: stateOf(status, new Date()),
    lastRun: run,
  };
}

/** A row of the view in the shape of `readStatus`. */
function asStatus(row: RowDataPacket) {
  return {
    report: row['report'] as string,
    from: row['period_start'] as string,
    to: row['period_end'] as string,
    published:
      row['published_run_id'] === null
        ? null
        : {
            runId: row['published_run_id'] as string,
            rows: row['row_count'] as number,
            at: row['published_at'] as string,
            exportedAt: row['data_as_of'] as string,
            preliminary: row['preliminary'] === 1,
            staleAt: row['stale_at'] as string | null,
          },
    pinned: row['pinned_at'] as string | null,
    held: row['held_runs'] as number,
    state: row['state'] as string,
    lastRun: {
      runId: row['last_run_id'] as string,
      outcome: row['last_outcome'] as string,
      finishedAt: row['last_finished_at'] as string,
      rowsRejected: row['last_rows_rejected'] as number | null,
      failureType: row['last_failure_type'] as string | null,
    },
  };
}

test('docs/tables.md explains every view and every column', async () => {
  const page = await readFile(new URL('../../../docs/tables.md', import.meta.url), 'utf8');
  const named = new Set(Array.from(page.matchAll(/`([a-z0-9_]+)`/g), (match) => match[1]!));
  const columns = await viewColumns();
  const wanted = [...columns.keys(), ...[...columns.values()].flat()];
  expect(wanted.filter((each) => !named.has(each))).toEqual([]);
});
