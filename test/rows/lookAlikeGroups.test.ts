import { describe, expect, test } from 'vitest';
import { lookAlikeGroups } from '../../src/rows/lookAlikeGroups.ts';

describe('names that look alike', () => {
  test.each([
    { title: 'case', names: ['McArdle, Zoe', 'MCARDLE, ZOE'] },
    { title: 'accents', names: ['NÚÑEZ, INÉS', 'NUNEZ, INES'] },
    { title: 'a stroke through a letter', names: ['ŁUCJA, Ø', 'LUCJA, O'] },
    { title: 'a space', names: ['SMITH,JOHN', 'SMITH, JOHN'] },
    { title: 'the kind of an apostrophe', names: ["O'MARROW, A", 'O’MARROW, A', 'OʼMARROW, A'] },
    { title: 'the kind of a hyphen', names: ['SMYTHE-JONES, A', 'SMYTHE\u2011JONES, A'] },
    { title: 'a character that is not seen', names: ['SMITH, JOHN', 'SMI\u00ADTH, JO\u200DHN\u2060'] },
    { title: 'letters of full width', names: ['ＳＭＩＴＨ', 'SMITH'] },
    { title: 'a ligature', names: ['ÆSIR, A', 'AESIR, A'] },
    { title: 'a sharp s', names: ['STRAßE', 'STRASSE'] },
  ])('$title', ({ names }) => {
    expect(lookAlikeGroups([...names, 'SOMEBODY, ELSE'])).toEqual([names]);
  });

  test('others do not', () => {
    const names = [
      'SMITH, JOHN',
      'SMITH, JON',
      'JOHN SMITH',
      'SMYTH, JOHN',
      'SMITH JOHN',
      "D'ARCY",
      'DARCY',
      '',
    ];
    expect(lookAlikeGroups(names)).toEqual([]);
  });
});
