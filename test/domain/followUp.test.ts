import { expect, test } from 'vitest';
import type { IsoDate } from '../../src/domain/dates.ts';
import {
  ageGroups,
  daysNotLoaded,
  daysToBill,
  knownOf,
  lastDayAges,
  noteChange,
  statusIfSigned,
  type ExportMoment,
  type FollowedNote,
} from '../../src/domain/followUp.ts';

test.each([
  [-1, 'On Time', 8],
  [0, 'On Time', 7],
  [2, 'On Time', 5],
  [3, 'Late', 4],
  [7, 'Late', 0],
  [8, 'Unbillable', undefined],
  [400, 'Unbillable', undefined],
] as const)('a note of %i days is %s if it is signed today, with %s days left', (age, status, left) => {
  expect(statusIfSigned(age)).toBe(status);
  expect(daysToBill(age)).toBe(left);
});

function moment(time: string): ExportMoment {
  return { day: time.slice(0, 10) as IsoDate, time };
}

const before = moment('2026-11-03 03:30');
const now = moment('2026-11-04 03:30');

function aNote(dateOfService: string, change: Partial<FollowedNote> = {}): FollowedNote {
  return {
    dateOfService: dateOfService as IsoDate,
    signDate: null,
    signedAt: null,
    daysToSign: null,
    ...change,
  };
}

function signed(on: string, at: string | null, daysToSign: number): Partial<FollowedNote> {
  return { signDate: on as IsoDate, signedAt: at, daysToSign };
}

test.each<{ title: string; note: FollowedNote; is: string[] }>([
  { title: 'open and on time still', note: aNote('2026-11-02'), is: [] },
  { title: 'open, and past two days since', note: aNote('2026-11-01'), is: ['newlyLate'] },
  { title: 'late already', note: aNote('2026-10-31'), is: [] },
  { title: 'open, and past seven days since', note: aNote('2026-10-27'), is: ['newlyUnbillable'] },
  { title: 'unbillable already', note: aNote('2026-10-26'), is: [] },
  {
    title: 'signed in time, after the earlier export',
    note: aNote('2026-11-02', signed('2026-11-03', '2026-11-03 03:31:00', 1)),
    is: ['newlySigned'],
  },
  {
    title: 'signed just before the earlier export',
    note: aNote('2026-11-02', signed('2026-11-03', '2026-11-03 03:30:00', 1)),
    is: [],
  },
  {
    title: 'signed on the day of the earlier export, at a time that nobody knows',
    note: aNote('2026-11-02', signed('2026-11-03', null, 1)),
    is: [],
  },
  {
    title: 'signed on a later day, at a time that nobody knows',
    note: aNote('2026-11-03', signed('2026-11-04', null, 1)),
    is: ['newlySigned'],
  },
  {
    title: 'signed late since',
    note: aNote('2026-11-01', signed('2026-11-04', '2026-11-04 01:00:00', 3)),
    is: ['newlySigned', 'newlyLate'],
  },
  {
    title: 'signed since, days after it was unbillable',
    note: aNote('2026-10-20', signed('2026-11-03', '2026-11-03 09:00:00', 14)),
    is: ['newlySigned'],
  },
])('$title', ({ note, is }) => {
  const change = noteChange(note, before, now);
  expect(Object.entries(change).flatMap(([name, so]) => (so ? [name] : []))).toEqual(is);
});

interface Loads {
  readonly title: string;
  /** First and last day of each cycle, and the day of its export. */
  readonly loaded: readonly (readonly [from: string, to: string, exportedOn: string])[];
  readonly gaps: readonly (readonly [from: string, to: string])[];
  /** Of 0–2, 3–7 and 8+ days, and of those whose last day is today. */
  readonly known: readonly ('all' | 'some' | 'none')[];
}

test.each<Loads>([
  {
    title: 'the cycle of the day is loaded up to it',
    loaded: [
      ['2026-11-01', '2026-11-15', '2026-11-27'],
      ['2026-11-16', '2026-11-30', '2026-11-27'],
    ],
    gaps: [],
    known: ['all', 'all', 'all', 'all'],
  },
  {
    title: 'the cycle of the day is not loaded, for eight days and more',
    loaded: [['2026-11-01', '2026-11-15', '2026-11-27']],
    gaps: [['2026-11-16', '2026-11-27']],
    known: ['none', 'none', 'some', 'none'],
  },
  {
    title: 'the cycle before has ended five days ago',
    loaded: [['2026-11-01', '2026-11-22', '2026-11-27']],
    gaps: [['2026-11-23', '2026-11-27']],
    known: ['none', 'some', 'all', 'all'],
  },
  {
    title: 'the cycle of the day is of an earlier day, and one before is missing',
    loaded: [
      ['2026-11-16', '2026-11-30', '2026-11-25'],
      ['2026-10-16', '2026-10-31', '2026-11-27'],
    ],
    gaps: [
      ['2026-11-01', '2026-11-15'],
      ['2026-11-26', '2026-11-27'],
    ],
    known: ['some', 'all', 'some', 'all'],
  },
])('of the days before November 27, $title', ({ loaded, gaps, known }) => {
  const day = '2026-11-27' as IsoDate;
  const notLoaded = daysNotLoaded(
    loaded.map(([from, to, exportedOn]) => ({
      period: { from: from as IsoDate, to: to as IsoDate },
      exportedOn: exportedOn as IsoDate,
    })),
    day,
  );
  expect(notLoaded.map(({ from, to }) => [from, to])).toEqual(gaps);
  expect([...ageGroups, lastDayAges].map((ages) => knownOf(ages, notLoaded, day))).toEqual(known);
});

test('of no load nothing is known', () => {
  const day = '2026-11-27' as IsoDate;
  expect(daysNotLoaded([], day)).toEqual([{ from: day, to: day }]);
});
