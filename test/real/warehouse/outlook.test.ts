import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { authorizationOutlook } from '../../../src/domain/authorizationOutlook.ts';
import type { AuthorizationRow } from '../../../src/domain/dashboardSums.ts';
import type { IsoDate } from '../../../src/domain/dates.ts';
import { decimalText, scales } from '../../../src/domain/decimals.ts';
import { figureMeanings, type FiguresAre } from '../../../src/domain/figuresAre.ts';
import { readDashboardRows } from '../../../src/warehouse/dashboardRows.ts';
import { publishPeriod } from '../../../src/warehouse/publish.ts';
import { recordFiguresAre } from '../../../src/warehouse/figuresSetting.ts';
import { goldenMonths } from '../../golden/golden.ts';
import { goldenRows } from '../dashboard/dashboardSite.ts';
import { anAuthorization, aPublish, aRun, type Row } from './aPublish.ts';
import { outlookOfRows, type PlainRow } from './outlookOracle.ts';
import { TestWarehouse } from './testWarehouse.ts';

let tested: TestWarehouse;

beforeAll(async () => {
  tested = await TestWarehouse.start();
});
afterAll(() => tested.stop());
beforeEach(async () => {
  await tested.empty();
  await tested.warehouse.pool.query('DELETE FROM report_setting');
});

type Figures = Readonly<Record<string, string | null>>;

/** The view's rows by authorization, every figure as text. */
async function viewRows(): Promise<Record<string, Figures>> {
  const rows = await tested.query('SELECT * FROM v_authorization_outlook_names');
  return Object.fromEntries(
    rows.map((row) => [
      `${String(row['authorization_number'])} ${String(row['service_code'])} ${String(row['start_date'])}`,
      Object.fromEntries(compared.map((column) => [column, textOf(row[column] as string | number | null)])),
    ]),
  );
}

function textOf(value: string | number | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

const compared = [
  'as_of',
  'end_date',
  'row_count',
  'authorized_dollars',
  'used_dollars',
  'figures_from',
  'figures_to',
  'days_left',
  'time_gone',
  'util',
  'target_dollars',
  'off_target',
  'per_week_4',
  'per_week_4_days',
  'per_week_8',
  'per_week_8_days',
  'projected_from',
  'projected_use',
  'projected_unspent',
  'projected_exhaustion',
  'last_change',
] as const;

async function pageRows(figuresAre: FiguresAre): Promise<readonly AuthorizationRow[]> {
  const year = { from: '1990-01-01' as IsoDate, to: '2099-12-31' as IsoDate };
  const rows = await readDashboardRows(tested.warehouse, {
    names: false,
    figuresAre,
    days: () => ({ months: year, recentNotes: null, runs: year }),
  });
  return rows!.authorizations;
}

const money = (cents: bigint | null | undefined) =>
  cents === null || cents === undefined ? null : decimalText(cents, scales.dollars);
const share = (millionths: bigint | null) =>
  millionths === null ? null : decimalText(millionths, scales.ratio);

/** The same by the functions that the pages use. */
async function domainRows(figuresAre: FiguresAre): Promise<Record<string, Figures>> {
  const rows = await pageRows(figuresAre);
  return Object.fromEntries(
    rows.map((row) => {
      const outlook = authorizationOutlook(row, figuresAre);
      const { figureDays, perWeekOf4, perWeekOf8 } = outlook;
      const figures: Record<(typeof compared)[number], string | null> = {
        as_of: row.asOf,
        end_date: row.endDate,
        row_count: String(row.rows),
        authorized_dollars: money(row.authorizedCents),
        used_dollars: money(row.usedCents),
        figures_from: figureDays.from,
        figures_to: figureDays.to,
        days_left: String(outlook.daysLeft),
        time_gone: share(outlook.timeGone),
        util: share(outlook.shareUsed),
        target_dollars: money(outlook.targetCents),
        off_target: money(outlook.offTargetCents),
        per_week_4: money(perWeekOf4?.cents),
        per_week_4_days: textOf(perWeekOf4?.days),
        per_week_8: money(perWeekOf8?.cents),
        per_week_8_days: textOf(perWeekOf8?.days),
        projected_from: outlook.projectedFrom,
        projected_use: money(outlook.projectedUseCents),
        projected_unspent: money(outlook.projectedUnspentCents),
        projected_exhaustion: outlook.projectedExhaustion,
        last_change: outlook.lastChange,
      };
      return [`${row.authorizationNumber} ${row.serviceCode} ${row.startDate}`, figures];
    }),
  );
}

/** The same once more, from the tables' own rows, by arithmetic that shares nothing with the product. */
async function independentRows(figuresAre: FiguresAre): Promise<Record<string, Figures>> {
  const [newest] = await tested.query(
    "SELECT * FROM published_period WHERE report = 'utilization' ORDER BY period_start DESC LIMIT 1",
  );
  return outlookOfRows({
    published: newest as PlainRow,
    rows: await tested.query('SELECT * FROM utilization'),
    history: await tested.query('SELECT * FROM authorization_history'),
    figuresAre,
  });
}

interface Load {
  readonly month: string;
  readonly on: string;
  readonly rows: readonly Row[];
}

function lastDay(month: string): IsoDate {
  return new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0))
    .toISOString()
    .slice(0, 10) as IsoDate;
}

let exports = 0;

/** Each load is of another export. */
async function load({ month, on, rows }: Load): Promise<void> {
  exports += 1;
  const period = { from: `${month}-01` as IsoDate, to: lastDay(month) };
  const versions = {
    exportSha256: exports.toString(16).padStart(64, '0'),
    rulesSha256: 'a'.repeat(64),
    codeVersion: 'test',
  };
  const result = await publishPeriod(
    tested.warehouse,
    aPublish(aRun('utilization', { period }), rows, {
      versions,
      exportedOn: on as IsoDate,
      exportedAt: `${on}T12:00:00.000Z`,
    }),
  );
  expect(result.kind).toBe('published');
}

async function expectEqual(): Promise<Record<FiguresAre, Record<string, Figures>>> {
  const found = {} as Record<FiguresAre, Record<string, Figures>>;
  for (const figuresAre of figureMeanings) {
    await recordFiguresAre(tested.warehouse, figuresAre);
    const view = await viewRows();
    expect(await domainRows(figuresAre)).toEqual(view);
    expect(await independentRows(figuresAre)).toEqual(view);
    found[figuresAre] = view;
  }
  return found;
}

/** An authorization of a year of days, of which a load has these figures. */
function item(number: string, change: Row): Row {
  return anAuthorization(2, {
    authorization_number: number,
    in_process_dollars: null,
    authorized_dollars: '1000.00',
    ...change,
  });
}

function inOrder(rows: readonly Row[], month: string): Row[] {
  return rows.map((row, index) => ({ ...row, source_line: String(index + 2), ym: month }));
}

const term = (start_date: string, end_date: string) => ({ start_date, end_date });

/** What every load has of them, by the load's place. */
const hardCases: Readonly<Record<string, (place: number) => Row | undefined>> = {
  'over a leap day': (place) => ({
    ...term('2028-01-15', '2028-03-15'),
    billed_dollars: `${String(place * 77)}.13`,
  }),
  'of one day, the leap day': () => ({ ...term('2028-02-29', '2028-02-29'), billed_dollars: '1.00' }),
  'that ends before it starts': () => ({ ...term('2028-02-20', '2028-02-10'), billed_dollars: '3.33' }),
  'that has not started': () => ({ ...term('2028-06-01', '2028-12-31'), billed_dollars: '0.00' }),
  'that has ended': (place) => ({
    ...term('2027-12-01', '2028-02-05'),
    billed_dollars: `${String(place * 100)}.00`,
  }),
  'that starts on the day of the load': () => ({
    ...term('2028-04-01', '2028-04-30'),
    billed_dollars: '12.34',
  }),
  'that ends on the day of the load': (place) => ({
    ...term('2028-02-01', '2028-04-01'),
    billed_dollars: `${String(place * 10)}.01`,
  }),
  'that only the last load lists': (place) =>
    place === 5 ? { ...term('2027-07-01', '2028-06-30'), billed_dollars: '700.07' } : undefined,
  'whose figures go back': (place) => ({
    ...term('2027-07-01', '2028-06-30'),
    billed_dollars: `${String(900 - place * 100)}.00`,
  }),
  'below zero': () => ({ ...term('2027-07-01', '2028-06-30'), billed_dollars: '-55.55' }),
  'of negative dollars': (place) => ({
    ...term('2027-07-01', '2028-06-30'),
    authorized_dollars: '-1000.00',
    billed_dollars: `-${String(place * 100)}.00`,
  }),
  'with zero authorized': (place) => ({
    ...term('2027-07-01', '2028-06-30'),
    authorized_dollars: '0.00',
    billed_dollars: `${String(place)}.00`,
  }),
  'with a blank amount': (place) => ({
    ...term('2027-07-01', '2028-06-30'),
    authorized_dollars: null,
    billed_dollars: `${String(place)}.00`,
  }),
  'with nothing used': () => ({ ...term('2027-07-01', '2028-06-30'), billed_dollars: null }),
  'used up': () => ({ ...term('2027-07-01', '2028-06-30'), billed_dollars: '1000.00' }),
  'about to be used up': (place) => ({
    ...term('2027-07-01', '2028-06-30'),
    billed_dollars: `${String(place * 190)}.00`,
  }),
  'amended in between': (place) => ({
    ...term('2027-07-01', '2028-06-30'),
    authorized_dollars: place < 4 ? '1000.00' : '2000.00',
    billed_dollars: '10.00',
  }),
  'of the largest amounts': (place) => ({
    ...term('2027-07-01', '2028-06-30'),
    authorized_dollars: '999999999999.99',
    billed_dollars: `${String(place)}99999999999.97`,
  }),
  'of one cent': () => ({
    ...term('2027-07-01', '2028-06-30'),
    authorized_dollars: '0.01',
    billed_dollars: '0.01',
  }),
};

function hardRows(place: number): Row[] {
  return Object.entries(hardCases).flatMap(([number, figures]) => {
    const own = figures(place);
    return own === undefined ? [] : [item(number, own)];
  });
}

describe('the outlook of authorizations is the same in the view, on the pages and by hand', () => {
  test('of hard cases, over many loads', async () => {
    // Two months, of which the newer counts; two loads on a day; gaps of less and more than a week.
    const loads = [
      { month: '2028-01', on: '2028-02-01', place: 1 },
      { month: '2028-02', on: '2028-02-03', place: 2 },
      { month: '2028-02', on: '2028-03-01', place: 3 },
      { month: '2028-01', on: '2028-03-01', place: 1 },
      { month: '2028-02', on: '2028-03-20', place: 1 },
      { month: '2028-02', on: '2028-03-20', place: 4 },
      { month: '2028-02', on: '2028-04-01', place: 5 },
    ];
    for (const { month, on, place } of loads)
      await load({ month, on, rows: inOrder(hardRows(place), month) });
    const { authorization } = await expectEqual();
    expect(Object.keys(authorization)).toHaveLength(Object.keys(hardCases).length);
    expect(authorization['over a leap day DS 2028-01-15']).toEqual({
      as_of: '2028-04-01',
      end_date: '2028-03-15',
      row_count: '1',
      authorized_dollars: '1000.00',
      used_dollars: '385.13',
      figures_from: '2028-01-15',
      figures_to: '2028-03-15',
      days_left: '0',
      time_gone: '1.000000',
      util: '0.385130',
      target_dollars: '1000.00',
      off_target: '-614.87',
      per_week_4: '34.77',
      per_week_4_days: '31',
      per_week_8: '27.88',
      per_week_8_days: '58',
      projected_from: '4 weeks',
      projected_use: '385.13',
      projected_unspent: '614.87',
      projected_exhaustion: null,
      last_change: '2028-04-01',
    });
    expect(authorization['about to be used up DS 2027-07-01']).toMatchObject({
      days_left: '90',
      projected_from: '4 weeks',
      projected_exhaustion: '2028-04-06',
    });
    expect(authorization['that only the last load lists DS 2027-07-01']).toMatchObject({
      per_week_4: null,
      projected_from: 'start',
      last_change: null,
    });
  });

  test('of one load alone, and where the history knows nothing', async () => {
    await load({ month: '2028-02', on: '2028-03-10', rows: inOrder(hardRows(3), '2028-02') });
    await expectEqual();
    await tested.warehouse.pool.query('DELETE FROM authorization_history');
    const { authorization } = await expectEqual();
    expect(authorization['used up DS 2027-07-01']).toMatchObject({ as_of: '2028-03-10', last_change: null });
  });

  test('of the golden months, each with the loads before it', async () => {
    const months = goldenMonths.filter(({ report }) => report === 'utilization');
    for (const [place, month] of months.entries()) {
      const ym = month.period.from.slice(0, 7);
      const rows = goldenRows(month);
      const first = rows.map((row, index) => (index % 3 === 0 ? { ...row, billed_dollars: '0.00' } : row));
      const days = ['2026-09-09', '2026-10-08', '2026-11-04'];
      const later = ['2026-09-30', '2026-10-30', '2026-11-16'];
      await load({ month: ym, on: days[place]!, rows: again(first) });
      await load({ month: ym, on: later[place]!, rows: again(rows) });
      const { authorization } = await expectEqual();
      expect(Object.keys(authorization).length).toBeGreaterThan(20);
    }
  });

  test('of one number that two people share, without saying whose it is', async () => {
    const other = {
      client: 'ARDEN, IRIS',
      client_code: 'IRIAR',
      client_key: 'aaaaaaaaaaaaaaaa',
      qp_key: null,
    };
    const rows = [item('7', {}), item('7', other), item('8', {})];
    await load({ month: '2026-09', on: '2026-09-20', rows: inOrder(rows, '2026-09') });
    await expectEqual();
    const shown = await tested.query(
      'SELECT client, client_key, qp_key, row_count FROM v_authorization_outlook_names ORDER BY authorization_number',
    );
    expect(shown).toEqual([
      { client: null, client_key: null, qp_key: null, row_count: 2 },
      {
        client: 'LARKSPUR, CLEMENCE',
        client_key: '0123456789abcdef',
        qp_key: 'fedcba9876543210',
        row_count: 1,
      },
    ]);
    expect(
      (await pageRows('authorization')).map(({ clientKey, qpKeys, sharedByQps }) => [
        clientKey,
        qpKeys,
        sharedByQps,
      ]),
    ).toEqual([
      [null, [null, 'fedcba9876543210'], true],
      ['0123456789abcdef', ['fedcba9876543210'], false],
    ]);
  });
});

/** Without what follows from the amounts: that is worked out again. */
function again(rows: readonly Row[]): Row[] {
  return rows.map(({ util: _util, variance: _variance, ...row }, index) => anAuthorization(index + 2, row));
}
