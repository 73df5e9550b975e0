import { describe, expect, test } from 'vitest';
import { parseIsoDate } from '../../src/domain/dates.ts';
import { periodContaining } from '../../src/domain/periods.ts';
import { periodState, spanState, type PeriodFacts, type PeriodState } from '../../src/domain/periodState.ts';
import { staleAt } from '../../src/domain/staleAt.ts';
import { byReport, type ReportName } from '../../src/reports/index.ts';

const settled: PeriodFacts = {
  loaded: true,
  preliminary: false,
  newestOutcome: 'published',
  waiting: false,
  stale: false,
};
const nothing: PeriodFacts = { ...settled, loaded: false, newestOutcome: null };

describe('the state of a period', () => {
  test.each<{ title: string; facts: PeriodFacts; state: PeriodState }>([
    { title: 'loaded and final', facts: settled, state: 'settled' },
    { title: 'loaded, confirmed', facts: { ...settled, newestOutcome: 'unchanged' }, state: 'settled' },
    {
      title: 'loaded while days still change it',
      facts: { ...settled, preliminary: true },
      state: 'preliminary',
    },
    { title: 'not refreshed in time', facts: { ...settled, preliminary: true, stale: true }, state: 'stale' },
    { title: 'never run', facts: nothing, state: 'not loaded' },
    { title: 'only cancelled runs', facts: { ...nothing, newestOutcome: 'cancelled' }, state: 'not loaded' },
    { title: 'first run held', facts: { ...nothing, newestOutcome: 'held', waiting: true }, state: 'held' },
    { title: 'first run failed', facts: { ...nothing, newestOutcome: 'failed' }, state: 'failed' },
    {
      title: 'loaded, newest run held',
      facts: { ...settled, newestOutcome: 'held', waiting: true },
      state: 'held',
    },
    { title: 'loaded, newest run failed', facts: { ...settled, newestOutcome: 'failed' }, state: 'failed' },
    {
      title: 'one waits, a newer one failed',
      facts: { ...settled, newestOutcome: 'failed', waiting: true },
      state: 'failed',
    },
    {
      title: 'one waits, an older export came',
      facts: { ...settled, newestOutcome: 'superseded', waiting: true },
      state: 'held',
    },
    { title: 'a held run was rejected', facts: { ...settled, newestOutcome: 'rejected' }, state: 'settled' },
    {
      title: 'a failed run presses more than age',
      facts: { ...settled, newestOutcome: 'failed', stale: true },
      state: 'failed',
    },
  ])('$title: $state', ({ facts, state }) => {
    expect(periodState(facts)).toBe(state);
  });
});

describe('figures become stale', () => {
  const daily = { timeZone: 'America/New_York', refreshPeriods: { ...byReport(() => 2), notes: 3 } };
  test.each<{ title: string; report: ReportName; day: string; exportedAt: string; at: string | null }>([
    {
      title: '36 hours after the export of the due cycle',
      report: 'notes',
      day: '2026-11-01',
      exportedAt: '2026-11-23T08:31:00.000Z',
      at: '2026-11-24T20:31:00.000Z',
    },
    {
      title: '36 hours after the export of the third cycle',
      report: 'notes',
      day: '2026-10-01',
      exportedAt: '2026-11-20T08:31:00.000Z',
      at: '2026-11-21T20:31:00.000Z',
    },
    {
      title: 'never after the last day on which the daily run loads the cycle',
      report: 'notes',
      day: '2026-10-01',
      exportedAt: '2026-11-30T08:31:00.000Z',
      at: null,
    },
    {
      title: 'by the calendar of the organisation: there it is still the day before',
      report: 'notes',
      day: '2026-10-01',
      exportedAt: '2026-11-30T04:59:00.000Z',
      at: '2026-12-01T16:59:00.000Z',
    },
    {
      title: 'never of a cycle that a backfill brings in',
      report: 'notes',
      day: '2026-03-01',
      exportedAt: '2026-11-20T08:31:00.000Z',
      at: null,
    },
    {
      title: 'a day and a half after the end of a month that is exported before it',
      report: 'utilization',
      day: '2026-11-01',
      exportedAt: '2026-11-20T08:31:00.000Z',
      at: '2026-12-02T17:00:00.000Z',
    },
    {
      title: '36 hours after the export of the month before the due one',
      report: 'utilization',
      day: '2026-09-01',
      exportedAt: '2026-11-20T08:31:00.000Z',
      at: '2026-11-21T20:31:00.000Z',
    },
  ])('$title', ({ report, day, exportedAt, at }) => {
    const period = periodContaining(report, parseIsoDate(day)!);
    expect(staleAt({ report, period, exportedAt }, daily)).toBe(at);
  });

  test.each([
    { report: 'notes', at: '2026-11-21T20:31:00.000Z' },
    { report: 'utilization', at: '2026-12-02T17:00:00.000Z' },
  ] as const)('of the period that has not ended, $report: as the daily run loads it', ({ report, at }) => {
    const period = periodContaining(report, parseIsoDate('2026-11-20')!);
    const asked = { report, period, exportedAt: '2026-11-20T08:31:00.000Z' };
    expect(staleAt(asked, { ...daily, currentPeriods: ['notes'] })).toBe(at);
  });
});

function cycle(from: string, to: string, state: PeriodState, loaded = state !== 'not loaded') {
  return { from, to, state, loaded };
}

const first = (state: PeriodState, loaded?: boolean) => cycle('2026-10-01', '2026-10-15', state, loaded);
const second = (state: PeriodState, loaded?: boolean) => cycle('2026-10-16', '2026-10-31', state, loaded);

describe('a figure over several periods', () => {
  test.each([
    { title: 'both settled', periods: [first('settled'), second('settled')], state: 'settled', missing: [] },
    {
      title: 'one is not loaded',
      periods: [first('settled'), second('not loaded')],
      state: 'preliminary',
      missing: ['2026-10-16..2026-10-31'],
    },
    {
      title: 'neither is loaded',
      periods: [second('not loaded'), first('not loaded')],
      state: 'not loaded',
      missing: ['2026-10-01..2026-10-15', '2026-10-16..2026-10-31'],
    },
    {
      title: 'one failed before its first load',
      periods: [first('settled'), second('failed', false)],
      state: 'failed',
      missing: ['2026-10-16..2026-10-31'],
    },
    { title: 'one is held', periods: [first('held'), second('preliminary')], state: 'held', missing: [] },
    { title: 'one is stale', periods: [first('stale'), second('preliminary')], state: 'stale', missing: [] },
    { title: 'there is none', periods: [], state: 'not loaded', missing: [] },
  ])('$title: $state', ({ periods, state, missing }) => {
    expect(spanState(periods)).toEqual({ state, missing });
  });
});
