import { expect, test } from 'vitest';
import { median, quartiles } from '../../bench/median.ts';

test.each([
  [[7], 7, [7, 7]],
  [[1, 2, 4, 8], 3, [1.75, 5]],
  [[5, 1, 4, 2, 3], 3, [2, 4]],
])('of %j the median is %d and the middle half %j', (values, middle, half) => {
  expect(median(values)).toBe(middle);
  expect(quartiles(values)).toEqual(half);
});
