import { describe, expect, test } from 'vitest';
import { checkLevels, createRowCheck, type CheckLevels } from '../../src/domain/checks.ts';
import { createClassifier } from '../../src/rows/classifyRecord.ts';
import { readHeader } from '../../src/rows/exportHeader.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import type { Readings } from '../../src/reports/report.ts';
import { byReport, reports, type ReportName } from '../../src/reports/index.ts';
import { shippedReports } from '../shippedReports.ts';
import type { Rules } from '../../src/domain/rules.ts';

/** In cents and ten-thousandths, all of them as they should be. */
function anAuthorization(changes: Readings = {}): Readings {
  return {
    client: 'SMITH, JOHN',
    qp: null,
    authorizing_payer: null,
    service_code: 'CN',
    authorization_number: '0012',
    start_date: '2026-10-01',
    end_date: '2026-10-31',
    authorized_units: 400_0000,
    in_process_units: 10_0000,
    billed_units: 20_0000,
    authorized_dollars: 1_000_00,
    in_process_dollars: 100_00,
    billed_dollars: 200_00,
    variance_billed: null,
    ...changes,
  };
}

function aNote(changes: Readings = {}): Readings {
  return {
    client: 'SMITH, JOHN',
    caregiver: 'DOE, ANA',
    client_supervisor: null,
    service_code: 'CN',
    date_of_service: '2026-10-02',
    staff_sign_date: { date: '2026-10-02', at: null },
    days_to_sign: 0,
    ...changes,
  };
}

/** What the report's checks find in a row, all of them of this level. */
function checkRow(report: ReportName, row: Readings, level: 'error' | 'warning') {
  return createRowCheck(reports[report].checks, everyCheck(level)[report])(row);
}

const everyCheck = (level: 'error' | 'warning'): CheckLevels =>
  byReport((name) => Object.fromEntries(Object.keys(reports[name].checks).map((check) => [check, level])));

const signedOn = (date: string) => ({ staff_sign_date: { date: date as IsoDate, at: null } });

const authorizations: { title: string; row: Readings; finds?: string; at?: string }[] = [
  { title: 'an authorization like any other', row: {} },
  {
    title: 'an end on the day of the start',
    row: { end_date: '2026-10-01' },
  },
  {
    title: 'an end on the day before the start',
    row: { end_date: '2026-09-30' },
    finds: 'end-before-start',
    at: 'end_date',
  },
  {
    title: 'negative units with positive dollars',
    row: { billed_units: -1 },
    finds: 'negative-units',
    at: 'billed_units',
  },
  {
    title: 'negative units without dollars',
    row: { in_process_units: -3_0000, in_process_dollars: null },
    finds: 'negative-units',
    at: 'in_process_units',
  },
  {
    title: 'negative units of zero dollars',
    row: { authorized_units: -3_0000, authorized_dollars: 0, in_process_dollars: null, billed_dollars: 0 },
    finds: 'negative-units',
    at: 'authorized_units',
  },
  {
    title: 'a reversal of units and dollars',
    row: { billed_units: -2_0000, billed_dollars: -20_00 },
  },
  {
    title: 'a reversal beside negative units that are none: the latter is named',
    row: { in_process_units: -2_0000, in_process_dollars: -20_00, billed_units: -1 },
    finds: 'negative-units',
    at: 'billed_units',
  },
  { title: 'negative dollars without units', row: { billed_units: null, billed_dollars: -20_00 } },
  { title: 'all that is authorized is spent', row: { billed_dollars: 900_00 } },
  {
    title: 'a cent more than is authorized is spent',
    row: { billed_dollars: 900_01 },
    finds: 'over-authorized',
    at: 'authorized_dollars',
  },
  {
    title: 'more is billed than authorized, and nothing in process',
    row: { in_process_dollars: null, billed_dollars: 1_000_01 },
    finds: 'over-authorized',
    at: 'authorized_dollars',
  },
  {
    title: 'spending where the authorized dollars are blank',
    row: { authorized_dollars: null },
    finds: 'unauthorized-spending',
    at: 'authorized_dollars',
  },
  {
    title: 'spending where nothing is authorized',
    row: { authorized_dollars: 0, in_process_dollars: null, billed_dollars: 1 },
    finds: 'unauthorized-spending',
    at: 'authorized_dollars',
  },
  {
    title: 'a reversal where nothing is authorized',
    row: { authorized_dollars: 0, in_process_dollars: 0, billed_dollars: -1 },
    finds: 'unauthorized-spending',
    at: 'authorized_dollars',
  },
  {
    title: 'nothing authorized and nothing spent',
    row: { authorized_dollars: null, in_process_dollars: 0, billed_dollars: null },
  },
  {
    title: 'nothing authorized, and spending taken back to the cent',
    row: { authorized_dollars: 0, in_process_dollars: 5_00, billed_dollars: -5_00 },
  },
];

const notes: { title: string; row: Readings; finds?: string; at?: string }[] = [
  { title: 'signed on the day of the service', row: {} },
  { title: 'signed later', row: signedOn('2026-10-09') },
  { title: 'unsigned', row: { staff_sign_date: null, days_to_sign: null } },
  {
    title: 'signed on the day before the service',
    row: signedOn('2026-10-01'),
    finds: 'signed-before-service',
    at: 'staff_sign_date',
  },
];

describe('what the checks find', () => {
  test.each(authorizations)('utilization: $title', ({ row, finds, at }) => {
    expectFound('utilization', anAuthorization(row), { finds, at });
  });

  test.each(notes)('notes: $title', ({ row, finds, at }) => {
    expectFound('notes', aNote(row), { finds, at });
  });

  test('more than one thing: every warning, but the first error only', () => {
    const row = anAuthorization({
      end_date: '2026-09-30',
      billed_units: -1,
      billed_dollars: 5_000_00,
    });
    const all = ['end-before-start', 'negative-units', 'over-authorized'];
    expect(checkRow('utilization', row, 'warning').warnings).toEqual(all);
    expect(checkRow('utilization', row, 'error')).toMatchObject({
      error: { fault: { rule: 'end-before-start' } },
      warnings: [],
    });
  });
});

/** As a warning and as an error. */
function expectFound(
  report: ReportName,
  row: Readings,
  { finds, at }: { finds: string | undefined; at: string | undefined },
): void {
  const asWarning = checkRow(report, row, 'warning');
  expect(asWarning).toEqual({ error: undefined, warnings: finds === undefined ? [] : [finds] });
  const { error, warnings } = checkRow(report, row, 'error');
  expect([error?.fault.rule, error?.column, warnings]).toEqual([finds, at, []]);
}

test.each(shippedReports)('every check of %s is met by a row above', (report) => {
  const met = new Set([...authorizations, ...notes].map(({ finds }) => finds));
  expect(Object.keys(reports[report].checks).filter((name) => !met.has(name))).toEqual([]);
});

const headings: Readonly<Record<string, string>> = {
  client: 'SMITH, JOHN',
  caregiver: 'DOE, ANA',
  service_code: 'CN (10/01/2026)',
  authorization_number: '0012',
  start_date: '10/01/2026',
  end_date: '10/31/2026',
  date_of_service: '10/02/2026',
};

/** Judges a record of those cells and blanks, in a period of October 2026. */
function judge(
  report: ReportName,
  cells: Readonly<Record<string, string>>,
  checks: CheckLevels,
  excludedServices: readonly string[] = [],
) {
  const rules: Rules = {
    groups: new Map(),
    excludedServices: new Set(excludedServices),
    supervisor: { lincsQp: '', deepCreekQp: '' },
    columnAliases: byReport(() => new Map()),
    checks,
    reading: byReport(() => ({ blankWords: new Set(), decodeHtmlEntities: false })),
  };
  const layout = readHeader(report, reports[report].exportColumns, rules);
  const record = {
    line: 7,
    cells: reports[report].exportColumns.map((column) => cells[column] ?? headings[column] ?? ''),
  };
  const period = { from: '2026-10-01' as IsoDate, to: '2026-10-31' as IsoDate };
  return createClassifier(report, { layout, period, rules })(record).verdict;
}

describe('what becomes of a row that a check finds fault with', () => {
  const backwards = { start_date: '10/20/2026', end_date: '09/10/2026' };

  test('of level error it is rejected with column, rule and reason, and without the cell', () => {
    const verdict = judge('utilization', { end_date: '09/30/2026' }, everyCheck('error'));
    expect(verdict).toEqual({
      kind: 'rejected',
      column: 'end_date',
      rule: 'end-before-start',
      reason: 'is before the start date',
    });
  });

  test('of level warning it is kept, and says which warnings', () => {
    const cells = { billed_dollars: '$10.00', billed_units: '-1' };
    expect(judge('utilization', cells, everyCheck('warning'))).toMatchObject({
      kind: 'kept',
      values: { billed_dollars: 1000 },
      warnings: ['negative-units', 'unauthorized-spending'],
    });
  });

  test('a note signed before its service is kept with a warning, or rejected', () => {
    const cells = { staff_sign_date: '10/01/2026 11:59 PM' };
    expect(judge('notes', cells, everyCheck('warning'))).toMatchObject({
      kind: 'kept',
      warnings: ['signed-before-service'],
    });
    expect(judge('notes', cells, everyCheck('error'))).toMatchObject({
      kind: 'rejected',
      column: 'staff_sign_date',
      rule: 'signed-before-service',
    });
  });

  test('a row without fault has no warning', () => {
    expect(judge('utilization', {}, everyCheck('error'))).toMatchObject({ kind: 'kept', warnings: [] });
  });

  test('a cell that cannot be read comes first, and a service left out before all', () => {
    const cells = { ...backwards, billed_units: 'many' };
    expect(judge('utilization', cells, everyCheck('error'))).toMatchObject({ rule: 'not-a-number' });
    expect(judge('utilization', cells, everyCheck('error'), ['CN'])).toEqual({ kind: 'excluded' });
  });

  test('an end before the start is reported as that, though the row then also misses the period', () => {
    expect(judge('utilization', backwards, everyCheck('error'))).toMatchObject({ rule: 'end-before-start' });
  });

  test.each(checkLevels)('outside the period is always an error, with checks of level %s', (level) => {
    const november = { start_date: '11/01/2026', end_date: '11/30/2026', billed_dollars: '$1.00' };
    const lenient = { ...everyCheck('warning'), utilization: everyCheck(level).utilization };
    const verdict = judge('utilization', { ...november, authorized_dollars: '$2.00' }, lenient);
    expect(verdict).toMatchObject({ kind: 'rejected', rule: 'outside-period' });
  });
});
