import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dashboardDays } from '../../../src/dashboard/days.ts';
import { dollarFigures, groupedBy, noteFigures } from '../../../src/dashboard/pageFigures.ts';
import type { NotesTuple, PageData, UtilizationTuple } from '../../../src/dashboard/pageData.ts';
import { buildPageData } from '../../../src/dashboard/buildPageData.ts';
import { decimalText, ratio, scales } from '../../../src/domain/decimals.ts';
import { spanState, type SpanPeriod } from '../../../src/domain/periodState.ts';
import { readDashboardRows } from '../../../src/warehouse/dashboardRows.ts';
import { someQuestion } from '../../dashboard/someRows.ts';
import { TestWarehouse } from '../warehouse/testWarehouse.ts';
import { loadDashboardMonths } from './dashboardSite.ts';

/** Each figure that a page shows and a view has too: worked out by the page's arithmetic, and read from the view. */
let tested: TestWarehouse;
let data: PageData;

async function pageData(month?: string, months?: number): Promise<PageData> {
  const rows = await readDashboardRows(tested.warehouse, {
    names: false,
    figuresAre: 'authorization',
    days: (periods) => dashboardDays(periods, month, months),
  });
  return buildPageData(rows!, someQuestion);
}

beforeAll(async () => {
  tested = await TestWarehouse.start();
  await loadDashboardMonths(tested);
  data = await pageData();
}, 600_000);
afterAll(() => tested.stop());

type Figures = Readonly<Record<string, string | null>>;

/** Rows of a view as text, by some of their columns. */
async function viewRows(view: string, by: readonly string[], where = '1 = 1'): Promise<Map<string, Figures>> {
  const rows = await tested.query(`SELECT * FROM ${view} WHERE ${where}`);
  return new Map(
    rows.map((row) => [
      by.map((column) => String(row[column])).join(' '),
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]),
      ),
    ]),
  );
}

/** What of `rows` the page says too, in its names. */
function asked(rows: Map<string, Figures>, columns: readonly string[]): Record<string, (string | null)[]> {
  return Object.fromEntries(
    [...rows].map(([key, figures]) => [key, columns.map((column) => figures[column] ?? null)]),
  );
}

const dollarColumns = [
  'row_count',
  'authorized_dollars',
  'in_process_dollars',
  'billed_dollars',
  'used_dollars',
  'not_utilized',
  'under_dollars',
  'over_dollars',
];

function dollarTexts(tuples: readonly UtilizationTuple[]): string[] {
  const figures = dollarFigures(tuples);
  const { authorizedCents, inProcessCents, billedCents, usedCents, notUtilizedCents, underCents, overCents } =
    figures;
  const cents = [
    authorizedCents,
    inProcessCents,
    billedCents,
    usedCents,
    notUtilizedCents,
    underCents,
    overCents,
  ];
  return [String(figures.rows), ...cents.map((each) => decimalText(each, scales.dollars))];
}

function dollarsBy(keyOf: (tuple: UtilizationTuple) => string) {
  return Object.fromEntries(
    Array.from(groupedBy(data.utilization, keyOf), ([key, tuples]) => [key, dollarTexts(tuples)]),
  );
}

function monthOf(tuple: UtilizationTuple): string {
  return data.months[tuple[0]]!;
}

function person(people: PageData['qps'], place: number): string {
  return people[place]!.key === '-' ? 'null' : people[place]!.key;
}

describe('utilization', () => {
  test.each<{ view: string; by: readonly string[]; keyOf: (tuple: UtilizationTuple) => string }>([
    { view: 'v_utilization_by_month', by: ['ym'], keyOf: monthOf },
    {
      view: 'v_utilization_by_group',
      by: ['ym', 'grp'],
      keyOf: (tuple) => `${monthOf(tuple)} ${String(data.services[tuple[3]]!.group)}`,
    },
    {
      view: 'v_utilization_by_qp',
      by: ['ym', 'qp_key'],
      keyOf: (tuple) => `${monthOf(tuple)} ${person(data.qps, tuple[1])}`,
    },
    {
      view: 'v_utilization_by_client',
      by: ['ym', 'client_key'],
      keyOf: (tuple) => `${monthOf(tuple)} ${person(data.clients, tuple[2])}`,
    },
    {
      view: 'v_utilization_by_service',
      by: ['ym', 'service_code'],
      keyOf: (tuple) => `${monthOf(tuple)} ${data.services[tuple[3]]!.code}`,
    },
  ])('of the page is that of $view, to the cent', async ({ view, by, keyOf }) => {
    const rows = await viewRows(view, by);
    expect(rows.size).toBeGreaterThan(3);
    expect(dollarsBy(keyOf)).toEqual(asked(rows, dollarColumns));
  });

  test('has the ratio of totals and the mean of rows that the view has, to the hundredth of a percent', async () => {
    const rows = await viewRows('v_utilization_by_month', ['ym']);
    for (const [place, tuples] of groupedBy(data.utilization, ([at]) => at)) {
      const { utilization, averageUtilization, usedCents, authorizedCents } = dollarFigures(tuples);
      const view = rows.get(data.months[place]!)!;
      const exact =
        authorizedCents === 0n
          ? null
          : decimalText(ratio(usedCents, authorizedCents, scales.ratio), scales.ratio);
      expect(view['util']).toBe(exact);
      expect(utilization === null ? null : Number(utilization) / 10_000).toBeCloseTo(Number(view['util']), 4);
      expect(Number(averageUtilization) / 10_000).toBeCloseTo(Number(view['avg_util']), 4);
    }
  });

  test('takes the same rows for respite', async () => {
    const [view] = await tested.query('SELECT COUNT(*) AS n FROM v_utilization WHERE is_rci = 1');
    const respite = data.utilization.filter((tuple) => data.services[tuple[3]]!.respite);
    expect(dollarFigures(respite).rows).toBe(Number(view!['n']));
    expect(respite.length).toBeGreaterThan(0);
  });
});

const noteColumns = ['row_count', 'on_time', 'late', 'unbillable', 'unsigned_notes', 'avg_days_to_sign'];

function noteTexts(tuples: readonly NotesTuple[]): (string | null)[] {
  const { rows, onTime, late, unbillable, unsigned, averageDays } = noteFigures(tuples);
  const days = averageDays === null ? null : decimalText(averageDays, scales.dollars);
  return [...[rows, onTime, late, unbillable, unsigned].map(String), days];
}

describe('notes', () => {
  test('by month are those of the view', async () => {
    const rows = await viewRows('v_notes_by_month', ['ym']);
    const page = Object.fromEntries(
      Array.from(
        groupedBy(data.notes, ([place]) => data.months[place]!),
        ([ym, own]) => [ym, noteTexts(own)],
      ),
    );
    expect(page).toEqual(asked(rows, noteColumns));
  });

  test('are preliminary in the months that the view says, for the same reason', async () => {
    const rows = await viewRows('v_notes_by_month', ['ym']);
    for (const [ym, view] of rows) {
      const cycles = data.periodStates.filter(({ report, month }) => report === 'notes' && month === ym);
      const { state, missing } = spanState(cycles satisfies readonly SpanPeriod[]);
      expect(cycles).toHaveLength(2);
      expect(missing.length).toBe(2 - Number(view['loaded_cycles']));
      expect(state === 'preliminary').toBe(view['preliminary'] === '1');
    }
  });

  test.each([24, 3, 1])('of the 90 days are those of the views, with %i months shown', async (months) => {
    const shown = await pageData(undefined, months);
    const recent = shown.notes.filter((tuple) => tuple[1] === 1);
    const [view] = (await viewRows('v_notes_last_90_days', ['first_day'])).values();
    expect(noteTexts(recent)).toEqual(noteColumns.map((column) => view![column]));
    expect(shown.recent).toEqual({
      from: view!['first_day'],
      to: view!['last_day'],
      loadedDays: Number(view!['loaded_days']),
    });
    const caregivers = await viewRows('v_notes_last_90_days_by_caregiver', ['caregiver_key']);
    expect(
      Object.fromEntries(
        Array.from(
          groupedBy(recent, (tuple) => shown.caregivers[tuple[2]]!.key),
          ([key, own]) => [key, noteTexts(own)],
        ),
      ),
    ).toEqual(asked(caregivers, noteColumns));
  });
});

test('each loaded period has the state, rows and preliminary of the view', async () => {
  const rows = await viewRows('v_data_status', ['report', 'period_start'], 'published_run_id IS NOT NULL');
  const states = new Map(data.periodStates.map(({ report, from, state }) => [`${report} ${from}`, state]));
  const page = data.loads.map(({ report, from, rows: count, preliminary }) => [
    `${report} ${from}`,
    [states.get(`${report} ${from}`), String(count), preliminary ? '1' : '0'],
  ]);
  expect(Object.fromEntries(page)).toEqual(asked(rows, ['state', 'row_count', 'preliminary']));
  expect([...states.values()]).toContain('held');
});
