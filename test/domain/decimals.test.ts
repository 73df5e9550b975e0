import { assert, bigInt, constantFrom, integer, oneof, property } from 'fast-check';
import { expect, test } from 'vitest';
import {
  decimalText,
  fitsColumn,
  ratio,
  ratioOf,
  scaledFromBytes,
  scales,
  sumFromText,
  type Scale,
} from '../../src/domain/decimals.ts';

test.each([
  { title: 'cents', scaled: 123456n, scale: scales.dollars, expected: '1234.56' },
  { title: 'less than a dollar', scaled: 7n, scale: scales.dollars, expected: '0.07' },
  { title: 'less than nothing', scaled: -7n, scale: scales.dollars, expected: '-0.07' },
  { title: 'nothing', scaled: 0n, scale: scales.dollars, expected: '0.00' },
  { title: 'ten cents, which a float cannot hold', scaled: 10n, scale: scales.dollars, expected: '0.10' },
  { title: 'units', scaled: 122500n, scale: scales.units, expected: '12.2500' },
  { title: 'a ratio', scaled: -1_000_001n, scale: scales.ratio, expected: '-1.000001' },
  { title: 'whole days', scaled: -3n, scale: scales.days, expected: '-3' },
  {
    title: 'more than a float counts exactly',
    scaled: 900_719_925_474_099_301n,
    scale: scales.dollars,
    expected: '9007199254740993.01',
  },
] as const)('writes $title as $expected, and reads it back', ({ scaled, scale, expected }) => {
  expect(decimalText(scaled, scale)).toBe(expected);
  expect(sumFromText(expected, scale)).toBe(scaled);
});

test('any scaled integer survives its text', () => {
  const anyScale = constantFrom(...Object.values(scales));
  const checked = property(bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), anyScale, (scaled, scale) => {
    expect(sumFromText(decimalText(scaled, scale), scale)).toBe(scaled);
  });
  expect(() => assert(checked)).not.toThrow();
});

/** Read from where it stands between others. */
function scaledOf(text: string, scale: Scale): number {
  return scaledFromBytes(Buffer.from(`1\t${text}\t1`), 2, 2 + text.length, scale);
}

const figure = () => integer({ min: -(10 ** 14) + 1, max: 10 ** 14 - 1 });

test('any figure survives its text, which is that of the same sum', () => {
  const anyScale = constantFrom(...Object.values(scales));
  const checked = property(figure(), anyScale, (scaled, scale) => {
    const text = decimalText(scaled, scale);
    expect(text).toBe(decimalText(BigInt(scaled), scale));
    expect(scaledOf(text, scale)).toBe(scaled);
  });
  expect(() => assert(checked)).not.toThrow();
});

test('a decimal that a number does not hold exactly is a defect, not a near one', () => {
  expect(() => scaledOf('90071992547409.93', scales.dollars)).toThrow(RangeError);
});

test.each([
  { title: 'too few decimals', text: '1.5' },
  { title: 'too many decimals', text: '1.500' },
  { title: 'no decimals', text: '15' },
])('text with $title is a defect, not a number', ({ text }) => {
  expect(() => scaledOf(text, scales.dollars)).toThrow(RangeError);
  expect(() => sumFromText(text, scales.dollars)).toThrow(RangeError);
});

test.each([
  { title: 'the largest that 14 digits hold', scaled: 10 ** 14 - 1, fits: true },
  { title: 'one more', scaled: 10 ** 14, fits: false },
  { title: 'the smallest', scaled: 1 - 10 ** 14, fits: true },
  { title: 'one less', scaled: -(10 ** 14), fits: false },
])('$title fits the column: $fits', ({ scaled, fits }) => {
  expect(fitsColumn(scaled)).toBe(fits);
});

test.each([
  { title: 'a third ends in threes', over: [1n, 3n], expected: '0.333333' },
  { title: 'two thirds are rounded up', over: [2n, 3n], expected: '0.666667' },
  { title: 'a half of the last place goes up', over: [1n, 2_000_000n], expected: '0.000001' },
  { title: 'just below a half goes down', over: [1n, 2_000_001n], expected: '0.000000' },
  { title: 'minus a half goes away from zero, not up to it', over: [-1n, 2_000_000n], expected: '-0.000001' },
  { title: 'a half above an even place goes up too', over: [5n, 2_000_000n], expected: '0.000003' },
  { title: 'a half above an odd place as well', over: [3n, 2_000_000n], expected: '0.000002' },
  { title: 'a negative divisor counts', over: [1n, -3n], expected: '-0.333333' },
  { title: 'two negatives are positive', over: [-2n, -3n], expected: '0.666667' },
  { title: 'nothing over something is nothing', over: [0n, 7n], expected: '0.000000' },
  { title: 'over-used', over: [15_000n, 10_000n], expected: '1.500000' },
] as const)('ratio: $title', ({ over: [numerator, denominator], expected }) => {
  expect(decimalText(ratio(numerator, denominator, scales.ratio), scales.ratio)).toBe(expected);
  const figures = [Number(numerator), Number(denominator)] as const;
  expect(decimalText(ratioOf(...figures, scales.ratio), scales.ratio)).toBe(expected);
});

test('a ratio is off by half of its last place at most, and its sign turns with the numerator', () => {
  const amount = bigInt({ min: -(10n ** 14n), max: 10n ** 14n });
  const divisor = bigInt({ min: 1n, max: 10n ** 14n });
  const checked = property(amount, divisor, (numerator, denominator) => {
    const rounded = ratio(numerator, denominator, scales.ratio);
    const error = rounded * denominator - numerator * 10n ** 6n;
    expect((error < 0n ? -error : error) * 2n <= denominator).toBe(true);
    expect(ratio(-numerator, denominator, scales.ratio)).toBe(-rounded);
  });
  expect(() => assert(checked)).not.toThrow();
});

test('the quick ratio of two figures is the exact one', () => {
  // Most figures are small; the others outgrow what a number holds.
  const anyFigure = oneof(integer({ min: -5_000_000, max: 5_000_000 }), figure());
  const divisor = anyFigure.filter((denominator) => denominator !== 0);
  const checked = property(anyFigure, divisor, (numerator, denominator) => {
    const exact = Number(ratio(BigInt(numerator), BigInt(denominator), scales.ratio));
    const wanted = Number.isSafeInteger(exact) ? exact : Infinity;
    expect(ratioOf(numerator, denominator, scales.ratio)).toBe(wanted);
  });
  expect(() => assert(checked, { numRuns: 2000 })).not.toThrow();
});
