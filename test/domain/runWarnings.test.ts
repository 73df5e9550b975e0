import { describe, expect, test } from 'vitest';
import { PipelineError } from '../../src/domain/failures.ts';
import { NameLists } from '../../src/rows/lookAlikeGroups.ts';
import { createRollup } from '../../src/rows/rollups.ts';
import { runWarnings } from '../../src/domain/runWarnings.ts';
import { SharedNumbers } from '../../src/rows/sharedNumbers.ts';
import type { Row } from '../../src/reports/report.ts';
import { plainColumns } from '../reports/plainRows.ts';
import { reports } from '../../src/reports/index.ts';

/** An authorization; only what is added up or told matters here. */
function anAuthorization(changed: Row): Row {
  const { client = 'ASHDOWN, ADA', qp = 'TARN, MORGAN' } = changed;
  return {
    source_line: 2,
    client,
    client_code: 'ADAAS',
    client_key: `key of ${String(client)}`,
    qp,
    qp_code: 'MORTA',
    qp_key: `key of ${String(qp)}`,
    service_code: 'CLS',
    authorization_number: '1',
    start_date: '2026-10-01',
    end_date: '2026-10-31',
    authorized_units: null,
    in_process_units: null,
    billed_units: null,
    authorized_dollars: 100,
    in_process_dollars: 0,
    billed_dollars: 50,
    variance_billed: null,
    ym: '2026-10',
    grp: 3,
    util: 500_000,
    variance: -50,
    ...changed,
  };
}

function summed(rows: readonly Row[]) {
  const rollup = createRollup(reports.utilization, plainColumns);
  const names = new NameLists(reports.utilization, plainColumns);
  const numbers = new SharedNumbers(reports.utilization, plainColumns);
  for (const row of rows) {
    rollup.add(row);
    names.add(row);
    numbers.add(row);
  }
  return {
    lines: [...rollup.lines('2026-10')],
    warnings: () =>
      runWarnings({
        members: rollup.members(),
        lookAlikes: names.lookAlikes(),
        shared: { warning: reports.utilization.ownedBy!.warning, rows: numbers.rows },
      }),
  };
}

/** A reversal leaves one cent authorized beside a million dollars billed: each row's own ratio fits. */
const reversal = [
  anAuthorization({
    authorized_dollars: 100_000_001,
    billed_dollars: 200_000_000,
    util: 2_000_000,
    variance: 99_999_999,
  }),
  anAuthorization({ authorized_dollars: -100_000_000, billed_dollars: 0, util: 0, variance: 100_000_000 }),
];
const others = anAuthorization({ client: 'BIRCH, BRUNO', qp: 'SEDGE, PAT', service_code: 'PA', grp: 4 });

describe('a ratio that does not fit its column', () => {
  const { lines, warnings } = summed([...reversal, others]);
  const utilOf = (dimension: string, member: string) => {
    const line = lines.find((cells) => cells[1] === dimension && cells[2] === member)!;
    return line[reports.utilization.rollupColumns.indexOf('util')];
  };

  test('is NULL, and those of others stay', () => {
    expect(utilOf('client', 'ASHDOWN, ADA')).toBeNull();
    expect(utilOf('qp', 'TARN, MORGAN')).toBeNull();
    expect(utilOf('service', 'CLS')).toBeNull();
    expect(utilOf('client', 'BIRCH, BRUNO')).toBe('0.500000');
    expect(utilOf('total', 'total')).toBe('1980198.514851');
  });

  test('is a warning that names dimension and code, and no name', () => {
    const { counts, named } = warnings();
    expect(counts).toMatchObject({
      'ratio-too-large:grp': 1,
      'ratio-too-large:qp': 1,
      'ratio-too-large:client': 1,
      'ratio-too-large:service': 1,
    });
    expect(Object.fromEntries(named)).toMatchObject({
      'ratio-too-large:grp:3': 1,
      'ratio-too-large:qp:MORTA': 1,
      'ratio-too-large:client:ADAAS': 1,
      'ratio-too-large:service:CLS': 1,
    });
    expect(JSON.stringify([counts, named])).not.toMatch(/ASHDOWN|TARN|BIRCH/);
  });

  test.each([
    { billed: 100_000_000n, authorized: 1n, fits: false },
    { billed: 99_999_999n, authorized: 1n, fits: true },
    { billed: -100_000_000n, authorized: 1n, fits: false },
  ])('is one of eight digits before the point: $billed / $authorized', ({ billed, authorized, fits }) => {
    const row = anAuthorization({ billed_dollars: Number(billed), authorized_dollars: Number(authorized) });
    const total = summed([row]).lines[0]!;
    expect(total[reports.utilization.rollupColumns.indexOf('util')] !== null).toBe(fits);
  });
});

test('a sum that fits no column is found before the load, and names no person', () => {
  const most = 10 ** 14 - 1;
  const rows = Array.from({ length: 10_002 }, () =>
    anAuthorization({ authorized_dollars: most, variance: -most }),
  );
  expect(summed(rows.slice(0, 10_000)).warnings().counts).toEqual({});
  const failure = expect.objectContaining({
    type: 'ReconciliationFailed',
    message: expect.stringContaining('authorized_dollars of the dimension total, 10002 rows'),
  });
  expect(summed(rows).warnings).toThrow(PipelineError);
  expect(() => summed(rows).warnings()).toThrow(failure);
});

describe('what a run finds once all rows are added up', () => {
  test('rows of one authorization number beside different clients', () => {
    const rows = ['A, A', 'B, B', 'A, A'].map((client) =>
      anAuthorization({ client, authorization_number: '100234000000' }),
    );
    const alone = [
      anAuthorization({ authorization_number: '2' }),
      anAuthorization({ authorization_number: '2' }),
    ];
    expect(summed([...rows, ...alone]).warnings().counts).toEqual({ 'shared-authorization-number': 3 });
    expect(summed(alone).warnings().counts).toEqual({});
  });

  test('numbers beyond those that memory has room for are not counted', () => {
    const few = new SharedNumbers(reports.utilization, plainColumns, 1);
    for (const number of ['1', '2']) {
      for (const client of ['A, A', 'B, B'])
        few.add(anAuthorization({ client, authorization_number: number }));
    }
    expect(few.rows).toBe(2);
  });

  test('codes that still end in digits in brackets', () => {
    const rows = ['CLS (eff 7/1)', 'CLS (eff 7/1)', 'CLS (night)'].map((service_code) =>
      anAuthorization({ service_code }),
    );
    expect(summed(rows).warnings()).toMatchObject({
      counts: { 'service-code-brackets': 2 },
      named: [['service-code-brackets:CLS (eff 7/1)', 2]],
    });
  });

  test('look-alikes by column, with their code', () => {
    const rows = ['NÚÑEZ, INÉS', 'NUNEZ, INES', 'Nunez, Ines', 'OTHER, ONE'].map((client) =>
      anAuthorization({ client }),
    );
    expect(summed(rows).warnings()).toMatchObject({
      counts: { 'look-alike-names:client': 3 },
      named: [['look-alike-names:client:INENU', 3]],
    });
  });

  test('fifty of a kind are named at the most', () => {
    const rows = Array.from({ length: 60 }, (_, index) =>
      anAuthorization({ service_code: `CODE ${String(index)} (1)`, authorization_number: String(index) }),
    );
    const { counts, named } = summed(rows).warnings();
    expect(counts).toEqual({ 'service-code-brackets': 60 });
    expect(named).toHaveLength(50);
  });
});
