import { assert, constantFrom, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, daysBetween, parseIsoDate, type IsoDate } from '../../src/domain/dates.ts';
import {
  duePeriod,
  isWholePeriod,
  missingPeriods,
  periodAfter,
  periodBefore,
  periodContaining,
  periodsNewestFirst,
  periodText,
  recentPeriods,
  wholeRangeAround,
  yearMonth,
  type Period,
} from '../../src/domain/periods.ts';
import { reportNames, type ReportName } from '../../src/reports/index.ts';

function day(text: string): IsoDate {
  const parsed = parseIsoDate(text);
  if (parsed === undefined) throw new Error(`no such day: ${text}`);
  return parsed;
}

function period(text: string): Period {
  const [from = '', to = ''] = text.split('..');
  return { from: day(from), to: day(to) };
}

describe('the period that holds a day', () => {
  test.each([
    { report: 'utilization', on: '2026-09-01', expected: '2026-09-01..2026-09-30' },
    { report: 'utilization', on: '2026-09-30', expected: '2026-09-01..2026-09-30' },
    { report: 'utilization', on: '2026-12-31', expected: '2026-12-01..2026-12-31' },
    { report: 'utilization', on: '2000-02-10', expected: '2000-02-01..2000-02-29' },
    { report: 'utilization', on: '2024-02-10', expected: '2024-02-01..2024-02-29' },
    { report: 'utilization', on: '2026-02-10', expected: '2026-02-01..2026-02-28' },
    { report: 'utilization', on: '2100-02-10', expected: '2100-02-01..2100-02-28' },
    { report: 'notes', on: '2026-10-01', expected: '2026-10-01..2026-10-15' },
    { report: 'notes', on: '2026-10-15', expected: '2026-10-01..2026-10-15' },
    { report: 'notes', on: '2026-10-16', expected: '2026-10-16..2026-10-31' },
    { report: 'notes', on: '2026-11-30', expected: '2026-11-16..2026-11-30' },
    { report: 'notes', on: '2026-12-31', expected: '2026-12-16..2026-12-31' },
    { report: 'notes', on: '2000-02-29', expected: '2000-02-16..2000-02-29' },
    { report: 'notes', on: '2024-02-16', expected: '2024-02-16..2024-02-29' },
    { report: 'notes', on: '2028-02-20', expected: '2028-02-16..2028-02-29' },
    { report: 'notes', on: '2100-02-28', expected: '2100-02-16..2100-02-28' },
  ] as const)('of $report on $on is $expected', ({ report, on, expected }) => {
    expect(periodText(periodContaining(report, day(on)))).toBe(expected);
  });
});

describe('the period that is due', () => {
  test.each([
    { report: 'utilization', on: '2026-11-01', expected: '2026-10-01..2026-10-31' },
    { report: 'utilization', on: '2026-11-15', expected: '2026-10-01..2026-10-31' },
    { report: 'utilization', on: '2026-11-16', expected: '2026-10-01..2026-10-31' },
    { report: 'utilization', on: '2026-11-30', expected: '2026-10-01..2026-10-31' },
    { report: 'utilization', on: '2026-12-01', expected: '2026-11-01..2026-11-30' },
    { report: 'utilization', on: '2027-01-01', expected: '2026-12-01..2026-12-31' },
    { report: 'utilization', on: '2024-03-31', expected: '2024-02-01..2024-02-29' },
    { report: 'utilization', on: '2026-03-08', expected: '2026-02-01..2026-02-28' },
    { report: 'notes', on: '2026-11-01', expected: '2026-10-16..2026-10-31' },
    { report: 'notes', on: '2026-11-15', expected: '2026-10-16..2026-10-31' },
    { report: 'notes', on: '2026-11-16', expected: '2026-11-01..2026-11-15' },
    { report: 'notes', on: '2026-11-30', expected: '2026-11-01..2026-11-15' },
    { report: 'notes', on: '2026-12-01', expected: '2026-11-16..2026-11-30' },
    { report: 'notes', on: '2027-01-01', expected: '2026-12-16..2026-12-31' },
    { report: 'notes', on: '2027-01-15', expected: '2026-12-16..2026-12-31' },
    { report: 'notes', on: '2027-01-16', expected: '2027-01-01..2027-01-15' },
    { report: 'notes', on: '2024-03-01', expected: '2024-02-16..2024-02-29' },
    { report: 'notes', on: '2100-03-01', expected: '2100-02-16..2100-02-28' },
    { report: 'notes', on: '2026-03-08', expected: '2026-02-16..2026-02-28' },
  ] as const)('for $report on $on is $expected', ({ report, on, expected }) => {
    expect(periodText(duePeriod(report, day(on)))).toBe(expected);
  });
});

test.each([
  {
    title: 'one period is the due one',
    report: 'notes',
    on: '2026-11-16',
    count: 1,
    expected: ['2026-11-01..2026-11-15'],
  },
  {
    title: 'billing cycles, newest first',
    report: 'notes',
    on: '2026-11-16',
    count: 3,
    expected: ['2026-11-01..2026-11-15', '2026-10-16..2026-10-31', '2026-10-01..2026-10-15'],
  },
  {
    title: 'billing cycles over a leap day',
    report: 'notes',
    on: '2024-03-16',
    count: 3,
    expected: ['2024-03-01..2024-03-15', '2024-02-16..2024-02-29', '2024-02-01..2024-02-15'],
  },
  {
    title: 'months over a year end',
    report: 'utilization',
    on: '2027-01-10',
    count: 2,
    expected: ['2026-12-01..2026-12-31', '2026-11-01..2026-11-30'],
  },
] as const)('recent periods: $title', ({ report, on, count, expected }) => {
  expect(recentPeriods(report, day(on), count).map(periodText)).toEqual(expected);
});

test.each([
  { title: 'nothing was ever loaded', loaded: [], expected: [] },
  { title: 'all were', loaded: ['2026-10-16..2026-10-31', '2026-11-01..2026-11-15'], expected: [] },
  {
    title: 'some were, in any order',
    loaded: ['2026-10-16..2026-10-31', '2026-09-16..2026-09-30'],
    expected: ['2026-11-01..2026-11-15', '2026-10-01..2026-10-15'],
  },
  { title: 'only the period that has not ended was', loaded: ['2026-11-16..2026-11-30'], expected: [] },
])('what is missing on 20 November, where $title: $expected', ({ loaded, expected }) => {
  expect(missingPeriods('notes', loaded.map(period), day('2026-11-20')).map(periodText)).toEqual(expected);
});

test.each([
  { title: 'a month', report: 'utilization', range: '2026-09-01..2026-09-30', whole: true },
  { title: 'February of a leap year', report: 'utilization', range: '2024-02-01..2024-02-29', whole: true },
  {
    title: 'a leap February cut short',
    report: 'utilization',
    range: '2024-02-01..2024-02-28',
    whole: false,
  },
  { title: 'a month that begins late', report: 'utilization', range: '2026-09-02..2026-09-30', whole: false },
  { title: 'two months', report: 'utilization', range: '2026-09-01..2026-10-31', whole: false },
  { title: 'half a month', report: 'utilization', range: '2026-09-01..2026-09-15', whole: false },
  { title: 'the first half of a month', report: 'notes', range: '2026-09-01..2026-09-15', whole: true },
  { title: 'the second half of a month', report: 'notes', range: '2026-09-16..2026-09-30', whole: true },
  { title: 'a month', report: 'notes', range: '2026-09-01..2026-09-30', whole: false },
  { title: 'a single day', report: 'notes', range: '2026-09-01..2026-09-01', whole: false },
] as const)('$title is a whole period of $report: $whole', ({ report, range, whole }) => {
  expect(isWholePeriod(report, period(range))).toBe(whole);
});

test.each([
  { report: 'utilization', range: '2026-09-10..2026-09-20', expected: '2026-09-01..2026-09-30' },
  { report: 'utilization', range: '2026-09-30..2026-10-01', expected: '2026-09-01..2026-10-31' },
  { report: 'notes', range: '2026-09-10..2026-09-12', expected: '2026-09-01..2026-09-15' },
  { report: 'notes', range: '2026-09-15..2026-09-16', expected: '2026-09-01..2026-09-30' },
  { report: 'notes', range: '2026-02-17..2026-03-02', expected: '2026-02-16..2026-03-15' },
  { report: 'notes', range: '2026-12-31..2027-01-01', expected: '2026-12-16..2027-01-15' },
] as const)('the whole range of $report around $range is $expected', ({ report, range, expected }) => {
  expect(periodText(wholeRangeAround(report, period(range)))).toBe(expected);
});

test.each([
  { title: 'one period', report: 'notes', range: '2026-09-16..2026-09-30', count: 1 },
  { title: 'a year of months', report: 'utilization', range: '2026-01-01..2026-12-31', count: 12 },
  { title: 'a year of billing cycles', report: 'notes', range: '2026-01-01..2026-12-31', count: 24 },
  { title: 'the first year there is', report: 'notes', range: '1000-01-01..1000-12-31', count: 24 },
  { title: 'the last year there is', report: 'utilization', range: '9999-01-01..9999-12-31', count: 12 },
] as const)('cuts $title newest first, without a gap', ({ report, range, count }) => {
  const asked = period(range);
  const periods = periodsNewestFirst(report, asked);
  expect(periods).toHaveLength(count);
  expect(periods[0]!.to).toBe(asked.to);
  expect(periods.at(-1)!.from).toBe(asked.from);
  periods.slice(1).forEach((older, index) => expect(addDays(older.to, 1)).toBe(periods[index]!.from));
});

test('a period belongs to the month it begins in', () => {
  expect(yearMonth(period('2026-12-16..2026-12-31'))).toBe('2026-12');
});

describe('periods tile the calendar', () => {
  test.each(reportNames)(
    'from 2000 to 2100 every day lies in one period of %s, its neighbours touch it',
    (report) => {
      const lastDay = day('2100-12-31');
      const firstDay = periodContaining(report, day('2000-01-01')).from;
      let next = firstDay;
      let daysCovered = 0;
      while (next <= lastDay) {
        const current = periodContaining(report, next);
        expect(current.from, 'a period begins where the last one ended').toBe(next);
        for (let on = current.from; on <= current.to; on = addDays(on, 1)) {
          if (periodText(periodContaining(report, on)) !== periodText(current))
            throw new Error(`${on} overlaps`);
          daysCovered += 1;
        }
        next = addDays(current.to, 1);
      }
      expect(daysCovered).toBe(daysBetween(firstDay, next));
      expect(daysCovered).toBeGreaterThanOrEqual(daysBetween(day('2000-01-01'), day('2101-01-01')));
    },
  );

  const anyDay = integer({ min: 0, max: 36_890 }).map((days) => addDays(day('2000-01-01'), days));
  const anyReport = constantFrom<ReportName>(...reportNames);

  test('before and after are each other’s inverse, and the due period is the newest that has ended', () => {
    const checked = property(anyReport, anyDay, (report, on) => {
      const current = periodContaining(report, on);
      expect(current.from <= on && on <= current.to).toBe(true);
      expect(isWholePeriod(report, current)).toBe(true);
      expect(periodBefore(report, periodAfter(report, current))).toEqual(current);
      expect(periodAfter(report, periodBefore(report, current))).toEqual(current);
      const due = duePeriod(report, on);
      expect(due.to < on).toBe(true);
      expect(periodAfter(report, due)).toEqual(current);
    });
    expect(() => assert(checked, { numRuns: 1000 })).not.toThrow();
  });

  test('a range between any two days is cut into touching whole periods that hold it', () => {
    const checked = property(anyReport, anyDay, integer({ min: 0, max: 400 }), (report, from, length) => {
      const range = { from, to: addDays(from, length) };
      const whole = wholeRangeAround(report, range);
      expect(whole.from <= range.from && range.to <= whole.to).toBe(true);
      const periods = periodsNewestFirst(report, whole);
      expect(periods[0]!.to).toBe(whole.to);
      expect(periods.at(-1)!.from).toBe(whole.from);
      periods.slice(1).forEach((older, index) => expect(periodAfter(report, older)).toEqual(periods[index]));
    });
    expect(() => assert(checked, { numRuns: 300 })).not.toThrow();
  });
});
