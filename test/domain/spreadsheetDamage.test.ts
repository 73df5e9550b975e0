import { describe, expect, test } from 'vitest';
import { isDamagedCode, isDamagedName } from '../../src/domain/spreadsheetDamage.ts';

describe('an identifier that a spreadsheet has damaged', () => {
  test.each([
    '1.00234E+11',
    '1.00234e+11',
    '1,00234E+11',
    '1.5E5',
    '1E+11',
    '-4E-05',
    '="00123"',
    '=A1',
    '3/1/2026',
    '03/01/2026',
    '3/1/26',
    '2026-03-01',
    '3/1/2026 0:00',
    '3/1/2026 12:00:00 AM',
    '1-Mar',
    '01-MAR',
    '1-Mar-26',
    '1-Mar-2026',
    'Mar-26',
    'Sep-2026',
    '#REF!',
    '#N/A',
    '#n/a',
    '#NAME?',
    '#VALUE!',
    '#DIV/0!',
    '########',
  ])('%s', (code) => {
    expect(isDamagedCode(code)).toBe(true);
  });

  test.each([
    '1E5',
    '1E11',
    '123E+4',
    '1.234',
    '0010023',
    'A-1234567',
    '10-12-34',
    '2026-0001',
    '2026-13-01',
    '13/45/2026',
    '12/2026',
    '1-March',
    'MARK-26',
    '32-Mar-x',
    '#1',
    '#',
    '#12345',
    'DS',
    'Ind',
    'Dec',
    '1+1',
    '',
  ])('%s is none', (code) => {
    expect(isDamagedCode(code)).toBe(false);
  });
});

describe('a name that a spreadsheet has damaged', () => {
  test.each(['#NAME?', '#REF!', '#N/A', '####', '=SMITH, JOHN'])('%s', (name) => {
    expect(isDamagedName(name)).toBe(true);
  });

  test.each(['SMITH, JOHN', "D'ARCY, INÉS", '1-Mar', 'MAY, 1E+5', '#', 'N/A', ''])('%s is none', (name) => {
    expect(isDamagedName(name)).toBe(false);
  });
});
