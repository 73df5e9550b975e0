import { describe, expect, test } from 'vitest';
import { parseIsoDate } from '../../src/domain/dates.ts';
import { dayName, monthsAway } from '../../src/portal/calendar.ts';

const date = parseIsoDate('2026-05-03')!;
const usual = ['MMMM YYYY', 'MMM YYYY'];

describe('by how many months a calendar shows later months', () => {
  test.each([
    { title: 'none', text: 'May 2026 Su Mo Tu 1 2 3', away: [0] },
    { title: 'a later one', text: 'August\n2026', away: [3] },
    { title: 'an earlier one', text: 'Dec 2025', away: [-5] },
    { title: 'two side by side', text: 'April 2026 May 2026', away: [-1, 0] },
    { title: 'the same twice', text: 'May 2026 May 2026', away: [0] },
    { title: 'one in capitals, without spaces', text: 'BackJUNE2026Next', away: [1] },
    { title: 'no part of a word', text: 'Dismay 2026, May 20261', away: [] },
    { title: 'nothing', text: 'Choose a day', away: [] },
  ])('$title', ({ text, away }) => {
    expect(monthsAway(text, date, usual)).toEqual(away);
  });

  test('as the recipe says', () => {
    expect(monthsAway('07/2026', date, ['MM/YYYY'])).toEqual([2]);
    expect(monthsAway("2026, Apr '26", date, ["MMM 'YY"])).toEqual([-1]);
  });
});

test.each([
  { name: '3', is: true },
  { name: ' 03 ', is: true },
  { name: 'Choose Sunday, May 3rd, 2026', is: true },
  { name: '3 May 2026', is: true },
  { name: '2026-05-03', is: true },
  { name: '13', is: false },
  { name: 'May 13, 2026', is: false },
  { name: 'June 3, 2026', is: false },
  { name: 'May 3, 2025', is: false },
])('$name is the day: $is', ({ name, is }) => {
  expect(dayName(date).test(name)).toBe(is);
});
