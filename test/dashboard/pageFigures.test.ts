import { array, assert, maxSafeInteger, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asWhole, dollarFigures, noteFigures, trendLine } from '../../src/dashboard/pageFigures.ts';
import {
  compactCount,
  compactDollars,
  dollarsText,
  monthLabel,
  percentText,
  periodLabel,
  utilizationText,
} from '../../src/dashboard/figureText.ts';
import type { UtilizationTuple, Whole } from '../../src/dashboard/pageData.ts';

function tuple(
  authorized: Whole,
  inProcess: Whole,
  billed: Whole,
  util: Whole = 0,
  utilRows = 0,
): UtilizationTuple {
  return [0, 0, 0, 0, 1, authorized, inProcess, billed, 0, 0, 0, 0, 0, 0, util, utilRows];
}

describe('dollars', () => {
  test('stay exact beyond what a number holds', () => {
    const huge = '99999999999999999999';
    const figures = dollarFigures([tuple(huge, 0, 1), tuple(1, 0, 0)]);
    expect(dollarsText(figures.authorizedCents)).toBe('$1,000,000,000,000,000,000.00');
    expect(figures.notUtilizedCents).toBe(99_999_999_999_999_999_999n);
    expect(asWhole(figures.notUtilizedCents)).toBe(huge);
    expect(asWhole(9_007_199_254_740_991n)).toBe(9_007_199_254_740_991);
  });

  test('add up to the same whatever the order', () => {
    assert(
      property(array(maxSafeInteger()), (amounts) => {
        const tuples = amounts.map((amount) => tuple(amount, amount, 0));
        const backwards = tuples.toReversed();
        expect(dollarFigures(tuples)).toEqual(dollarFigures(backwards));
        expect(dollarFigures(tuples).authorizedCents).toBe(
          amounts.reduce((sum, each) => sum + BigInt(each), 0n),
        );
      }),
    );
  });

  test('have no utilization where nothing is authorized', () => {
    const figures = dollarFigures([tuple(0, 500, 500)]);
    expect(figures.utilization).toBeNull();
    expect(figures.averageUtilization).toBeNull();
    expect(utilizationText(figures.utilization)).toBe('no authorization');
    expect(figures.notUtilizedCents).toBe(-1000n);
  });
});

describe('percentages', () => {
  test.each([
    // Half away from zero, of the exact ratio: 0.839149… is not 0.83915 first.
    { authorized: 200_000, used: 167_829, text: '83.91%' },
    { authorized: 200_000, used: 167_830, text: '83.92%' },
    { authorized: 1_000_000, used: 839_149, text: '83.91%' },
    { authorized: -200_000, used: 167_830, text: '-83.92%' },
    { authorized: 3, used: 1, text: '33.33%' },
    { authorized: 1, used: 12, text: '1,200.00%' },
  ])('$used of $authorized are $text', ({ authorized, used, text }) => {
    expect(percentText(dollarFigures([tuple(authorized, used, 0)]).utilization)).toBe(text);
  });

  test('the mean is of the rows that have a ratio', () => {
    const figures = dollarFigures([tuple(0, 0, 0, 1_000_000, 2), tuple(0, 0, 0, 500_050, 1), tuple(0, 0, 0)]);
    expect(percentText(figures.averageUtilization)).toBe('50.00%');
  });
});

describe('notes', () => {
  test('without any have neither shares nor an average', () => {
    expect(noteFigures([])).toMatchObject({ rows: 0, averageDays: null, onTimeShare: null });
  });

  test('signed before their service count as less than nothing', () => {
    const figures = noteFigures([[0, 1, 0, 2, 2, 0, 0, 0, -3, 2, 0]]);
    expect(figures.averageDays).toBe(-150n);
  });
});

describe('figures in words', () => {
  test.each([
    [0n, '$0.00'],
    [-5n, '-$0.05'],
    [99_999n, '$999.99'],
    [100_000n, '$1,000'],
    [89_894_150n, '$898,942'],
    [-89_894_149n, '-$898,941'],
    [99_999_949n, '$999,999'],
    [99_999_950n, '$1.00M'],
    [131_243_000n, '$1.31M'],
    [-92_410_000n, '-$924,100'],
    [152_999_999_999n, '$1.53B'],
    [99_999_999_999n, '$1.00B'],
    [123_456_789_012_345n, '$1.23T'],
    [12_345_678_901_234_567n, '$123.46T'],
  ])('%d cents are %s', (cents, text) => {
    expect(compactDollars(cents)).toBe(text);
  });

  test.each([
    [123_456n, '$1,234.56'],
    [-5n, '-$0.05'],
    // More digits than a number holds.
    [9_007_199_254_740_993_01n, '$9,007,199,254,740,993.01'],
  ])('%d cents are %s to the cent', (cents, text) => {
    expect(dollarsText(cents)).toBe(text);
  });

  test.each([
    [5887n, '58.87%'],
    [-50n, '-0.50%'],
    [123_456n, '1,234.56%'],
    [null, 'none'],
  ])('%s hundredths of a percent are %s', (hundredths, text) => {
    expect(percentText(hundredths)).toBe(text);
  });

  test.each([
    ['utilization 2026-10-01..2026-10-31', 'Utilization, October 2026'],
    ['notes 2026-11-01..2026-11-15', 'Notes, Nov 1–15, 2026'],
  ])('%s is called %s', (period, text) => {
    expect(periodLabel(period)).toBe(text);
  });

  test('counts and months', () => {
    expect([compactCount(999), compactCount(8808)]).toEqual(['999', '8.81K']);
    expect(monthLabel('2026-01')).toBe('January 2026');
  });
});

describe('a trend line', () => {
  test('goes through points on a line, gaps between them or not', () => {
    const line = trendLine([
      [0, 1],
      [1, 3],
      [4, 9],
    ]);
    expect(line?.slope).toBe(2);
    expect(line?.at(0)).toBeCloseTo(1, 9);
    expect(line?.at(3)).toBeCloseTo(7, 9);
  });

  test('is as near as can be to others, and is not drawn through two', () => {
    const line = trendLine([
      [0, 0],
      [1, 3],
      [2, 0],
    ]);
    expect([line?.slope, line?.at(1)]).toEqual([0, 1]);
    expect(
      trendLine([
        [0, 1],
        [1, 2],
      ]),
    ).toBeUndefined();
  });
});
