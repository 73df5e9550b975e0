import type { TsvCell } from '../../src/domain/rowCells.ts';
import { array, assert, constantFrom, option, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { decodeTsv, encodeTsv } from '../../src/rows/tsv.ts';

test.each<{ title: string; cells: readonly TsvCell[]; line: string }>([
  { title: 'cells are parted by tabs', cells: ['a', 'b'], line: 'a\tb\n' },
  { title: 'NULL is \\N', cells: [null], line: '\\N\n' },
  { title: 'the text \\N is not NULL', cells: ['\\N'], line: '\\\\N\n' },
  { title: 'the text N is not NULL', cells: ['N'], line: 'N\n' },
  { title: 'blank is not NULL', cells: ['', null, ''], line: '\t\\N\t\n' },
  { title: 'a tab stays in its cell', cells: ['a\tb'], line: 'a\\tb\n' },
  { title: 'a line end stays in its cell', cells: ['a\r\nb'], line: 'a\\r\\nb\n' },
  { title: 'NUL stays in its cell', cells: ['a\0b'], line: 'a\\0b\n' },
  { title: 'backslashes before letters', cells: ['C:\\temp\\new'], line: 'C:\\\\temp\\\\new\n' },
  { title: 'quotes and accents are left alone', cells: [`D'ARCY, "INÉS"`], line: `D'ARCY, "INÉS"\n` },
])('$title', ({ cells, line }) => {
  expect(encodeTsv(cells)).toBe(line);
  expect(decodeTsv(line.slice(0, -1))).toEqual(cells);
});

test('whatever a cell holds comes back, and a record is one line', () => {
  const nasty = string({
    unit: constantFrom(
      '\\',
      '\t',
      '\n',
      '\r',
      '\0',
      'N',
      'n',
      't',
      '0',
      'Z',
      'é',
      '\u2028',
      '\u{1F600}',
      '"',
    ),
  });
  const cell = option(string({ unit: 'grapheme' }), { nil: null });
  const cells = array(option(nasty, { nil: null }), { minLength: 1, maxLength: 6 });
  const checked = property(cells, array(cell, { minLength: 1, maxLength: 6 }), (one, other) => {
    for (const record of [one, other]) {
      const line = encodeTsv(record);
      expect(line.indexOf('\n')).toBe(line.length - 1);
      expect(decodeTsv(line.slice(0, -1))).toEqual(record);
    }
  });
  expect(() => assert(checked, { numRuns: 2000 })).not.toThrow();
});
