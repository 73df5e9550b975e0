import { describe, expect, test } from 'vitest';
import { dataAge, fileAge, isOldFile } from '../../src/dashboard/dataAge.ts';
import { dayLabel, momentText, spanText } from '../../src/dashboard/figureText.ts';
import { stateWords, type NamedPeriod } from '../../src/dashboard/stateWords.ts';
import type { PeriodState } from '../../src/domain/periodState.ts';

const hour = 3_600_000;
const writtenAt = Date.parse('2026-11-18T08:31:00Z');

describe('the age of a file when it is opened', () => {
  test.each([
    { title: 'at once', after: 0, words: '0 minutes old', old: false },
    { title: 'within the tolerance of clocks', after: -hour / 20, words: '0 minutes old', old: false },
    { title: 'after a minute', after: hour / 60, words: '1 minute old', old: false },
    { title: 'after an hour', after: hour, words: '1 hour old', old: false },
    { title: 'just before two days', after: 48 * hour - 1, words: '47 hours old', old: false },
    { title: 'after two days', after: 48 * hour, words: '2 days old', old: true },
    { title: 'after years', after: 9_999 * hour, words: 'more than 400 days old', old: true },
    {
      title: 'by a clock before it',
      after: -hour,
      words: 'written later than this computer’s clock says it is',
      old: true,
    },
  ])('$title: $words', ({ after, words, old }) => {
    const opened = { writtenAt, now: writtenAt + after };
    expect(fileAge(opened)).toBe(words);
    expect(isOldFile(opened)).toBe(old);
  });
});

describe('the age of an export', () => {
  const exportedAt = writtenAt - 5 * hour;

  test.each([
    { title: 'is counted to the day it is opened', after: 19 * hour, words: '24 hours old' },
    {
      title: 'is never less than it was when the file was written',
      after: -999 * hour,
      words: 'at least 5 hours old (this computer’s clock is wrong)',
    },
    { title: 'holds a clock a little behind', after: -hour / 20, words: '5 hours old' },
  ])('$title', ({ after, words }) => {
    expect(dataAge(exportedAt, { writtenAt, now: writtenAt + after })).toBe(words);
  });

  test('is none of an export later than the file', () => {
    expect(dataAge(writtenAt + hour, { writtenAt, now: writtenAt })).toBe('0 minutes old');
  });
});

function aPeriod(name: string, state: PeriodState, loaded = true): NamedPeriod {
  return {
    name,
    state,
    loaded,
    from: '',
    to: '',
    failureType: state === 'failed' ? 'PortalUnavailable' : null,
  };
}

describe('how figures stand', () => {
  const asOf = 'Nov 17, 2026, 3:30 AM';

  test.each([
    { state: 'settled', words: 'Settled' },
    { state: 'preliminary', words: 'Preliminary' },
    {
      state: 'stale',
      words: `Stale: the daily run should have loaded October 2026 again; figures are of ${asOf}`,
    },
    { state: 'held', words: `Held: the newest run of October 2026 is held; figures are of ${asOf}` },
    {
      state: 'failed',
      words: `Failed: the newest run of October 2026 failed (PortalUnavailable); figures are of ${asOf}`,
    },
  ] as const)('$state', ({ state, words }) => {
    expect(stateWords({ state }, { periods: [aPeriod('October 2026', state)], missing: [], asOf })).toBe(
      words,
    );
  });

  test.each([
    { state: 'not loaded', words: 'Not loaded; no figures yet' },
    { state: 'held', words: 'Held: the newest run of October 2026 is held; no figures yet' },
    {
      state: 'failed',
      words: 'Failed: the newest run of October 2026 failed (PortalUnavailable); no figures yet',
    },
  ] as const)('$state, and nothing is loaded', ({ state, words }) => {
    const periods = [aPeriod('October 2026', state, false)];
    expect(stateWords({ state }, { periods, missing: [], asOf: null })).toBe(words);
  });

  test('names three periods at most, and what is missing', () => {
    const held = ['A', 'B', 'C', 'D', 'E'].map((name) => aPeriod(name, 'held'));
    const periods = [...held, aPeriod('F', 'not loaded', false)];
    expect(stateWords({ state: 'held' }, { periods, missing: ['F'], asOf })).toBe(
      `Held: the newest run of A, B, C and 2 more is held; figures are of ${asOf}; not loaded: F`,
    );
  });

  test('in a row of its own names nothing', () => {
    expect(stateWords({ state: 'stale' }, { periods: [aPeriod('', 'stale')], missing: [], asOf })).toBe(
      `Stale: the daily run should have loaded it again; figures are of ${asOf}`,
    );
  });
});

test.each([
  ['2026-10-01', '2026-10-31', 'October 2026'],
  ['2026-02-01', '2026-02-28', 'February 2026'],
  ['2024-02-01', '2024-02-28', 'Feb 1–28, 2024'],
  ['2026-11-01', '2026-11-15', 'Nov 1–15, 2026'],
  ['2026-11-16', '2026-11-30', 'Nov 16–30, 2026'],
  ['2026-11-05', '2026-11-05', 'Nov 5, 2026'],
  ['2026-08-18', '2026-11-15', 'Aug 18 – Nov 15, 2026'],
  ['2025-11-18', '2026-02-15', 'Nov 18, 2025 – Feb 15, 2026'],
])('%s to %s is called %s', (from, to, text) => {
  expect(spanText({ from, to })).toBe(text);
});

test('days and times are written as Americans read them, in the time that the text has', () => {
  expect(dayLabel('2026-09-05')).toBe('Sep 5, 2026');
  expect(momentText('2026-11-01 01:30')).toBe('Nov 1, 2026, 1:30 AM');
  expect(momentText('2026-11-16 23:05')).toBe('Nov 16, 2026, 11:05 PM');
});
