import { describe, expect, test } from 'vitest';
import { endsInBracketedDigits, plainServiceCode } from '../../src/domain/serviceCodes.ts';

describe('the service code without its effective date', () => {
  test.each([
    { title: 'the date after a space', cell: 'DS (07/01/2026)', code: 'DS' },
    { title: 'the date stuck on', cell: 'DS(07/01/2026)', code: 'DS' },
    { title: 'no date', cell: 'DS', code: 'DS' },
    { title: 'a code of two words', cell: 'Tra Supp (01/15/2026)', code: 'Tra Supp' },
    { title: 'single digits', cell: 'CLS (7/1/2026)', code: 'CLS' },
    { title: 'single digits, stuck on', cell: 'CLS(7/1/2026)', code: 'CLS' },
    { title: 'a year of two digits', cell: 'CLS (07/01/26)', code: 'CLS' },
    { title: 'all of it short', cell: 'CLS(7/1/26)', code: 'CLS' },
    { title: 'square brackets', cell: 'DS [07/01/2026]', code: 'DS' },
    { title: 'ISO in square brackets', cell: 'DS [2026-07-01]', code: 'DS' },
    { title: 'ISO in round ones', cell: 'DS (2026-07-01)', code: 'DS' },
    { title: 'hyphens', cell: 'DS (7-1-2026)', code: 'DS' },
    { title: 'points', cell: 'DS (07.01.2026)', code: 'DS' },
    { title: 'spaces within', cell: 'DS ( 07/01/2026 )', code: 'DS' },
    { title: 'a range', cell: 'CLS (07/01/2026 - 06/30/2027)', code: 'CLS' },
    { title: 'a range without spaces', cell: 'CLS(7/1/26-6/30/27)', code: 'CLS' },
    { title: 'a range with a dash', cell: 'CLS (07/01/2026 \u2013 06/30/2027)', code: 'CLS' },
    { title: 'a range in words', cell: 'CLS (07/01/2026 to 06/30/2027)', code: 'CLS' },
    { title: 'a range in capitals', cell: 'CLS [7/1/2026 TO 6/30/2027]', code: 'CLS' },
    { title: 'a range of ISO days', cell: 'CLS (2026-07-01 - 2027-06-30)', code: 'CLS' },
    { title: 'a range of ISO days stuck together', cell: 'CLS (2026-07-01-2027-06-30)', code: 'CLS' },
    { title: 'a range of two forms', cell: 'CLS (7/1/2026 - 2027-06-30)', code: 'CLS' },
    { title: 'nothing but a date leaves nothing', cell: '(07/01/2026)', code: '' },
    { title: 'brackets before the date stay', cell: 'DS (night) (07/01/2026)', code: 'DS (night)' },
  ])('$title: $cell', ({ cell, code }) => {
    expect(plainServiceCode(cell)).toBe(code);
  });

  test.each([
    { title: 'brackets with a word', cell: 'DS (night)' },
    { title: 'a date that is not at the end', cell: 'DS (07/01/2026) X' },
    { title: 'a date without brackets', cell: 'DS 07/01/2026' },
    { title: 'a day that does not exist', cell: 'DS (02/30/2026)' },
    { title: 'the day first', cell: 'DS (31/12/2026)' },
    { title: 'a month that does not exist', cell: 'DS [2026-13-01]' },
    { title: 'brackets of two kinds', cell: 'DS (07/01/2026]' },
    { title: 'a day of a month', cell: 'DS (07/01)' },
    { title: 'three dates', cell: 'DS (07/01/2026 - 08/01/2026 - 09/01/2026)' },
    { title: 'a range with one end', cell: 'DS (07/01/2026 - )' },
    { title: 'a number', cell: 'DS (2)' },
    { title: 'a bracket that is not opened', cell: 'DS 07/01/2026)' },
    { title: 'a bracket that is not closed', cell: 'DS (07/01/2026' },
    { title: 'another word', cell: 'DS (eff 07/01/2026)' },
  ])('$title stays: $cell', ({ cell }) => {
    expect(plainServiceCode(cell)).toBe(cell);
  });

  test.each([
    { code: 'DS (02/30/2026)', told: true },
    { code: 'DS [eff 7/1/26]', told: true },
    { code: 'DS (2)', told: true },
    { code: 'DS (night)', told: false },
    { code: 'DS 07/01/2026)', told: false },
    { code: 'DS', told: false },
    { code: '', told: false },
  ])('a code that still ends in digits in brackets is reported: $code', ({ code, told }) => {
    expect(endsInBracketedDigits(code)).toBe(told);
  });
});
