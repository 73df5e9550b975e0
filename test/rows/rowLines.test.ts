import { expect, test } from 'vitest';
import { splitRows } from '../../src/rows/rowLines.ts';

function cellsOf(lines: string, width: number): string[][] {
  return splitRows(Buffer.from(lines), width).map(({ bytes, starts, first }) =>
    Array.from({ length: width }, (_, cell) =>
      bytes.toString('utf8', starts[first + cell], starts[first + cell + 1]! - 1),
    ),
  );
}

test('lines are parted at tabs and newlines alone, blank cells included', () => {
  expect(cellsOf('a\tÉ\r\u2028\t\n\t\\N\t\n', 3)).toEqual([
    ['a', 'É\r\u2028', ''],
    ['', '\\N', ''],
  ]);
  expect(cellsOf('', 3)).toEqual([]);
});

test('more cells than were reckoned with', () => {
  const rows = Array.from({ length: 10_000 }, (_, row) => [String(row), 'x', '']);
  expect(cellsOf(rows.map((cells) => `${cells.join('\t')}\n`).join(''), 3)).toEqual(rows);
});

test.each([
  { title: 'fewer', lines: '1\t2\t3\n1\t2\n' },
  { title: 'more', lines: '1\t2\t3\n1\t2\t3\t4\n' },
  { title: 'fewer, and more in the next one', lines: '1\t2\n1\t2\t3\t4\n' },
])('a line of $title cells is a defect, not a row', ({ lines }) => {
  expect(() => splitRows(Buffer.from(lines), 3)).toThrow(RangeError);
});
