import { assert, bigInt, property } from 'fast-check';
import { expect, test } from 'vitest';
import { decimalText } from '../../src/domain/decimals.ts';
import { sameDecimal } from '../../src/warehouse/exactDecimal.ts';

test.each([
  { title: 'zeros at the end do not matter', left: '1.50', right: '1.5', same: true },
  { title: 'nor does a point with zeros only', left: '12', right: '12.0000', same: true },
  { title: 'nor zeros in front', left: '007.10', right: '7.1', same: true },
  { title: 'minus zero is zero', left: '-0.00', right: '0', same: true },
  { title: 'ten is not one', left: '10', right: '1', same: false },
  { title: 'the sign matters', left: '-1.00', right: '1.00', same: false },
  { title: 'a cent matters', left: '1000000000000000.01', right: '1000000000000000.02', same: false },
  {
    title: 'what a float would merge stays two',
    left: '9007199254740993',
    right: '9007199254740992',
    same: false,
  },
  { title: 'NULL is NULL', left: null, right: null, same: true },
  { title: 'NULL is not zero', left: null, right: '0', same: false },
])('$title', ({ left, right, same }) => {
  expect(sameDecimal(left, right)).toBe(same);
});

test('text that is no decimal is a defect, not a difference', () => {
  expect(() => sameDecimal('1e3', '1000')).toThrow(RangeError);
});

test('numbers are the same exactly when their scaled integers are', () => {
  const scaled = bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
  const checked = property(scaled, scaled, (left, right) => {
    expect(sameDecimal(decimalText(left, 4), decimalText(right, 4))).toBe(left === right);
    expect(sameDecimal(decimalText(left, 4), `${decimalText(left, 4)}00`)).toBe(true);
  });
  expect(() => assert(checked)).not.toThrow();
});
