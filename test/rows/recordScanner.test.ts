import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { RecordScanner } from '../../src/rows/recordScanner.ts';
import { goldenMonths } from '../golden/golden.ts';
import { textsOf } from './recordTexts.ts';

/** What a scanner gives of these lines, and what it leaves. */
function scan(scanner: RecordScanner, lines: string | Buffer) {
  const records = scanner.take(Buffer.from(lines));
  return {
    records: records.map(textsOf),
    gaveUp: scanner.gaveUp,
    line: scanner.line,
    rest: String(scanner.rest),
  };
}

describe('the scanner splits by itself', () => {
  test.each(goldenMonths)('the whole golden month $name', ({ exportPath }) => {
    const bytes = readFileSync(exportPath);
    const { records, ...left } = scan(new RecordScanner(), bytes);
    expect(left).toMatchObject({ gaveUp: false, rest: '' });
    const judge = parse(bytes, { bom: true, relax_column_count: true });
    expect(records.map(({ cells }) => cells)).toEqual(judge.filter((cells) => cells.length > 1));
  });

  test.each([
    { title: 'blank cells, also at both ends', line: ',a,,', cells: ['', 'a', '', ''] },
    { title: 'a comma in quotes', line: '"SMITH, JOHN",b', cells: ['SMITH, JOHN', 'b'] },
    { title: 'quotes in quotes', line: '"a ""b""",""""', cells: ['a "b"', '"'] },
    { title: 'an empty cell in quotes', line: '"",b', cells: ['', 'b'] },
    { title: 'letters beyond ASCII', line: 'NÚÑEZ,"PEÑA, 🙂"', cells: ['NÚÑEZ', 'PEÑA, 🙂'] },
    { title: 'a carriage return within a cell', line: 'a\rb,"c\rd"', cells: ['a\rb', 'c\rd'] },
  ])('$title', ({ line, cells }) => {
    for (const lineEnd of ['\n', '\r\n']) {
      const { records, ...left } = scan(new RecordScanner(), `${line}${lineEnd}`);
      expect(records).toEqual([{ line: 1, cells }]);
      expect(left).toMatchObject({ gaveUp: false, line: 2 });
    }
  });
});

describe('the scanner gives up, with all that it did not understand left over,', () => {
  test.each([
    { title: 'at a quote within a cell', broken: 'a"b,c\n' },
    { title: 'at text behind a closing quote', broken: '"a"b,c\n' },
    { title: 'at a space before a quote', broken: 'a, "b"\n' },
    { title: 'at a carriage return alone behind a closing quote', broken: '"a"\rb,c\n' },
    { title: 'at a record of a hundred thousand letters', broken: `"${'x'.repeat(100_001)}",c\n` },
  ])('$title', ({ broken }) => {
    const { records, ...left } = scan(new RecordScanner(), `h,i\n1,2\n${broken}3,4\n`);
    expect(records).toHaveLength(2);
    expect(left).toEqual({ gaveUp: true, line: 3, rest: `${broken}3,4\n` });
  });

  test('at once, mark included, where the header is broken', () => {
    const { records, ...left } = scan(new RecordScanner(), '\uFEFFa"b\n');
    expect(records).toEqual([]);
    expect(left).toEqual({ gaveUp: true, line: 1, rest: '\uFEFFa"b\n' });
  });
});

test('a record over several lines waits for its end, and the next one has the line after it', () => {
  const scanner = new RecordScanner();
  const { records, ...left } = scan(scanner, 'a,b\n"x\n');
  expect(records).toHaveLength(1);
  expect(left).toEqual({ gaveUp: false, line: 2, rest: '"x\n' });
  expect(scan(scanner, 'y",1\nz,2\n').records).toEqual([
    { line: 2, cells: ['x\ny', '1'] },
    { line: 4, cells: ['z', '2'] },
  ]);
});
