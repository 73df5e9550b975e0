import { array, assert, bigInt, integer, nat, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimalText } from '../../src/domain/decimals.ts';
import { gateReasons, type GatedRun, wouldEmpty } from '../../src/domain/gateReasons.ts';
import type { GateContext, GateLimits } from '../../src/domain/publication.ts';

const limits: GateLimits = {
  rejectedPercent: 20,
  smallestRows: 20,
  lastLoad: { fewerPercent: 10, morePercent: 50 },
  median: { periods: 3, fewerPercent: 50, morePercent: 100 },
};

/** Of an ended period, in a report without money. */
function aRun(changes: Partial<GatedRun> = {}): GatedRun {
  const loaded = changes.loaded ?? 600;
  const dollarsOf = 'authorized dollars';
  return {
    read: loaded,
    excluded: 0,
    rejected: 0,
    loaded,
    dollars: null,
    dollarsOf,
    open: false,
    ...changes,
  };
}

function aContext(changes: Partial<GateContext> = {}): GateContext {
  return { previous: null, others: [], pinned: null, rulesChange: null, ...changes };
}

const shows = (rows: number, dollars: string | null = null, open = false) =>
  aContext({ previous: { rows, dollars, open } });

const others = (...rows: number[]) =>
  aContext({ others: rows.map((count) => ({ rows: count, dollars: null })) });

interface Case {
  readonly title: string;
  readonly run?: Partial<GatedRun>;
  readonly context?: GateContext;
  readonly says?: Readonly<Record<string, string>>;
}

function expectReasons({ run, context = aContext(), says = {} }: Case, given = limits): void {
  const reasons = gateReasons(given, aRun(run), context);
  expect(Object.fromEntries(reasons.map(({ gate, message }) => [gate, message]))).toEqual(says);
}

const gatesOf = (rulesChange: GateContext['rulesChange']) =>
  gateReasons(limits, aRun(), aContext({ rulesChange })).map(({ gate }) => gate);

describe('a change of rules', () => {
  const compared = {
    kind: 'compared',
    shown: 9,
    added: 0,
    removed: 0,
    changed: 0,
    rekeyed: 0,
    dollars: {},
  } as const;

  test('holds a run where it changes a row, whatever the new export says', () => {
    expect(gatesOf(null)).toEqual([]);
    expect(gatesOf(compared)).toEqual([]);
    expect(gatesOf({ ...compared, changed: 1 })).toEqual(['rules-changed']);
    expect(gatesOf({ kind: 'unknown', because: 'it is gone' })).toEqual(['rules-changed']);
  });
});

describe('rejected rows', () => {
  test.each<Case>([
    { title: 'none', run: { read: 100, rejected: 0 } },
    { title: 'exactly the limit', run: { read: 100, rejected: 20 } },
    {
      title: 'one more',
      run: { read: 100, rejected: 21 },
      says: { 'too-many-rejects': '21 of 100 rows were rejected, 21 %; at most 20 % pass' },
    },
    {
      title: 'a fraction more is not told as the limit itself',
      run: { read: 999, rejected: 200 },
      says: { 'too-many-rejects': '200 of 999 rows were rejected, over 20 %; at most 20 % pass' },
    },
    {
      title: 'excluded rows are not counted in',
      run: { read: 1000, excluded: 900, rejected: 21 },
      says: { 'too-many-rejects': '21 of 100 rows were rejected, 21 %; at most 20 % pass' },
    },
    { title: 'everything excluded', run: { read: 10, excluded: 10 } },
    {
      title: 'some of a small file, of which a percentage says little',
      run: { read: 19, rejected: 18, loaded: 1 },
    },
    {
      title: 'as many of a file that is no longer small',
      run: { read: 20, rejected: 19, loaded: 1 },
      says: { 'too-many-rejects': '19 of 20 rows were rejected, 95 %; at most 20 % pass' },
    },
    {
      title: 'all of a small file',
      run: { read: 1, rejected: 1, loaded: 0 },
      says: { 'all-rows-rejected': 'all 1 rows were rejected, so that none is left to load' },
    },
    {
      title: 'the messy golden month: 17 of 114 that are not excluded',
      run: { read: 118, excluded: 4, rejected: 17, loaded: 97 },
    },
  ])('$title', (given) => expectReasons(given));
});

const statuses = (unbillable: number) => [
  { status: 'On Time' as const, loaded: 36, sure: 0, possible: 0 },
  { status: 'Late' as const, loaded: 0, sure: 0, possible: 0 },
  { status: 'Unbillable' as const, loaded: 0, sure: unbillable, possible: unbillable },
];

describe('rejected rows of one kind, or of which a status share depends', () => {
  const judging = { ...limits, sameRejects: { rows: 3, percent: 2 }, statusSharePoints: 8 };
  const unsigned = { column: 'staff_sign_date', rule: 'not-a-time', rows: 4 };
  const blank = { column: 'client', rule: 'blank', rows: 1 };
  const sameFault =
    'all 4 rejected rows of 40 have the same fault, not-a-time in staff_sign_date: rather a form that is not read than 4 mistakes';

  test.each<Case>([
    {
      title: 'four unsigned notes of 40 that hold a word for nothing',
      run: { read: 40, rejected: 4, loaded: 36, rejects: { kinds: [unsigned], statuses: statuses(4) } },
      says: {
        'same-rejects': sameFault,
        'status-shares':
          'without the rejected rows 0.0 % of the rows are Unbillable, with them it could be 10.0 %; at most 8 points pass: 4 in staff_sign_date (not-a-time)',
      },
    },
    {
      title: 'the same of the export that the period shows already without those rows',
      run: { read: 40, rejected: 4, loaded: 36, rejects: { kinds: [unsigned], statuses: statuses(4) } },
      context: aContext({ previous: { rows: 36, dollars: null, open: false, sameExport: true } }),
      says: {},
    },
    {
      title: 'the same of that export, where fewer rows are left than the period shows',
      run: { read: 40, rejected: 4, loaded: 36, rejects: { kinds: [unsigned], statuses: [] } },
      context: aContext({ previous: { rows: 38, dollars: null, open: false, sameExport: true } }),
      says: { 'same-rejects': sameFault },
    },
    {
      title: 'as many of the kind as the period shows without already',
      run: { read: 40, rejected: 4, loaded: 36, rejects: { kinds: [unsigned], statuses: statuses(4) } },
      context: aContext({
        previous: { rows: 35, dollars: null, open: false, rejects: { kinds: [unsigned], statuses: [] } },
      }),
      says: {},
    },
    {
      title: 'one more of the kind than the period shows without',
      run: { read: 40, rejected: 4, loaded: 36, rejects: { kinds: [unsigned], statuses: [] } },
      context: aContext({
        previous: {
          rows: 35,
          dollars: null,
          open: false,
          rejects: { kinds: [{ ...unsigned, rows: 3 }], statuses: [] },
        },
      }),
      says: { 'same-rejects': sameFault },
    },
    {
      title: 'the same with another reject beside them',
      run: {
        read: 41,
        rejected: 5,
        loaded: 36,
        rejects: { kinds: [unsigned, blank], statuses: statuses(4) },
      },
      says: {
        'status-shares':
          'without the rejected rows 0.0 % of the rows are Unbillable, with them it could be 9.8 %; at most 8 points pass: 4 in staff_sign_date (not-a-time), 1 in client (blank)',
      },
    },
    {
      title: 'rejects whose status does not matter',
      run: { read: 40, rejected: 4, loaded: 36, rejects: { kinds: [unsigned], statuses: [] } },
      says: { 'same-rejects': sameFault },
    },
    {
      title: 'rejects of a file whose form can be told',
      run: {
        read: 40,
        rejected: 4,
        loaded: 36,
        rejects: { kinds: [unsigned], statuses: [], form: 'The file looks like this: tabs.' },
      },
      says: { 'same-rejects': `${sameFault}. The file looks like this: tabs.` },
    },
    {
      title: 'two of one kind',
      run: {
        read: 40,
        rejected: 2,
        loaded: 38,
        rejects: { kinds: [{ ...unsigned, rows: 2 }], statuses: [] },
      },
    },
    {
      title: 'five of 1,425, as in the demo',
      run: {
        read: 1425,
        rejected: 5,
        loaded: 1420,
        rejects: { kinds: [{ ...unsigned, rows: 5 }], statuses: [] },
      },
    },
    {
      title: 'many of a small file',
      run: { read: 19, rejected: 4, loaded: 15, rejects: { kinds: [unsigned], statuses: statuses(4) } },
    },
    { title: 'what an earlier version has made', run: { read: 40, rejected: 4, loaded: 36 } },
  ])('$title', (given) => expectReasons(given, judging));

  test('a run that is held for too many names their columns and rules', () => {
    const kinds = [unsigned, blank, ...['a', 'b', 'c'].map((column) => ({ column, rule: 'blank', rows: 1 }))];
    expectReasons({
      title: '',
      run: { read: 20, rejected: 8, loaded: 12, rejects: { kinds, statuses: [] } },
      says: {
        'too-many-rejects':
          '8 of 20 rows were rejected, 40 %; at most 20 % pass: 4 in staff_sign_date (not-a-time), 1 in client (blank), 1 in a (blank), 1 in b (blank), and 1 other kinds',
      },
    });
  });

  test('only a run that would leave no row is never to be approved', () => {
    expect(['all-rows-rejected', 'empty-over-rows'].map((gate) => wouldEmpty(['pinned', gate]))).toEqual([
      true,
      true,
    ]);
    expect(wouldEmpty(['too-many-rejects', 'same-rejects', 'status-shares', 'pinned'])).toBe(false);
  });
});

describe('against the last load, in rows', () => {
  test.each<Case>([
    { title: 'nothing has been loaded', run: { loaded: 1 } },
    { title: 'as many', context: shows(600) },
    { title: 'exactly 10 % fewer', run: { loaded: 540 }, context: shows(600) },
    {
      title: 'one row fewer than that',
      run: { loaded: 539 },
      context: shows(600),
      says: {
        'rows-far-from-last-load':
          '539 rows, over 10 % fewer than the 600 of the last load; at most 10 % fewer pass',
      },
    },
    { title: 'exactly 50 % more', run: { loaded: 900 }, context: shows(600) },
    {
      title: 'one row more than that',
      run: { loaded: 901 },
      context: shows(600),
      says: {
        'rows-far-from-last-load':
          '901 rows, over 50 % more than the 600 of the last load; at most 50 % more pass',
      },
    },
    {
      title: 'many more than an export from before the period’s end',
      run: { loaded: 9000 },
      context: shows(600, null, true),
    },
    {
      title: 'fewer than an export from before the period’s end',
      run: { loaded: 300 },
      context: shows(600, null, true),
      says: {
        'rows-far-from-last-load':
          '300 rows, 50 % fewer than the 600 of the last load; at most 10 % fewer pass',
      },
    },
    { title: 'both below the smallest number', run: { loaded: 1 }, context: shows(19) },
    {
      title: 'the last load at the smallest number',
      run: { loaded: 10 },
      context: shows(20),
      says: {
        'rows-far-from-last-load':
          '10 rows, 50 % fewer than the 20 of the last load; at most 10 % fewer pass',
      },
    },
    {
      title: 'the run at the smallest number',
      run: { loaded: 20 },
      context: shows(10),
      says: {
        'rows-far-from-last-load': '20 rows, 100 % more than the 10 of the last load; at most 50 % more pass',
      },
    },
    {
      title: 'rows where the last load had none, of which no percentage can be told',
      run: { loaded: 20 },
      context: shows(0),
    },
    { title: 'a few rows where the last load had none', run: { loaded: 19 }, context: shows(0) },
  ])('$title', (given) => expectReasons(given));
});

describe('no rows', () => {
  test.each<Case>([
    { title: 'where nothing has been loaded', run: { loaded: 0 } },
    { title: 'where the period shows none either', run: { loaded: 0 }, context: shows(0) },
    {
      title: 'over a single row, however small that is',
      run: { loaded: 0 },
      context: shows(1),
      says: { 'empty-over-rows': 'no rows, in place of the 1 that the period shows' },
    },
    {
      title: 'over many rows and dollars: told once',
      run: { loaded: 0, dollars: '0.00' },
      context: shows(600, '1000.00'),
      says: { 'empty-over-rows': 'no rows, in place of the 600 that the period shows' },
    },
    {
      title: 'because every row was rejected',
      run: { read: 600, rejected: 600, loaded: 0 },
      context: shows(600),
      says: {
        'all-rows-rejected': 'all 600 rows were rejected, so that none is left to load',
        'empty-over-rows': 'no rows, in place of the 600 that the period shows',
      },
    },
  ])('$title', (given) => expectReasons(given));
});

describe('against the last load, in authorized dollars', () => {
  test.each<Case>([
    { title: 'exactly 10 % less', run: { dollars: '900.00' }, context: shows(600, '1000.00') },
    {
      title: 'a cent less than that',
      run: { dollars: '899.99' },
      context: shows(600, '1000.00'),
      says: {
        'dollars-far-from-last-load':
          '899.99 authorized dollars, over 10 % less than the 1000.00 of the last load; at most 10 % less pass',
      },
    },
    { title: 'exactly 50 % more', run: { dollars: '1500.00' }, context: shows(600, '1000.00') },
    {
      title: 'a cent more than that',
      run: { dollars: '1500.01' },
      context: shows(600, '1000.00'),
      says: {
        'dollars-far-from-last-load':
          '1500.01 authorized dollars, over 50 % more than the 1000.00 of the last load; at most 50 % more pass',
      },
    },
    {
      title: 'more than an export from before the period’s end',
      run: { dollars: '9999.00' },
      context: shows(600, '1.00', true),
    },
    { title: 'too few rows to judge', run: { loaded: 19, dollars: '1.00' }, context: shows(19, '1000.00') },
    { title: 'a last load without dollars', run: { dollars: '1.00' }, context: shows(600) },
    { title: 'a report without money', run: { dollars: null }, context: shows(600, '1000.00') },
    {
      title: 'dollars where there were none',
      run: { dollars: '0.01' },
      context: shows(600, '0.00'),
    },
    {
      title: 'less than nothing where there was nothing',
      run: { dollars: '-0.01' },
      context: shows(600, '0.00'),
      says: {
        'dollars-far-from-last-load':
          '-0.01 authorized dollars, less than the 0.00 of the last load; at most 10 % less pass',
      },
    },
    {
      title: 'below zero, where percentages are of the amount without its sign',
      run: { dollars: '-150.01' },
      context: shows(600, '-100.00'),
      says: {
        'dollars-far-from-last-load':
          '-150.01 authorized dollars, over 50 % less than the -100.00 of the last load; at most 10 % less pass',
      },
    },
    { title: 'below zero, within the limit', run: { dollars: '-50.00' }, context: shows(600, '-100.00') },
    {
      title: 'a cent beyond what a binary float can tell',
      run: { dollars: '90071992547409.91' },
      context: shows(600, '100079991719344.35'),
      says: {
        'dollars-far-from-last-load':
          '90071992547409.91 authorized dollars, over 10 % less than the 100079991719344.35 of the last load; at most 10 % less pass',
      },
    },
  ])('$title', (given) => expectReasons(given));
});

describe('against the median of other periods', () => {
  test.each<Case>([
    { title: 'too few of them', run: { loaded: 1000 }, context: others(100, 100) },
    { title: 'exactly half', run: { loaded: 50 }, context: others(100, 90, 5000) },
    {
      title: 'a row less',
      run: { loaded: 49 },
      context: others(100, 90, 5000),
      says: {
        'rows-far-from-median':
          '49 rows, 51 % fewer than 100, the median of the 3 periods before; at most 50 % fewer pass',
      },
    },
    { title: 'exactly twice', run: { loaded: 200 }, context: others(100, 90, 5000) },
    {
      title: 'a row more',
      run: { loaded: 201 },
      context: others(100, 90, 5000),
      says: {
        'rows-far-from-median':
          '201 rows, 101 % more than 100, the median of the 3 periods before; at most 100 % more pass',
      },
    },
    { title: 'before the period’s end', run: { loaded: 1, open: true }, context: others(100, 90, 5000) },
    { title: 'both small', run: { loaded: 1 }, context: others(19, 19, 5000) },
    {
      title: 'no rows where nothing has been loaded',
      run: { loaded: 0 },
      context: others(100, 90, 5000),
      says: {
        'rows-far-from-median':
          '0 rows, 100 % fewer than 100, the median of the 3 periods before; at most 50 % fewer pass',
      },
    },
    {
      title: 'dollars as well',
      run: { loaded: 100, dollars: '20.01' },
      context: aContext({ others: ['10.00', '9.00', '80.00'].map((dollars) => ({ rows: 100, dollars })) }),
      says: {
        'dollars-far-from-median':
          '20.01 authorized dollars, over 100 % more than 10.00, the median of the 3 periods before; at most 100 % more pass',
      },
    },
    {
      title: 'dollars that one of the periods does not have',
      run: { loaded: 100, dollars: '20.01' },
      context: aContext({
        others: ['10.00', null, '80.00'].map((dollars) => ({ rows: 100, dollars })),
      }),
    },
  ])('$title', (given) => expectReasons(given));

  const ofFour = { ...limits, median: { ...limits.median, periods: 4 } };

  test('of an even number it is the mean of the two in the middle: exactly half passes', () => {
    expectReasons({ title: '', run: { loaded: 53 }, context: others(100, 111, 5000, 1) }, ofFour);
  });

  test('of an even number it may lie between two whole ones, which is reported', () => {
    const says = {
      'rows-far-from-median':
        '52 rows, over 50 % fewer than 105.5, the median of the 4 periods before; at most 50 % fewer pass',
    };
    expectReasons({ title: '', run: { loaded: 52 }, context: others(100, 111, 5000, 1), says }, ofFour);
  });
});

describe('a pinned period', () => {
  const pinned = { by: 'OPERATOR ONE', reason: 'the portal’s September is broken' };

  test('holds every run, and does not name who pinned it', () => {
    const says = { pinned: 'the period is pinned: the portal’s September is broken' };
    expectReasons({ title: '', context: aContext({ pinned }), says });
  });

  test('is reported beside the other reasons', () => {
    const reasons = gateReasons(limits, aRun({ loaded: 0 }), { ...shows(5), pinned });
    expect(reasons.map(({ gate }) => gate)).toEqual(['pinned', 'empty-over-rows']);
  });
});

describe('whatever the figures', () => {
  const percent = nat(200);
  const anyLimits = record({
    rejectedPercent: nat(100),
    smallestRows: nat(50),
    lastLoad: record({ fewerPercent: nat(100), morePercent: percent }),
    median: record({ periods: integer({ min: 1, max: 6 }), fewerPercent: nat(100), morePercent: percent }),
  });
  const rows = integer({ min: 0, max: 2000 });
  const cents = bigInt({ min: -5000n, max: 10n ** 15n });

  test('the last load’s gates hold exactly what exact fractions hold', () => {
    assert(
      property(anyLimits, rows, rows, cents, cents, (given, now, before, nowCents, beforeCents) => {
        const run = aRun({ loaded: now, dollars: decimalText(nowCents, 2) });
        const reasons = gateReasons(given, run, shows(before, decimalText(beforeCents, 2)));
        const gates = new Set(reasons.map(({ gate }) => gate));
        const { fewerPercent, morePercent } = given.lastLoad;
        const judged =
          (now >= given.smallestRows || before >= given.smallestRows) && !(now === 0 && before > 0);
        const beyond = (amount: bigint, than: bigint) => {
          const size = than < 0n ? -than : than;
          return (
            (than - amount) * 100n > BigInt(fewerPercent) * size ||
            (size > 0n && (amount - than) * 100n > BigInt(morePercent) * size)
          );
        };
        expect({
          rows: gates.has('rows-far-from-last-load'),
          dollars: gates.has('dollars-far-from-last-load'),
          empty: gates.has('empty-over-rows'),
        }).toEqual({
          rows: judged && beyond(BigInt(now), BigInt(before)),
          dollars: judged && beyond(nowCents, beforeCents),
          empty: now === 0 && before > 0,
        });
      }),
    );
  });

  test('a run like all others is never held', () => {
    assert(
      property(anyLimits, rows, cents, array(nat(1), { maxLength: 8 }), (given, count, amount, more) => {
        const load = { rows: count, dollars: decimalText(amount, 2) };
        const context = {
          previous: { ...load, open: false },
          others: more.map(() => load),
          pinned: null,
          rulesChange: null,
        };
        expect(gateReasons(given, aRun({ loaded: count, dollars: load.dollars }), context)).toEqual([]);
      }),
    );
  });
});
