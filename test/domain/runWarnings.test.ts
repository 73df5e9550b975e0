import { describe, expect, test } from 'vitest';
import type { CategorizedRows } from '../../src/domain/categorize.ts';
import { PipelineError } from '../../src/domain/failures.ts';
import { NameLists } from '../../src/domain/lookAlikes.ts';
import { createRollup } from '../../src/domain/rollups.ts';
import { runWarnings } from '../../src/domain/runWarnings.ts';
import { SharedAuthorizations } from '../../src/domain/sharedAuthorizations.ts';
import { rollupColumns } from '../../src/domain/tables.ts';

type Authorization = CategorizedRows['utilization'];

/** An authorization; only what is added up or told matters here. */
function anAuthorization(changed: Partial<Authorization>): Authorization {
  const { client = 'ASHDOWN, ADA', qp = 'TARN, MORGAN' } = changed;
  return {
    sourceLine: 2,
    client,
    clientCode: 'ADAAS',
    clientKey: `key of ${client}`,
    qp,
    qpCode: 'MORTA',
    qpKey: `key of ${String(qp)}`,
    serviceCode: 'CLS',
    authorizationNumber: '1',
    startDate: '2026-10-01',
    endDate: '2026-10-31',
    authorizedUnits: null,
    inProcessUnits: null,
    billedUnits: null,
    authorizedCents: 100,
    inProcessCents: 0,
    billedCents: 50,
    varianceBilledCents: null,
    ym: '2026-10',
    group: 3,
    util: 500_000,
    varianceCents: -50,
    ...changed,
  } as Authorization;
}

function summed(rows: readonly Authorization[]) {
  const rollup = createRollup('utilization');
  const names = new NameLists('utilization');
  const authorizations = new SharedAuthorizations();
  for (const row of rows) {
    rollup.add(row);
    names.add(row);
    authorizations.add(row);
  }
  return {
    lines: [...rollup.lines('2026-10')],
    warnings: () =>
      runWarnings({
        members: rollup.members(),
        lookAlikes: names.lookAlikes(),
        sharedAuthorizationRows: authorizations.rows,
      }),
  };
}

/** A reversal leaves one cent authorized beside a million dollars billed: each row's own ratio fits. */
const reversal = [
  anAuthorization({
    authorizedCents: 100_000_001,
    billedCents: 200_000_000,
    util: 2_000_000,
    varianceCents: 99_999_999,
  }),
  anAuthorization({ authorizedCents: -100_000_000, billedCents: 0, util: 0, varianceCents: 100_000_000 }),
];
const others = anAuthorization({ client: 'BIRCH, BRUNO', qp: 'SEDGE, PAT', serviceCode: 'PA', group: 4 });

describe('a ratio that does not fit its column', () => {
  const { lines, warnings } = summed([...reversal, others]);
  const utilOf = (dimension: string, member: string) => {
    const line = lines.find((cells) => cells[1] === dimension && cells[2] === member)!;
    return line[rollupColumns.utilization.indexOf('util')];
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
    const row = anAuthorization({ billedCents: Number(billed), authorizedCents: Number(authorized) });
    const total = summed([row]).lines[0]!;
    expect(total[rollupColumns.utilization.indexOf('util')] !== null).toBe(fits);
  });
});

test('a sum that fits no column is found before the load, and names no person', () => {
  const most = 10 ** 14 - 1;
  const rows = Array.from({ length: 10_002 }, () =>
    anAuthorization({ authorizedCents: most, varianceCents: -most }),
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
      anAuthorization({ client, authorizationNumber: '100234000000' }),
    );
    const alone = [
      anAuthorization({ authorizationNumber: '2' }),
      anAuthorization({ authorizationNumber: '2' }),
    ];
    expect(summed([...rows, ...alone]).warnings().counts).toEqual({ 'shared-authorization-number': 3 });
    expect(summed(alone).warnings().counts).toEqual({});
  });

  test('numbers beyond those that memory has room for are not counted', () => {
    const few = new SharedAuthorizations(1);
    for (const number of ['1', '2']) {
      for (const client of ['A, A', 'B, B'])
        few.add(anAuthorization({ client, authorizationNumber: number }));
    }
    expect(few.rows).toBe(2);
  });

  test('codes that still end in digits in brackets', () => {
    const rows = ['CLS (eff 7/1)', 'CLS (eff 7/1)', 'CLS (night)'].map((serviceCode) =>
      anAuthorization({ serviceCode }),
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
      anAuthorization({ serviceCode: `CODE ${String(index)} (1)`, authorizationNumber: String(index) }),
    );
    const { counts, named } = summed(rows).warnings();
    expect(counts).toEqual({ 'service-code-brackets': 60 });
    expect(named).toHaveLength(50);
  });
});
