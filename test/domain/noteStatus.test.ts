import { expect, test } from 'vitest';
import { parseIsoDate } from '../../src/domain/dates.ts';
import { countDays, noteStatus } from '../../src/domain/noteStatus.ts';

test.each([
  { days: 0, signed: true, status: 'On Time' },
  { days: 2, signed: true, status: 'On Time' },
  { days: 3, signed: true, status: 'Late' },
  { days: 7, signed: true, status: 'Late' },
  { days: 8, signed: true, status: 'Unbillable' },
  { days: 365, signed: true, status: 'Unbillable' },
  { days: -1, signed: true, status: 'On Time' },
  { days: 0, signed: false, status: 'Unbillable' },
  { days: 2, signed: false, status: 'Unbillable' },
  { days: -1, signed: false, status: 'Unbillable' },
  { days: 3, signed: false, status: 'Late' },
  { days: 7, signed: false, status: 'Late' },
  { days: 8, signed: false, status: 'Unbillable' },
  { days: null, signed: false, status: 'Unbillable' },
])('a note of $days days, signed: $signed, is $status', ({ days, signed, status }) => {
  expect(noteStatus(days, signed)).toBe(status);
});

test.each([
  {
    title: 'days as exported',
    service: '2026-10-01',
    sign: '2026-10-03',
    exported: 2,
    expected: { days: 2, warnings: [] },
  },
  {
    title: 'blank days of a signed note are counted from the dates',
    service: '2026-10-01',
    sign: '2026-10-05',
    exported: null,
    expected: { days: 4, warnings: ['signed-days-blank'] },
  },
  {
    title: 'blank days of an unsigned note stay blank',
    service: '2026-10-01',
    sign: null,
    exported: null,
    expected: { days: null, warnings: [] },
  },
  {
    title: 'days of an unsigned note are kept, there is nothing to hold them against',
    service: '2026-10-01',
    sign: null,
    exported: 5,
    expected: { days: 5, warnings: [] },
  },
  {
    title: 'days that differ from the dates are kept as exported',
    service: '2026-10-01',
    sign: '2026-10-05',
    exported: 1,
    expected: { days: 1, warnings: ['days-differ-from-dates'] },
  },
  {
    title: 'negative days that the dates confirm',
    service: '2026-10-05',
    sign: '2026-10-04',
    exported: -1,
    expected: { days: -1, warnings: ['negative-days'] },
  },
  {
    title: 'blank days that count as negative',
    service: '2026-10-05',
    sign: '2026-10-04',
    exported: null,
    expected: { days: -1, warnings: ['signed-days-blank', 'negative-days'] },
  },
  {
    title: 'negative days that differ from the dates',
    service: '2026-10-05',
    sign: '2026-10-06',
    exported: -1,
    expected: { days: -1, warnings: ['days-differ-from-dates', 'negative-days'] },
  },
  {
    title: 'a night that clocks go back over is still one day',
    service: '2026-10-31',
    sign: '2026-11-01',
    exported: 1,
    expected: { days: 1, warnings: [] },
  },
  {
    title: 'over a leap day',
    service: '2028-02-28',
    sign: '2028-03-01',
    exported: null,
    expected: { days: 2, warnings: ['signed-days-blank'] },
  },
])('$title', ({ service, sign, exported, expected }) => {
  const counted = countDays({
    dateOfService: parseIsoDate(service)!,
    signDate: sign === null ? null : parseIsoDate(sign)!,
    exportedDays: exported,
  });
  expect(counted).toEqual(expected);
});
