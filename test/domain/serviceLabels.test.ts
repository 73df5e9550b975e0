import { describe, expect, test } from 'vitest';
import { looksLikeCode, serviceLabel } from '../../src/domain/serviceLabels.ts';
import { serviceTexts } from './serviceTexts.ts';

test.each(serviceTexts)('$text', ({ text, isCode }) => {
  expect(looksLikeCode(text)).toBe(isCode);
});

describe('a service without names', () => {
  test('is its code, or how long the text is', () => {
    expect(serviceLabel('H2015 HI', 0)).toBe('H2015 HI');
    expect(serviceLabel('Clemence Larkspur', 0)).toBe('(text, 17 characters)');
    // Counted as people and MySQL count, not in UTF-16.
    expect(serviceLabel('𝒲ren, A.', 0)).toBe('(text, 8 characters)');
  });

  test('is its code whatever it looks like where a group has it', () => {
    expect(serviceLabel('Tra Supp', 9)).toBe('Tra Supp');
  });
});
