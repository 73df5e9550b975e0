import { describe, expect, test } from 'vitest';
import { dashboardDays, parseMonth } from '../../src/dashboard/days.ts';
import { dollarFigures, noteFigures } from '../../src/dashboard/pageFigures.ts';
import { personLabels } from '../../src/dashboard/personLabels.ts';
import { buildPageData, personAsked } from '../../src/dashboard/buildPageData.ts';
import type { AuthorizationRow, DashboardRows } from '../../src/domain/dashboardSums.ts';
import { addDays, type IsoDate } from '../../src/domain/dates.ts';
import type { Changes } from '../../src/domain/publication.ts';
import { aPeriod, keys, notes, someQuestion, someRows, sums } from './someRows.ts';

const question = { ...someQuestion, groupNames: { 2: 'Day supports' } };

describe('people', () => {
  test('of one code stay two, and are called the same on every page', () => {
    const labels = personLabels(someRows().clients).map(({ label }) => label);
    expect(labels).toEqual(['CLELA', 'JAMJO dddd', 'JAMJO eeee']);
    const page = buildPageData(someRows(), { ...question, part: { kind: 'qp', key: keys.tamsin } });
    expect(page.clients.map(({ label }) => label)).toEqual(['CLELA', 'JAMJO dddd']);
  });

  test('whose keys begin alike are distinguished by all of the key', () => {
    const alike = ['aaaa000000000001', 'aaaa000000000002'];
    const labels = personLabels(alike.map((key) => ({ key, code: 'JOHJO', name: null })));
    expect(labels.map(({ label }) => label)).toEqual(alike.map((key) => `JOHJO ${key}`));
  });

  test('are shown by name only where names were read', () => {
    expect(personLabels([{ key: 'k', code: 'CLELA', name: 'LARKSPUR, CLEMENCE' }])[0]?.label).toBe(
      'LARKSPUR, CLEMENCE',
    );
  });

  test('without a QP are kept as such', () => {
    const page = buildPageData(someRows({ utilization: [sums({ qpKey: null })] }), question);
    expect(page.qps).toEqual([{ key: '-', label: '(no QP)' }]);
  });
});

describe('a page for one QP', () => {
  const rows = someRows({
    periods: [
      aPeriod({ from: '2026-09-01' as IsoDate, to: '2026-09-30' as IsoDate }),
      aPeriod(),
      aPeriod({ report: 'notes', from: '2026-11-01' as IsoDate, to: '2026-11-15' as IsoDate }),
    ],
    utilization: [
      sums({ month: '2026-09', clientKey: keys.jane }),
      sums(),
      sums({ qpKey: keys.ivo, clientKey: keys.jane }),
    ],
    notes: [
      notes({ month: '2026-08', clientKey: keys.jane, rows: 1 }),
      notes({ month: '2026-09', clientKey: keys.jane, rows: 10 }),
      notes({ month: '2026-10', clientKey: keys.jane, rows: 100 }),
      notes({ month: '2026-10', clientKey: keys.clemence, rows: 1000 }),
      notes({ month: '2026-11', clientKey: keys.clemence, rows: 10_000 }),
      notes({ month: '2026-11', clientKey: keys.jane, rows: 100_000 }),
    ],
    unknownNotes: [{ month: '2026-10', clientKey: keys.jane, serviceCode: 'QQ', rows: 1 }],
  });
  const page = buildPageData(rows, { ...question, part: { kind: 'qp', key: keys.tamsin } });

  test('holds nothing of other QPs and their clients', () => {
    expect(page.qps.map(({ key }) => key)).toEqual([keys.tamsin]);
    expect(page.utilization).toHaveLength(2);
    expect(JSON.stringify(page)).not.toContain(keys.ivo);
    expect(page.unknown).toEqual([]);
    expect(page.onlyQp).toBe('TAMYA');
  });

  test('counts the notes of those who were the QP’s clients in their month, or in the newest loaded before', () => {
    expect(noteFigures(page.notes).rows).toBe(1 + 10 + 1000 + 10_000);
  });

  test('carries no sum over the whole organisation', () => {
    expect(page.loads.every(({ changes }) => changes.length === 0)).toBe(true);
    expect(page.rejects).toEqual([]);
    expect(page.lookAlikes).toEqual([]);
  });
});

test('names that look alike are named by column and code, on the page of everyone alone', () => {
  const lookAlikes = [{ column: 'client', code: 'INENU', names: 2 }];
  const rows = someRows({ periods: [aPeriod({ lookAlikes })] });
  expect(buildPageData(rows, question).lookAlikes).toEqual([
    {
      report: 'utilization',
      from: '2026-10-01',
      to: '2026-10-31',
      column: 'client',
      code: 'INENU',
      names: 2,
    },
  ]);
  expect(buildPageData(rows, { ...question, part: { kind: 'qp', key: keys.tamsin } }).lookAlikes).toEqual([]);
});

describe('a page for one supervisor', () => {
  const rows = someRows({
    periods: [aPeriod(), aPeriod({ report: 'notes', pinnedBy: 'ann', pinReason: 'a reason' })],
    supervisors: [
      { key: 's1', code: 'WREPE', name: null },
      { key: 's2', code: 'ADAWI', name: null },
    ],
    notes: [notes({ supervisorKey: 's1', rows: 7 }), notes({ supervisorKey: 's2', rows: 11 })],
    authorizations: [],
  });
  const page = buildPageData(rows, { ...question, part: { kind: 'supervisor', key: 's1' } });

  test('holds the notes that they answer for, no authorization and no other supervisor', () => {
    expect(noteFigures(page.notes).rows).toBe(7);
    expect(page.utilization).toEqual([]);
    expect(page.outlook).toBeNull();
    expect(page.supervisors.map(({ label }) => label)).toEqual(['WREPE']);
    expect(page.loads.map(({ report }) => report)).toEqual(['notes']);
    expect(page).toMatchObject({ onlySupervisor: 'WREPE', onlyQp: null, totals: false });
  });
});

/** A month of groups with so many clients, each with one authorization. */
const month = (sizes: Readonly<Record<number, number>>) =>
  Object.entries(sizes).flatMap(([group, clients]) =>
    Array.from({ length: clients }, (_, at) =>
      sums({
        group: Number(group),
        serviceCode: `CODE${group}`,
        clientKey: `client-${group}-${String(at)}`,
      }),
    ),
  );

const groupsOf = (sizes: Readonly<Record<number, number>>) => {
  const page = buildPageData(someRows({ utilization: month(sizes) }), {
    ...question,
    part: { kind: 'totals' },
  });
  return page.utilization.map((tuple) => [page.services[tuple[3]]!.group, tuple[4]]);
};

describe('a page of totals', () => {
  test('has the sums of the page of everyone', () => {
    const rows = someRows({ utilization: month({ 1: 12, 2: 30 }) });
    const all = dollarFigures(buildPageData(rows, question).utilization);
    const { utilization } = buildPageData(rows, { ...question, part: { kind: 'totals' } });
    const { authorizedCents, usedCents, rows: count, averageUtilization } = dollarFigures(utilization);
    expect({ authorizedCents, usedCents, count, averageUtilization }).toEqual({
      authorizedCents: all.authorizedCents,
      usedCents: all.usedCents,
      count: all.rows,
      averageUtilization: all.averageUtilization,
    });
    expect(noteFigures(buildPageData(rows, { ...question, part: { kind: 'totals' } }).notes)).toEqual(
      noteFigures(buildPageData(rows, question).notes),
    );
  });

  test('holds no person, service, authorization, note, or text that somebody typed', () => {
    const rows = someRows({
      periods: [aPeriod({ pinnedBy: 'ann', pinReason: 'a reason', moved: { rows: 1, dollars: '1.00' } })],
      utilization: month({ 1: 12, 2: 30 }),
      unknownNotes: [{ month: '2026-10', clientKey: keys.jane, serviceCode: 'QQ', rows: 1 }],
    });
    const text = JSON.stringify(buildPageData(rows, { ...question, part: { kind: 'totals' } }));
    const people = [rows.qps, rows.clients, rows.caregivers].flat().flatMap(({ key, code }) => [key, code]);
    expect(
      [...people, 'client-', 'CODE', 'QQ', 'a reason', 'ann'].filter((word) => text.includes(word)),
    ).toEqual([]);
  });

  test.each([
    {
      title: 'as they are if each has 11 clients',
      sizes: { 1: 11, 2: 12 },
      groups: [
        [1, 11],
        [2, 12],
      ],
    },
    {
      title: 'small ones together',
      sizes: { 1: 5, 2: 6, 3: 40 },
      groups: [
        [-1, 11],
        [3, 40],
      ],
    },
    {
      title: 'a small one with the next',
      sizes: { 1: 1, 2: 20, 3: 40 },
      groups: [
        [-1, 21],
        [3, 40],
      ],
    },
    { title: 'all together where there are few clients', sizes: { 1: 3, 2: 4 }, groups: [[-1, 7]] },
  ])('shows groups $title', ({ sizes, groups }) => {
    expect(groupsOf(sizes)).toEqual(groups);
  });
});

/** So many authorizations of as many clients that end so many days after the export, each with $1 unused. */
const endingIn = (days: number, count: number): AuthorizationRow[] =>
  Array.from({ length: count }, (_, at) => ({
    authorizationNumber: `A${String(days)}-${String(at)}`,
    serviceCode: 'CODE',
    group: 1,
    respite: false,
    clientKey: `client-${String(days)}-${String(at)}`,
    qpKeys: [keys.tamsin],
    sharedByQps: false,
    rows: 1,
    startDate: '2026-01-01' as IsoDate,
    endDate: addDays('2026-11-20' as IsoDate, days),
    period: { from: '2026-10-01' as IsoDate, to: '2026-10-31' as IsoDate },
    asOf: '2026-11-20' as IsoDate,
    authorizedCents: 300n,
    usedCents: 200n,
    loads: [],
  }));

describe('what ends soon, on a page of totals', () => {
  test.each([
    {
      title: 'each span with enough clients of its own',
      authorizations: [endingIn(30, 11), endingIn(31, 11), endingIn(90, 11), endingIn(91, 50)],
      spans: [
        ['30', 11, 1100],
        ['60', 22, 2200],
        ['90', 33, 3300],
      ],
    },
    {
      title: 'no span whose difference from the one before is of few clients',
      authorizations: [endingIn(30, 11), endingIn(31, 10), endingIn(90, 1)],
      spans: [
        ['30', 11, 1100],
        ['90', 22, 2200],
      ],
    },
    { title: 'nothing of few clients', authorizations: [endingIn(5, 10), endingIn(-1, 50)], spans: [] },
    {
      title: 'several authorizations of a client as one client',
      authorizations: [endingIn(5, 10), endingIn(5, 10)],
      spans: [],
    },
  ])('shows $title', ({ authorizations, spans }) => {
    const page = buildPageData(someRows({ authorizations: authorizations.flat() }), {
      ...question,
      part: { kind: 'totals' },
    });
    expect(page.endingSoon?.asOf).toBe('2026-11-20');
    expect(page.endingSoon?.spans.map((span) => [span.days, span.authorizations, span.unusedCents])).toEqual(
      spans,
    );
    expect(JSON.stringify(page)).not.toMatch(/client-|CODE|A5-/);
  });

  test('is on no other page', () => {
    expect(buildPageData(someRows({ authorizations: endingIn(5, 20) }), question).endingSoon).toBeNull();
  });
});

test('what the supervisor rule moved is reported to the cent, on the page of everyone alone', () => {
  const moved = { rows: 20, dollars: '136406.52' };
  const rows = someRows({
    periods: [aPeriod({ moved }), aPeriod({ moved: { rows: 1, dollars: null } }), aPeriod()],
  });
  expect(buildPageData(rows, question).loads.map((load) => load.moved)).toEqual([
    { rows: 20, to: 'the LINCS QP', cents: 13_640_652 },
    { rows: 1, to: 'the LINCS QP', cents: null },
    null,
  ]);
  const own = buildPageData(rows, { ...question, part: { kind: 'qp', key: keys.tamsin } });
  expect(own.loads.map((load) => load.moved)).toEqual([null, null, null]);
});

function respiteOf(utilization: DashboardRows['utilization'], qpKey?: string) {
  const part = qpKey === undefined ? undefined : ({ kind: 'qp', key: qpKey } as const);
  return buildPageData(someRows({ utilization }), { ...question, part }).respiteCodes;
}

describe('respite', () => {
  const { utilization } = someRows();
  const allMarked = (respite: boolean | null) =>
    utilization.map((each) => Object.assign({}, each, { respite }));

  test('can be hidden by the codes that the tables mark, in capitals, on the page of a QP without any too', () => {
    const other = { ...utilization[0]!, serviceCode: 'rci', respite: true };
    expect(respiteOf([...utilization, other])).toEqual(['RCI']);
    expect(respiteOf([...utilization, { ...other, serviceCode: 'res' }])).toEqual(['RCI', 'RES']);
    expect(respiteOf(utilization, keys.ivo)).toEqual(['RCI']);
  });

  test('is nothing to hide where no service is respite, and not known where the tables do not say it', () => {
    expect(respiteOf(allMarked(false))).toEqual([]);
    expect(respiteOf(allMarked(null))).toBeNull();
  });
});

test('figures of a page are those of the rows, people by month', () => {
  const page = buildPageData(someRows(), question);
  expect(dollarFigures(page.utilization)).toMatchObject({
    rows: 3,
    authorizedCents: 300_000n,
    usedCents: 90_000n,
  });
  expect(noteFigures(page.notes)).toMatchObject({ rows: 8, onTime: 6, late: 1, unbillable: 1 });
  // Both clients' notes are one caregiver's: the page tells them apart no more.
  expect(page.notes).toHaveLength(1);
  expect(page.services.filter(({ respite }) => respite).map(({ code }) => code)).toEqual(['RCI']);
  expect(page.unknown).toEqual([
    { report: 'utilization', month: '2026-10', code: 'ZZ', rows: 1, cents: 100_000 },
  ]);
  expect(page.loads[0]?.asOf).toBe('2026-11-02 03:30');
});

test('the last loads of a period are told with what they changed, and why', () => {
  const changes: Changes = {
    since: 'the run before',
    added: 1,
    removed: 0,
    changed: 2,
    same: 3,
    dollars: { billed_dollars: { before: '1.00', after: '2.50' } },
    details: { uri: 'artifact:x', sha256: '', bytes: 0, rows: 0 },
  };
  const loads = [
    { publishedAt: '2026-11-02 08:31:00.000', changes, why: 'the portal exported other rows' },
    {
      publishedAt: '2026-11-01 08:31:00.000',
      changes: { ...changes, added: 7 },
      why: 'first load of the period',
    },
  ];
  const page = buildPageData(someRows({ periods: [aPeriod({ loads })] }), question);
  expect(page.loads[0]?.changes).toEqual([
    {
      loadedAt: '2026-11-02 03:31',
      added: 1,
      removed: 0,
      changed: 2,
      same: 3,
      dollars: [{ column: 'billed_dollars', before: '1.00', after: '2.50' }],
      why: 'the portal exported other rows',
    },
    expect.objectContaining({ loadedAt: '2026-11-01 03:31', added: 7, why: 'first load of the period' }),
  ]);
});

describe('the days of a dashboard', () => {
  const periods = [
    aPeriod(),
    aPeriod({ report: 'notes', from: '2026-11-01' as IsoDate, to: '2026-11-15' as IsoDate }),
    aPeriod({ report: 'notes', from: '2026-10-16' as IsoDate, to: '2026-10-31' as IsoDate }),
  ];

  test('are two years of months and the 90 days up to the last loaded note period', () => {
    expect(dashboardDays(periods, undefined)).toEqual({
      months: { from: '2024-12-01', to: '2026-11-30' },
      recentNotes: { from: '2026-08-18', to: '2026-11-15', loadedDays: 31 },
      // Whatever has run since: a period of which nothing is loaded may have failed.
      runs: { from: '2024-12-01', to: '9999-12-31' },
    });
  });

  test('end with the month that was asked for', () => {
    expect(dashboardDays(periods, '2026-10')).toEqual({
      months: { from: '2024-11-01', to: '2026-10-31' },
      recentNotes: { from: '2026-08-03', to: '2026-10-31', loadedDays: 16 },
      runs: { from: '2024-11-01', to: '2026-10-31' },
    });
  });

  test('are none where nothing is loaded', () => {
    expect(dashboardDays(periods, '2026-01')).toBeUndefined();
    expect([parseMonth('2026-13'), parseMonth('2026-1'), parseMonth('2026-01')]).toEqual([
      undefined,
      undefined,
      '2026-01',
    ]);
  });
});

describe('a QP asked for', () => {
  const { qps } = someRows();
  const asked = (people: typeof qps, who: string) => personAsked(people, who, { option: '--qp', who: 'QP' });

  test('is found by code or key', () => {
    expect(asked(qps, 'TAMYA').key).toBe(keys.tamsin);
    expect(asked(qps, keys.ivo).code).toBe('IVOBR');
  });

  test('is refused where there is none, or more than one', () => {
    expect(() => asked(qps, 'NOBOD')).toThrow('no QP of the months shown has that code or key');
    const twins = [...qps, { key: 'other', code: 'TAMYA', name: null }];
    expect(() => asked(twins, 'TAMYA')).toThrow('2 QPs share that code');
  });
});
