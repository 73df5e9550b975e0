import { describe, expect, test } from 'vitest';
import { isPassedOver, parsePattern, readName } from '../../src/domain/filePatterns.ts';

function reading(pattern: string, name: string) {
  const parsed = parsePattern(pattern);
  if (typeof parsed === 'string') throw new Error(parsed);
  return readName(parsed, name);
}

const fits: readonly (readonly [pattern: string, name: string, day: string | undefined])[] = [
  ['notes.csv', 'notes.csv', undefined],
  ['notes.csv', 'Notes.CSV', undefined],
  ['notes*.csv', 'notes.csv', undefined],
  ['notes*.csv', 'notes of cycle 2 (final).csv', undefined],
  ['notes-{YYYY-MM-DD}.csv', 'notes-2026-10-16.csv', '2026-10-16'],
  ['notes-{YYYYMMDD}*.csv', 'notes-20261016_0800.csv', '2026-10-16'],
  ['{MM-DD-YYYY}*', '10-16-2026 notes.csv', '2026-10-16'],
  ['util {YYYY-MM}.csv', 'util 2026-10.csv', '2026-10-01'],
  ['util_{YYYYMM}*.csv', 'util_202610_v2.csv', '2026-10-01'],
  ['*{YYYY-MM-DD}*', 'a 2026-10-16 b', '2026-10-16'],
  ['*{YYYY-MM-DD}*', '2026-10-16', '2026-10-16'],
  // Two dates of which one does not exist.
  ['*{YYYYMMDD}*', 'x 20261399 y 20261016', '2026-10-16'],
  // Composed in the pattern, decomposed in the name.
  ['note d\u2019été*.csv', 'note d\u2019e\u0301te\u0301 1.csv', undefined],
  // Nothing in a pattern means more than it says.
  ['a.b+c(d)[e]|f$.csv', 'a.b+c(d)[e]|f$.csv', undefined],
];

test.each(fits)('%s fits %s', (pattern, name, day) => {
  expect(reading(pattern, name)).toEqual({ kind: 'matches', day });
});

const others: readonly (readonly [pattern: string, name: string])[] = [
  ['notes.csv', 'notesxcsv'],
  ['notes.csv', 'my notes.csv'],
  ['notes.csv', 'notes.csv.bak'],
  ['notes-{YYYY-MM-DD}.csv', 'notes-2026-10-32.csv'],
  ['notes-{YYYY-MM-DD}.csv', 'notes-2026-02-29.csv'],
  ['notes-{YYYY-MM-DD}.csv', 'notes-2026/10/16.csv'],
  ['notes-{YYYYMMDD}.csv', 'notes-2026-10-16.csv'],
  // A date is not cut out of a longer number.
  ['*{YYYYMMDD}*', 'report 1202610165.csv'],
  ['*{YYYYMM}*', 'report 20261016.csv'],
  ['notes*.csv', `notes${'x'.repeat(250)}.csv`],
];

test.each(others)('%s does not fit %s', (pattern, name) => {
  expect(reading(pattern, name)).toBeUndefined();
});

test.each([
  ['*{YYYY-MM-DD}*', 'from 2026-10-16 to 2026-10-31.csv'],
  ['*{YYYYMMDD}*', '20261016-20261101.csv'],
])('%s reads two dates in %s: neither is taken', (pattern, name) => {
  expect(reading(pattern, name)).toEqual({ kind: 'unclear' });
});

describe('a pattern that is none', () => {
  test.each([
    ['drop/notes.csv', /without a folder/],
    ['..\\notes.csv', /without a folder/],
    ['.notes.csv', /begins with a dot/],
    ['notes.part', /unfinished/],
    ['notes-{YYYY}.csv', /placeholders are among \{YYYY-MM-DD\}/],
    ['notes-{.csv', /placeholders are among/],
    ['{YYYYMM} {YYYYMM}', /one placeholder/],
    ['*a*b*c*d*e*f', /at most 5 \*/],
    ['x'.repeat(201), /at most 200 bytes/],
  ])('%s', (text, mistake) => {
    expect(parsePattern(text)).toMatch(mistake);
  });
});

test('a long name that almost fits a pattern of many stars is read to its end', () => {
  expect(reading('*a*a*{YYYYMMDD}*a*a', `${'a'.repeat(120)} 20261016${'a'.repeat(71)}b`)).toBeUndefined();
});

test.each([
  ['.hidden.csv', true],
  ['notes.csv.part', true],
  ['notes.csv.filepart', true],
  ['notes.TMP', true],
  ['notes.csv.crdownload', true],
  ['notes.csv', false],
  ['partial.csv', false],
])('%s is passed over: %s', (name, passed) => {
  expect(isPassedOver(name)).toBe(passed);
});
