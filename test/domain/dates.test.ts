import { assert, constantFrom, date as anyInstant, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addDays,
  dayInZone,
  daysBetween,
  daysInMonth,
  instantInZone,
  parseIsoDate,
  partsOf,
  type IsoDate,
} from '../../src/domain/dates.ts';

const newYork = 'America/New_York';

function day(text: string): IsoDate {
  const parsed = parseIsoDate(text);
  if (parsed === undefined) throw new Error(`no such day: ${text}`);
  return parsed;
}

describe('parseIsoDate', () => {
  test.each([
    { title: 'a day', text: '2026-11-16' },
    { title: '29 February of a leap year', text: '2028-02-29' },
    { title: '29 February of 2000, a century that is a leap year', text: '2000-02-29' },
    { title: 'the last day of a year', text: '2026-12-31' },
    { title: 'the first day that the tables can hold', text: '1000-01-01' },
    { title: 'the last day that the tables can hold', text: '9999-12-31' },
  ])('reads $title', ({ text }) => {
    expect(parseIsoDate(text)).toBe(text);
  });

  test.each([
    { title: '29 February of a common year', text: '2026-02-29' },
    { title: '29 February of 2100, a century that is no leap year', text: '2100-02-29' },
    { title: '31 April', text: '2026-04-31' },
    { title: 'month 13', text: '2026-13-01' },
    { title: 'month 0', text: '2026-00-10' },
    { title: 'day 0', text: '2026-01-00' },
    { title: 'one digit for the day', text: '2026-01-5' },
    { title: 'a time stamp', text: '2026-01-05T00:00:00Z' },
    { title: 'the American order', text: '01/05/2026' },
    { title: 'spaces around it', text: ' 2026-01-05 ' },
    { title: 'a line end after it', text: '2026-01-05\n' },
    { title: 'a year of three digits', text: '0999-12-31' },
    { title: 'nothing', text: '' },
  ])('does not read $title', ({ text }) => {
    expect(parseIsoDate(text)).toBeUndefined();
  });
});

test.each([
  { title: 'January has 31 days', year: 2026, month: 1, days: 31 },
  { title: 'February of a common year has 28', year: 2026, month: 2, days: 28 },
  { title: 'February 2024 has 29', year: 2024, month: 2, days: 29 },
  { title: 'February 2028 has 29', year: 2028, month: 2, days: 29 },
  { title: 'February 2000 has 29, as 400 divides it', year: 2000, month: 2, days: 29 },
  { title: 'February 2100 has 28, as 100 divides it and 400 does not', year: 2100, month: 2, days: 28 },
  { title: 'April has 30', year: 2026, month: 4, days: 30 },
  { title: 'December has 31', year: 2026, month: 12, days: 31 },
])('$title', ({ year, month, days }) => {
  expect(daysInMonth(year, month)).toBe(days);
});

test.each([
  { title: 'the day after a year end', from: '2026-12-31', days: 1, to: '2027-01-01' },
  { title: 'the day before a year start', from: '2027-01-01', days: -1, to: '2026-12-31' },
  { title: 'the day after 28 February of a leap year', from: '2028-02-28', days: 1, to: '2028-02-29' },
  { title: 'the day after 28 February of 2100', from: '2100-02-28', days: 1, to: '2100-03-01' },
  { title: 'over the day that has 23 hours', from: '2026-03-07', days: 2, to: '2026-03-09' },
  { title: 'over the day that has 25 hours', from: '2026-10-31', days: 2, to: '2026-11-02' },
  { title: 'a year on', from: '2026-06-30', days: 365, to: '2027-06-30' },
])('adds and counts days: $title', ({ from, days, to }) => {
  expect(addDays(day(from), days)).toBe(to);
  expect(daysBetween(day(from), day(to))).toBe(days);
});

test('a day has its parts', () => {
  expect(partsOf(day('2026-03-09'))).toEqual({ year: 2026, month: 3, day: 9 });
});

describe('dayInZone', () => {
  test.each([
    {
      title: '20:30 New York on the 15th is still the 15th, though UTC has the 16th',
      instant: '2026-10-16T00:30:00Z',
      expected: '2026-10-15',
    },
    {
      title: 'midnight in New York begins a day',
      instant: '2026-10-16T04:00:00Z',
      expected: '2026-10-16',
    },
    {
      title: 'a second before midnight belongs to the old day',
      instant: '2026-10-16T03:59:59Z',
      expected: '2026-10-15',
    },
    {
      title: '23:30 on 31 December is the old year',
      instant: '2027-01-01T04:30:00Z',
      expected: '2026-12-31',
    },
    {
      title: 'the evening before clocks go forward',
      instant: '2026-03-08T04:30:00Z',
      expected: '2026-03-07',
    },
    {
      title: '03:30 on the day clocks go forward',
      instant: '2026-03-08T07:30:00Z',
      expected: '2026-03-08',
    },
    {
      title: '23:30 on the day clocks went forward',
      instant: '2026-03-09T03:30:00Z',
      expected: '2026-03-08',
    },
    {
      title: 'the first 01:30 on the day clocks go back',
      instant: '2026-11-01T05:30:00Z',
      expected: '2026-11-01',
    },
    {
      title: 'the second 01:30 on the day clocks go back',
      instant: '2026-11-01T06:30:00Z',
      expected: '2026-11-01',
    },
    {
      title: '23:30 on the day clocks went back, an hour later in UTC than the day before',
      instant: '2026-11-02T04:30:00Z',
      expected: '2026-11-01',
    },
    {
      title: '19:30 on 28 February of a leap year, though UTC has the 29th',
      instant: '2028-02-29T00:30:00Z',
      expected: '2028-02-28',
    },
  ])('$title', ({ instant, expected }) => {
    expect(dayInZone(new Date(instant), newYork)).toBe(expected);
  });

  test.each([
    { title: 'UTC', zone: 'UTC', expected: '2026-10-16' },
    { title: 'Honolulu', zone: 'Pacific/Honolulu', expected: '2026-10-15' },
    { title: 'Kiritimati, 14 hours ahead', zone: 'Pacific/Kiritimati', expected: '2026-10-16' },
  ])('knows the day in $title', ({ zone, expected }) => {
    expect(dayInZone(new Date('2026-10-16T09:59:59Z'), zone)).toBe(expected);
  });
});

describe('instantInZone', () => {
  test.each([
    { title: 'in summer time', date: '2026-07-01', time: '03:30', expected: '2026-07-01T07:30:00.000Z' },
    { title: 'in winter time', date: '2026-12-01', time: '03:30', expected: '2026-12-01T08:30:00.000Z' },
    {
      title: 'on the day clocks go forward, after they did',
      date: '2026-03-08',
      time: '03:30',
      expected: '2026-03-08T07:30:00.000Z',
    },
    {
      title: 'on the day clocks go forward, before they do',
      date: '2026-03-08',
      time: '01:30',
      expected: '2026-03-08T06:30:00.000Z',
    },
    {
      title: 'on the day clocks go back, after they did',
      date: '2026-11-01',
      time: '03:30',
      expected: '2026-11-01T08:30:00.000Z',
    },
    {
      title: 'on the day clocks go back, before they do',
      date: '2026-11-01',
      time: '00:30',
      expected: '2026-11-01T04:30:00.000Z',
    },
    {
      title: 'in the evening, when UTC has the next day',
      date: '2026-12-31',
      time: '20:30',
      expected: '2027-01-01T01:30:00.000Z',
    },
  ])('New York $title', ({ date, time, expected }) => {
    expect(instantInZone(day(date), time, newYork).toISOString()).toBe(expected);
  });

  test('a time that the zone skips gives an instant of that day beside the gap', () => {
    expect(['2026-03-08T06:30:00.000Z', '2026-03-08T07:30:00.000Z']).toContain(
      instantInZone(day('2026-03-08'), '02:30', newYork).toISOString(),
    );
  });

  test('a time that the zone has twice gives one of the two', () => {
    expect(['2026-11-01T05:30:00.000Z', '2026-11-01T06:30:00.000Z']).toContain(
      instantInZone(day('2026-11-01'), '01:30', newYork).toISOString(),
    );
  });

  test('a zone ahead of UTC by hours and a half', () => {
    expect(instantInZone(day('2026-01-01'), '03:30', 'Asia/Kolkata').toISOString()).toBe(
      '2025-12-31T22:00:00.000Z',
    );
  });

  test('the day at 03:30 is that day, every day of 30 years and in every zone on offer', () => {
    const checked = property(
      integer({ min: 0, max: 11_000 }),
      constantFrom(newYork, 'America/Chicago', 'America/Los_Angeles', 'UTC', 'Australia/Lord_Howe'),
      (days, zone) => {
        const date = addDays(day('2010-01-01'), days);
        expect(dayInZone(instantInZone(date, '03:30', zone), zone)).toBe(date);
      },
    );
    expect(() => assert(checked, { numRuns: 500 })).not.toThrow();
  });
});

test('a day of any instant can be parsed again', () => {
  const instants = anyInstant({
    min: new Date('1900-01-01'),
    max: new Date('2200-01-01'),
    noInvalidDate: true,
  });
  const checked = property(instants, (instant) => {
    const date = dayInZone(instant, newYork);
    expect(parseIsoDate(date)).toBe(date);
  });
  expect(() => assert(checked, { numRuns: 500 })).not.toThrow();
});
