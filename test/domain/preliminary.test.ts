import { describe, expect, test } from 'vitest';
import type { IsoDate } from '../../src/domain/dates.ts';
import { noteStatus } from '../../src/domain/noteStatus.ts';
import { isOpen, isPreliminary } from '../../src/domain/preliminary.ts';

const period = (from: string, to: string) => ({ from: from as IsoDate, to: to as IsoDate });
const september = period('2026-09-01', '2026-09-30');
const cycle = period('2026-09-16', '2026-09-30');

describe('a period is open through its last day', () => {
  test.each([
    { title: 'before it begins', day: '2026-08-31', open: true },
    { title: 'on its first day', day: '2026-09-01', open: true },
    { title: 'on its last day', day: '2026-09-30', open: true },
    { title: 'on the day after', day: '2026-10-01', open: false },
  ])('$title: $open', ({ day, open }) => {
    expect(isOpen(september, day as IsoDate)).toBe(open);
  });
});

describe('the figures of an export are preliminary', () => {
  test.each([
    {
      title: 'utilization of the last day',
      report: 'utilization',
      of: september,
      day: '2026-09-30',
      is: true,
    },
    {
      title: 'utilization of the day after',
      report: 'utilization',
      of: september,
      day: '2026-10-01',
      is: false,
    },
    { title: 'notes of the last day', report: 'notes', of: cycle, day: '2026-09-30', is: true },
    { title: 'notes of the seventh day after', report: 'notes', of: cycle, day: '2026-10-07', is: true },
    { title: 'notes of the eighth day after', report: 'notes', of: cycle, day: '2026-10-08', is: false },
    {
      title: 'notes of the seventh day after a cycle at the end of a leap February',
      report: 'notes',
      of: period('2028-02-16', '2028-02-29'),
      day: '2028-03-07',
      is: true,
    },
    {
      title: 'notes of the eighth day after a cycle at the end of a year',
      report: 'notes',
      of: period('2026-12-16', '2026-12-31'),
      day: '2027-01-08',
      is: false,
    },
  ] as const)('$title: $is', ({ report, of, day, is }) => {
    expect(isPreliminary(report, of, day as IsoDate)).toBe(is);
  });

  test('a note signed on the last preliminary day is late, from the next day it is unbillable', () => {
    expect([noteStatus(7, true), noteStatus(8, true)]).toEqual(['Late', 'Unbillable']);
  });
});
