import { describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exitCodes.ts';
import {
  ageWords,
  checkCode,
  gapRanges,
  statusCells,
  statusRows,
  type Clock,
} from '../../src/cli/statusRows.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import { periodContaining } from '../../src/domain/periods.ts';
import type { ReportName } from '../../src/reports/index.ts';
import type { PeriodStatus } from '../../src/warehouse/ledgerReads.ts';

/** Shortly after the daily run of 23 November in New York. */
const clock: Clock = {
  now: new Date('2026-11-23T12:00:00Z'),
  timeZone: 'America/New_York',
};

function aPeriod(report: ReportName, day: string, changes: Partial<PeriodStatus> = {}): PeriodStatus {
  return {
    report,
    ...periodContaining(report, day as IsoDate),
    published: {
      runId: 'shown',
      rows: 240,
      at: '2026-11-20 08:31:57.123',
      exportedAt: '2026-11-23 08:31:00.000',
      preliminary: false,
      staleAt: null,
      moved: { rows: 0, dollars: null },
    },
    pinned: null,
    held: [],
    newest: { ...lastRun },
    lastRun: { ...lastRun },
    ...changes,
  };
}

const lastRun = {
  runId: 'last',
  workflowId: 'notes:2026-11-01..2026-11-15',
  outcome: 'unchanged',
  finishedAt: '2026-11-23 08:32:10.456',
  rowsRejected: 2,
  failureType: null,
  failureMessage: null,
} as const;

const failed = {
  ...lastRun,
  outcome: 'failed',
  rowsRejected: null,
  failureType: 'PortalUnavailable',
  failureMessage: 'Step "open the portal": no answer. What to do: Nothing at first.',
} as const;

function shown(...periods: PeriodStatus[]) {
  return statusRows(periods, clock);
}

describe('gaps', () => {
  test('are the periods between the first loaded one and the due one that are not loaded', () => {
    const all = shown(aPeriod('notes', '2026-09-16'), aPeriod('notes', '2026-10-16'));
    expect(all.map(({ from, gap }) => [from, gap])).toEqual([
      ['2026-11-01', true],
      ['2026-10-16', false],
      ['2026-10-01', true],
      ['2026-09-16', false],
    ]);
  });

  test('count the due period in, and not the one that has not ended', () => {
    const all = shown(aPeriod('utilization', '2026-09-01'));
    expect(all.map(({ from }) => from)).toEqual(['2026-10-01', '2026-09-01']);
  });

  test('are none of a report of which nothing was ever loaded', () => {
    expect(shown()).toEqual([]);
    const [only] = shown(
      aPeriod('notes', '2026-10-16', { published: null, newest: failed, lastRun: failed }),
    );
    expect(only).toMatchObject({ from: '2026-10-16', gap: false });
  });

  test('are periods, too, whose runs all failed', () => {
    const all = shown(
      aPeriod('notes', '2026-11-01'),
      aPeriod('notes', '2026-10-16', { published: null, newest: failed, lastRun: failed }),
      aPeriod('notes', '2026-10-01'),
    );
    expect(all.map(({ gap }) => gap)).toEqual([false, true, false]);
    expect(all[1]?.lastRun?.failureType).toBe('PortalUnavailable');
  });

  test('end with the calendar day of the organisation, not of UTC', () => {
    const period = aPeriod('notes', '2026-11-01');
    const at = (now: string) => statusRows([period], { ...clock, now: new Date(now) }).length;
    expect(at('2026-12-01T04:59:59Z')).toBe(1);
    expect(at('2026-12-01T05:00:00Z')).toBe(2);
  });

  test('that lie side by side are filled by one backfill, of each report', () => {
    const all = shown(
      aPeriod('utilization', '2026-08-01'),
      aPeriod('notes', '2026-09-01'),
      aPeriod('notes', '2026-10-16'),
    );
    expect(gapRanges(all)).toEqual([
      { report: 'utilization', from: '2026-09-01', to: '2026-10-31' },
      { report: 'notes', from: '2026-11-01', to: '2026-11-15' },
      { report: 'notes', from: '2026-09-16', to: '2026-10-15' },
    ]);
  });
});

function exported(exportedAt: string | null, staleAt: string | null): Partial<PeriodStatus> {
  return { published: { ...aPeriod('notes', '2026-11-01').published!, exportedAt, staleAt } };
}

test('a report that is not in use keeps what it has loaded, and is neither stale nor incomplete', () => {
  const published = { ...aPeriod('notes', '2026-09-16').published!, staleAt: '2026-09-20 00:00:00.000' };
  const periods = [
    aPeriod('notes', '2026-09-16', { published }),
    aPeriod('notes', '2026-10-16', { published }),
    aPeriod('utilization', '2026-10-01'),
  ];
  expect(checkCode(statusRows(periods, clock))).toBe(exitCodes.outOfDate);
  const all = statusRows(periods, { ...clock, inUse: ['utilization'] });
  expect(all.map(({ report, from, state, gap, stale }) => [report, from, state, gap, stale])).toEqual([
    ['utilization', '2026-10-01', 'settled', false, false],
    ['notes', '2026-10-16', 'settled', false, false],
    ['notes', '2026-09-16', 'settled', false, false],
  ]);
  expect(all.at(-1)?.published).toEqual(published);
  expect(checkCode(all)).toBe(exitCodes.fine);
});

describe('freshness', () => {
  const soon = '2026-11-24 00:00:00.000';
  test.each([
    { title: 'this morning', at: '2026-11-23 08:31:00.000', until: soon, stale: false, age: 12_540 },
    {
      title: 'until now',
      at: '2026-11-22 00:00:00.000',
      until: '2026-11-23 12:00:00.000',
      stale: true,
      age: 129_600,
    },
    {
      title: 'a moment more',
      at: '2026-11-22 00:00:00.000',
      until: '2026-11-23 12:00:00.001',
      stale: false,
      age: 129_600,
    },
    {
      title: 'an old one that nobody refreshes',
      at: '2026-11-03 12:00:00.000',
      until: null,
      stale: false,
      age: 1_728_000,
    },
    { title: 'a clock that is ahead', at: '2026-11-23 12:00:05.000', until: soon, stale: false, age: 0 },
    { title: 'never noted', at: null, until: null, stale: false, age: null },
  ])('$title', ({ at, until, stale, age }) => {
    const [period] = shown(aPeriod('notes', '2026-11-01', exported(at, until)));
    expect(period).toMatchObject({ stale, state: stale ? 'stale' : 'settled', exportAgeSeconds: age });
  });

  test.each([
    [0, '0 s'],
    [119, '119 s'],
    [120, '2 min'],
    [7_199, '119 min'],
    [7_200, '2 h'],
    [172_799, '47 h'],
    [172_800, '2 days'],
  ])('%i seconds are %s', (age, words) => {
    expect(ageWords(age)).toBe(words);
  });
});

describe('a line of the table', () => {
  test('says rows, load, age, last run and what to know, and no text of a failure', () => {
    const period = aPeriod('notes', '2026-11-01', {
      newest: failed,
      lastRun: failed,
      published: { ...aPeriod('notes', '2026-11-01').published!, preliminary: true },
      pinned: { at: '2026-11-20 09:00:00.000', by: 'ada', reason: 'cut off' },
      held: ['019a'],
    });
    expect(statusCells(shown(period)[0]!)).toEqual([
      'notes',
      '2026-11-01..2026-11-15',
      '240',
      '2026-11-20 08:31:57',
      '3 h',
      'failed',
      '2026-11-23 08:32:10',
      '-',
      'failed: PortalUnavailable, preliminary, pinned by ada, held: 019a',
    ]);
  });

  test('says for whom the rows count that the supervisor rule moved', () => {
    const { published } = aPeriod('utilization', '2026-10-01');
    const moved = { rows: 21, dollars: '136406.52' };
    const [row] = shown(
      aPeriod('utilization', '2026-10-01', { published: Object.assign({}, published, { moved }) }),
    );
    expect(statusCells(row!).at(-1)).toBe('settled, 21 rows (136406.52) moved to the LINCS QP');
  });

  test('of a gap says so', () => {
    expect(statusCells(shown(aPeriod('utilization', '2026-09-01'))[0]!)).toEqual([
      'utilization',
      '2026-10-01..2026-10-31',
      '-',
      'never',
      '-',
      'none',
      '-',
      '-',
      'not loaded',
    ]);
  });
});

describe('--check ends with the worst of what is shown', () => {
  const fine = aPeriod('notes', '2026-11-01');
  const heldPeriod = aPeriod('notes', '2026-10-16', { held: ['019a'] });
  test.each([
    { title: 'nothing', periods: [], code: exitCodes.outOfDate },
    {
      title: 'no period that is loaded',
      periods: [aPeriod('notes', '2026-11-01', { published: null })],
      code: exitCodes.outOfDate,
    },
    { title: 'all is well', periods: [fine], code: exitCodes.fine },
    { title: 'a gap', periods: [aPeriod('notes', '2026-10-16')], code: exitCodes.outOfDate },
    { title: 'a held run', periods: [fine, heldPeriod], code: exitCodes.held },
    {
      title: 'figures that are stale',
      periods: [{ ...fine, ...exported('2026-11-21 08:31:00.000', '2026-11-22 20:31:00.000') }],
      code: exitCodes.outOfDate,
    },
    {
      title: 'a failed run',
      periods: [{ ...fine, newest: failed, lastRun: failed }, heldPeriod],
      code: exitCodes.failed,
    },
    {
      title: 'a failed run that was started again and cancelled',
      periods: [{ ...fine, newest: failed, lastRun: { ...lastRun, outcome: 'cancelled' as const } }],
      code: exitCodes.failed,
    },
  ])('$title', ({ periods, code }) => {
    expect(checkCode(shown(...periods))).toBe(code);
  });
});
