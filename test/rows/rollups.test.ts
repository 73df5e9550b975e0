import { array, assert, constantFrom, integer, option, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIsoDate } from '../../src/domain/dates.ts';
import { fitsColumn } from '../../src/domain/decimals.ts';
import { noteStatus } from '../../src/domain/noteStatus.ts';
import { createRollup } from '../../src/rows/rollups.ts';
import type { Row } from '../../src/reports/report.ts';
import { plainColumns } from '../reports/plainRows.ts';
import { reports, type ReportName } from '../../src/reports/index.ts';
import { utilizationRatio, varianceCents } from '../../src/domain/utilizationFigures.ts';

const firstOfOctober = parseIsoDate('2026-10-01')!;

type Dollars = Parameters<typeof utilizationRatio>[0];

function anAuthorization(given: Row = {}): Row {
  const dollars: Dollars = { authorized_dollars: 10_000, in_process_dollars: 0, billed_dollars: 0, ...given };
  return {
    source_line: 2,
    client: 'OAKES, PIA',
    client_code: 'PIAOA',
    client_key: 'c1',
    qp: 'HALE, RUTH',
    qp_code: 'RUTHA',
    qp_key: 'q1',
    service_code: 'CLS',
    authorization_number: '0001',
    start_date: firstOfOctober,
    end_date: firstOfOctober,
    authorized_units: null,
    in_process_units: null,
    billed_units: null,
    variance_billed: null,
    ym: '2026-10',
    grp: 3,
    util: utilizationRatio(dollars),
    variance: varianceCents(dollars),
    ...dollars,
    ...given,
  };
}

interface GivenNote {
  readonly days_to_sign?: number;
  readonly signed?: boolean;
}

function aNote({
  days_to_sign = 0,
  signed = true,
  ...given
}: GivenNote & Readonly<Record<string, unknown>> = {}) {
  return {
    source_line: 2,
    client: 'OAKES, PIA',
    client_code: 'PIAOA',
    client_key: 'c1',
    caregiver: 'LARK, BEN',
    employee_code: 'BENLA',
    caregiver_key: 'g1',
    client_supervisor: 'HALE, RUTH',
    supervisor_code: 'RUTHA',
    supervisor_key: 'q1',
    service_code: 'DS',
    date_of_service: firstOfOctober,
    staff_sign_date: signed ? firstOfOctober : null,
    staff_signed_at: null,
    days_to_sign,
    note_status: noteStatus(days_to_sign, signed),
    billing_cycle: '1-15',
    ym: '2026-10',
    grp: 2,
    ...given,
  } as Row;
}

type Line = Record<string, string | null>;

/** The roll-ups' lines as objects, found by `dimension member`. */
function linesOf(report: ReportName, lines: Iterable<readonly (string | null)[]>): Map<string, Line> {
  const named = Array.from(lines, (cells): Line =>
    Object.fromEntries(reports[report].rollupColumns.map((column, index) => [column, cells[index]!])),
  );
  const byMember = new Map(named.map((line) => [`${line['dimension']!} ${line['member']!}`, line]));
  expect(byMember.size, 'no member stands twice').toBe(named.length);
  return byMember;
}

function rolledUp(rows: readonly Row[]): Map<string, Line> {
  const rollup = createRollup(reports.utilization, plainColumns);
  for (const row of rows) rollup.add(row);
  return linesOf('utilization', rollup.lines('2026-10'));
}

function rolledUpNotes(rows: readonly Row[]): Map<string, Line> {
  const rollup = createRollup(reports.notes, plainColumns);
  for (const row of rows) rollup.add(row);
  return linesOf('notes', rollup.lines('2026-10'));
}

/** In the column's last place. */
function sumOf(lines: Map<string, Line>, dimension: string, column: string): bigint {
  return [...lines.values()]
    .filter((line) => line['dimension'] === dimension)
    .reduce((sum, line) => sum + BigInt(line[column]!.replace('.', '')), 0n);
}

describe('utilization', () => {
  test('the ratio of totals is not the average of the rows’ ratios', () => {
    const lines = rolledUp([
      anAuthorization({ authorized_dollars: 100_00, billed_dollars: 100_00 }),
      anAuthorization({ authorized_dollars: 300_00, billed_dollars: 0 }),
    ]);
    expect(lines.get('total total')).toMatchObject({
      row_count: '2',
      util: '0.250000',
      avg_util: '0.500000',
    });
  });

  test('in process and billed both count as used', () => {
    const lines = rolledUp([
      anAuthorization({ authorized_dollars: 100_00, in_process_dollars: 30_05, billed_dollars: 20_10 }),
    ]);
    expect(lines.get('total total')).toMatchObject({
      authorized_dollars: '100.00',
      in_process_dollars: '30.05',
      billed_dollars: '20.10',
      not_utilized: '49.85',
      util: '0.501500',
    });
  });

  test('under- and over-utilized rows do not cancel out', () => {
    const lines = rolledUp([
      anAuthorization({ authorized_dollars: 100_00, billed_dollars: 40_00 }),
      anAuthorization({ authorized_dollars: 100_00, billed_dollars: 160_00 }),
    ]);
    expect(lines.get('total total')).toMatchObject({
      not_utilized: '0.00',
      under_dollars: '-60.00',
      over_dollars: '60.00',
    });
  });

  test.each([
    { title: 'zero', authorized_dollars: 0, notUtilized: '-50.00', over: '50.00' },
    { title: 'blank', authorized_dollars: null, notUtilized: '-50.00', over: '0.00' },
  ])('where $title is authorized there is no ratio', ({ authorized_dollars, notUtilized, over }) => {
    const lines = rolledUp([anAuthorization({ authorized_dollars, billed_dollars: 50_00 })]);
    expect(lines.get('total total')).toMatchObject({
      util: null,
      avg_util: null,
      not_utilized: notUtilized,
      over_dollars: over,
    });
  });

  test('a row without a ratio is left out of the average, and its dollars count', () => {
    const lines = rolledUp([
      anAuthorization({ authorized_dollars: 100_00, billed_dollars: 50_00 }),
      anAuthorization({ authorized_dollars: null, billed_dollars: 50_00 }),
    ]);
    expect(lines.get('total total')).toMatchObject({ util: '1.000000', avg_util: '0.500000' });
  });

  test('a dime a thousand times is a hundred dollars', () => {
    const dimes = Array.from({ length: 1000 }, () => anAuthorization({ billed_dollars: 10 }));
    expect(rolledUp(dimes).get('total total')).toMatchObject({ billed_dollars: '100.00' });
  });

  test('an average of ratios is rounded half away from zero', () => {
    const lines = rolledUp([anAuthorization({ util: 1 }), anAuthorization({ util: 2 })]);
    expect(lines.get('total total')).toMatchObject({ avg_util: '0.000002' });
    const negative = rolledUp([anAuthorization({ util: -1 }), anAuthorization({ util: -2 })]);
    expect(negative.get('total total')).toMatchObject({ avg_util: '-0.000002' });
  });

  test('each dimension has its members, people with their keys', () => {
    const lines = rolledUp([
      anAuthorization(),
      anAuthorization({
        client: 'ÅBERG, UNA',
        client_key: 'c2',
        qp: null,
        qp_key: null,
        grp: 0,
        service_code: 'XX',
      }),
    ]);
    expect(Array.from(lines, ([member, line]) => [member, line['member_key'], line['row_count']])).toEqual([
      ['total total', '', '2'],
      ['grp 3', '', '1'],
      ['grp 0', '', '1'],
      ['qp HALE, RUTH', 'q1', '1'],
      ['qp ', '', '1'],
      ['client OAKES, PIA', 'c1', '1'],
      ['client ÅBERG, UNA', 'c2', '1'],
      ['service CLS', '', '1'],
      ['service XX', '', '1'],
    ]);
  });

  test('two people who share a code are two members', () => {
    const lines = rolledUp([
      anAuthorization({ client: 'SMITH, JOHN', client_code: 'JOHSM', client_key: 'c1' }),
      anAuthorization({ client: 'SMYTHE, JOHANNA', client_code: 'JOHSM', client_key: 'c2' }),
    ]);
    expect(lines.get('client SMITH, JOHN')).toMatchObject({ row_count: '1' });
    expect(lines.get('client SMYTHE, JOHANNA')).toMatchObject({ row_count: '1' });
  });

  test('names that differ by an accent only are two members', () => {
    const lines = rolledUp([
      anAuthorization({ client: 'NÚÑEZ, ANA' }),
      anAuthorization({ client: 'NUNEZ, ANA' }),
    ]);
    expect(lines.has('client NÚÑEZ, ANA') && lines.has('client NUNEZ, ANA')).toBe(true);
  });

  test('an empty period has a total of nothing', () => {
    expect([...rolledUp([]).values()]).toMatchObject([
      { dimension: 'total', row_count: '0', authorized_dollars: '0.00', util: null, avg_util: null },
    ]);
  });
});

describe('notes', () => {
  test('are counted by status', () => {
    const lines = rolledUpNotes([
      aNote({ days_to_sign: 0 }),
      aNote({ days_to_sign: 2 }),
      aNote({ days_to_sign: 5 }),
      aNote({ days_to_sign: 8 }),
      aNote({ days_to_sign: 9, signed: false }),
      aNote({ days_to_sign: 4, signed: false }),
    ]);
    expect(lines.get('total total')).toMatchObject({
      row_count: '6',
      on_time: '2',
      late: '2',
      unbillable: '2',
      unsigned: '2',
    });
  });

  test('the average counts signed notes only', () => {
    const lines = rolledUpNotes([
      aNote({ days_to_sign: 1 }),
      aNote({ days_to_sign: 2 }),
      aNote({ days_to_sign: 90, signed: false }),
    ]);
    expect(lines.get('total total')).toMatchObject({ avg_days_to_sign: '1.50' });
  });

  test.each([
    { title: 'the largest that its column holds', days: 999_999, unfitSum: undefined },
    { title: 'one that its column does not hold', days: 1_000_000, unfitSum: 'avg_days_to_sign' },
    { title: 'one below zero that it does not hold', days: -1_000_000, unfitSum: 'avg_days_to_sign' },
  ])('an average: $title', ({ days, unfitSum }) => {
    const rollup = createRollup(reports.notes, plainColumns);
    rollup.add(aNote({ days_to_sign: days }));
    const total = Array.from(rollup.members()).find(({ dimension }) => dimension === 'total');
    expect(total).toMatchObject({ unfitSum });
  });

  test.each([
    { title: 'a third is rounded down', days: [0, 0, 1], average: '0.33' },
    { title: 'two thirds are rounded up', days: [0, 1, 1], average: '0.67' },
    { title: 'half a hundredth is rounded away from zero', days: [1, 0, 0, 0, 0, 0, 0, 0], average: '0.13' },
    { title: 'below zero too', days: [-1, 0, 0, 0, 0, 0, 0, 0], average: '-0.13' },
  ])('an average: $title', ({ days, average }) => {
    const lines = rolledUpNotes(days.map((days_to_sign) => aNote({ days_to_sign })));
    expect(lines.get('total total')).toMatchObject({ avg_days_to_sign: average });
  });

  test('where no note is signed there is no average', () => {
    const lines = rolledUpNotes([aNote({ days_to_sign: 9, signed: false })]);
    expect(lines.get('total total')).toMatchObject({ avg_days_to_sign: null, unsigned: '1' });
  });

  test('notes without a supervisor count under the one without a name', () => {
    const lines = rolledUpNotes([aNote({ client_supervisor: null, supervisor_key: null })]);
    expect(lines.get('supervisor ')).toMatchObject({ member_key: '', row_count: '1' });
  });
});

describe('every dimension adds up to the total', () => {
  const cents = option(integer({ min: -(10 ** 10), max: 10 ** 10 }), { nil: null });

  test('of dollars', () => {
    const rows = array(
      record({
        authorized_dollars: cents,
        in_process_dollars: cents,
        billed_dollars: cents,
        client: constantFrom('A', 'B', 'C'),
        qp: constantFrom('Q', null),
        grp: integer({ min: 0, max: 9 }),
        service_code: constantFrom('DS', 'ds', 'CLS'),
        // `clean` puts aside a row whose ratio does not fit its column.
      }).filter((row) => fitsColumn(utilizationRatio(row) ?? 0)),
      { maxLength: 30 },
    );
    const checked = property(rows, (given) => {
      const lines = rolledUp(given.map(anAuthorization));
      for (const column of [
        'row_count',
        'authorized_dollars',
        'not_utilized',
        'under_dollars',
        'over_dollars',
      ]) {
        for (const dimension of given.length === 0 ? [] : ['grp', 'qp', 'client', 'service']) {
          expect(sumOf(lines, dimension, column)).toBe(sumOf(lines, 'total', column));
        }
      }
    });
    expect(() => assert(checked, { numRuns: 50 })).not.toThrow();
  });

  test('of notes', () => {
    const rows = array(
      record({
        days_to_sign: integer({ min: -2, max: 20 }),
        signed: constantFrom(true, false),
        caregiver: constantFrom('A', 'B', 'C'),
        client_supervisor: constantFrom('S', null),
        service_code: constantFrom('DS', 'CLS'),
      }),
      { maxLength: 30 },
    );
    const checked = property(rows, (given) => {
      const lines = rolledUpNotes(given.map(aNote));
      const total = (column: string) => sumOf(lines, 'total', column);
      expect(total('on_time') + total('late') + total('unbillable')).toBe(total('row_count'));
      for (const column of ['row_count', 'on_time', 'late', 'unbillable', 'unsigned']) {
        for (const dimension of given.length === 0 ? [] : ['caregiver', 'supervisor', 'service']) {
          expect(sumOf(lines, dimension, column)).toBe(total(column));
        }
      }
    });
    expect(() => assert(checked, { numRuns: 50 })).not.toThrow();
  });
});
