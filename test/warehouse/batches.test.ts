import { expect, test } from 'vitest';
import { inBatches } from '../../src/warehouse/batches.ts';

async function* numbers(count: number): AsyncGenerator<number> {
  for (let value = 1; value <= count; value += 1) yield value;
}

test.each([
  { title: 'nothing gives no batch', count: 0, expected: [] },
  { title: 'the last batch may be short', count: 5, expected: [[1, 2], [3, 4], [5]] },
  {
    title: 'a full last batch is not followed by an empty one',
    count: 4,
    expected: [
      [1, 2],
      [3, 4],
    ],
  },
])('$title', async ({ count, expected }) => {
  const batches: number[][] = [];
  for await (const batch of inBatches(numbers(count), 2)) batches.push(batch);
  expect(batches).toEqual(expected);
});
