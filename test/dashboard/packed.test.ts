import { array, assert, bigInt, constantFrom, oneof, property, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { buildPageData } from '../../src/dashboard/buildPageData.ts';
import { packed, unpacked } from '../../src/dashboard/packed.ts';
import type { UtilizationTuple } from '../../src/dashboard/pageData.ts';
import { asWhole } from '../../src/dashboard/pageFigures.ts';
import { someQuestion, someRows } from './someRows.ts';

test('packed data is the data, of any sums, also those beyond a number', () => {
  const data = buildPageData(someRows(), someQuestion);
  // Far beyond what the tables hold, and what one authorization never has.
  const figure = oneof(constantFrom(0n, 1n, -1n), bigInt({ min: -(10n ** 20n), max: 10n ** 20n })).map(
    asWhole,
  );
  const anyTuple = tuple(...Array.from({ length: 16 }, () => figure));
  assert(
    property(array(anyTuple, { maxLength: 20 }), (tuples) => {
      const utilization = tuples as unknown as UtilizationTuple[];
      expect(unpacked(packed({ ...data, utilization }))).toEqual({ ...data, utilization });
    }),
  );
});

test('of single authorizations only the amounts are left to hold', () => {
  const { utilization } = packed(buildPageData(someRows(), someQuestion));
  const differences = utilization.slice(8).flat();
  expect(differences).toHaveLength(24);
  expect(differences.filter((difference) => difference !== 0)).toEqual([]);
});
