import { assert, property, string } from 'fast-check';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { csvText, fileName, safeText, type Table } from '../../src/dashboard/exports.ts';

const columns = [
  { heading: 'Client', kind: 'text' },
  { heading: 'Not utilized', kind: 'dollars' },
  { heading: 'Utilization', kind: 'percent' },
  { heading: 'Rows', kind: 'count' },
] as const;

function withRow(...cells: Table['rows'][number]['cells']): Table {
  return { caption: 'A table', columns, rows: [{ cells }] };
}

describe('a table as CSV', () => {
  test('has plain figures, those below zero untouched, and nothing where there is none', () => {
    const text = csvText({
      ...withRow('CLELA', -123_456n, 8391n, 1234),
      total: ['Total', -5n, null, 0],
    });
    expect(text).toBe(
      '\uFEFFClient,Not utilized,Utilization (%),Rows\r\nCLELA,-1234.56,83.91,1234\r\nTotal,-0.05,,0\r\n',
    );
  });

  test.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    ' =1',
    '\r=1',
    '＝1',
    '－2',
    '=HYPERLINK("http://x","y")',
  ])('does not let a spreadsheet work %j out', (text) => {
    const [, row] = parse(csvText(withRow(text, 0n, null, 1)), { bom: true });
    expect(row?.[0]).toBe(`'${text}`);
  });

  test.each([
    // As a spreadsheet with `;` as its list separator parts it, a cell begins after each of these.
    ['DOE;=1+1', "DOE;'=1+1"],
    ['DOE; @SUM(A1)', "DOE; '@SUM(A1)"],
    ['DOE;"=1+1', `DOE;"'=1+1`],
    ['a;-1;+2', "a;'-1;'+2"],
    ['DOE\t=1', "DOE\t'=1"],
    ['DOE\r\n=1', "DOE\r\n'=1"],
    ['DOE|=1', "DOE|'=1"],
    ['DOE;＝1', "DOE;'＝1"],
    ['=1;=2', "'=1;'=2"],
  ])('does not let one with another list separator work %j out', (text, safe) => {
    const csv = csvText(withRow(text, 0n, null, 1));
    expect(parse(csv, { bom: true })[1]?.[0]).toBe(safe);
    // Such a spreadsheet heeds quotes only where a cell begins: the next one begins after the sign.
    const cells = csv.split(/[;\t\r\n|]/).map((cell) => cell.replace(/^["\s]+/, ''));
    expect(cells.filter((cell) => /^[=+\-@\uFF1D]/.test(cell))).toEqual([]);
  });

  test('leaves names as they are', () => {
    for (const name of ['O\'NEIL, "JACK"', 'NÚÑEZ, ANA-LUZ', 'A=B', '(no QP)'])
      expect(safeText(name)).toBe(name);
  });

  test('gives any text back to a CSV reader', () => {
    assert(
      property(string({ unit: 'binary' }), (text) => {
        const [, row] = parse(csvText(withRow(text, 1n, 1n, 1)), { bom: true });
        expect(row?.[0]).toBe(safeText(text));
      }),
    );
  });
});

test('a file is called after what is in it', () => {
  expect(fileName('Under-utilization by QP, October 2026')).toBe('under-utilization-by-qp-october-2026');
});
