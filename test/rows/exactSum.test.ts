import { array, assert, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { ExactSum } from '../../src/rows/exactSum.ts';

const largest = 10 ** 14 - 1;

test('sums of any figures are exact', () => {
  const figures = array(integer({ min: -largest, max: largest }), { maxLength: 300, size: 'max' });
  const checked = property(figures, (added) => {
    const sum = new ExactSum();
    for (const figure of added) sum.add(figure);
    expect(sum.total).toBe(added.reduce((total, figure) => total + BigInt(figure), 0n));
  });
  expect(() => assert(checked)).not.toThrow();
});

test.each([
  { title: 'up', figure: largest, total: 99_999_999_999_999_000_000n },
  { title: 'down', figure: -largest, total: -99_999_999_999_999_000_000n },
])('a million of the largest figures add $title to far beyond what a number holds', ({ figure, total }) => {
  const sum = new ExactSum();
  for (let count = 0; count < 1_000_000; count += 1) sum.add(figure);
  expect(sum.total).toBe(total);
});

test('nothing adds up to nothing', () => {
  expect(new ExactSum().total).toBe(0n);
});
