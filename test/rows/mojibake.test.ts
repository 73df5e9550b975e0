import { assert, integer, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAsWindows1252 } from '../../demo/portal/data/windows1252.ts';
import { EncodingCheck, isEncodedTwice } from '../../src/rows/mojibake.ts';

const asWindows1252 = (text: string) => readAsWindows1252(Buffer.from(text));
const asLatin1 = (text: string) => Buffer.from(text).toString('latin1');

const names = [
  'NÚÑEZ, INÉS',
  'D’ARCY, ZOË',
  'ŁUKASZEWICZ, JÓZEF',
  'GROẞ, JÜRGEN',
  'ŠIMŮNEK, MATÚŠ',
  'KOVÁŘ, LUKÁŠ',
  'GONÇALVES, JOÃO',
  'YILDIZ, ŞÜKRÜ',
  'DÜRR, ÅSA',
  'NGUYỄN, ÁNH',
  'Œuvré, Ïan',
  'O’BRIEN – 2nd “Ana”',
  'Ÿ',
  'À bientôt',
];
const plain = ['', 'SMITH, JOHN', '$1,234.50', '50 % ± 2', '5 µg', '1º', '«CN»', '20 °C', '½'];

describe('text that arrived as it was written', () => {
  test.each([...names, ...plain])('%s is not broken', (text) => {
    expect(isEncodedTwice(text)).toBe(false);
  });
});

describe('text that was encoded twice', () => {
  test.each(names)('%s is seen through Windows-1252', (name) => {
    expect(isEncodedTwice(asWindows1252(name))).toBe(true);
  });

  test.each(names)('%s is seen through Latin-1', (name) => {
    expect(isEncodedTwice(asLatin1(name))).toBe(true);
  });

  test('is seen whichever letter of a Latin alphabet it had', () => {
    const letter = integer({ min: 0xa0, max: 0x17f });
    assert(
      property(string(), letter, string(), (before, code, after) => {
        const text = `${before}${String.fromCodePoint(code)}${after}`;
        expect(isEncodedTwice(asWindows1252(text))).toBe(true);
        expect(isEncodedTwice(asLatin1(text))).toBe(true);
      }),
    );
  });
});

function checkOf(cells: readonly string[]): EncodingCheck {
  const check = new EncodingCheck();
  check.add({ cells: ['SMITH, JOHN', ...cells] });
  return check;
}

describe('an export', () => {
  const sound = [
    { title: 'without an accent anywhere', cells: [] },
    { title: 'as it should be', cells: names },
    { title: 'with one name that the portal stores broken', cells: [...names, asWindows1252(names[0]!)] },
    { title: 'with that name in two rows, and no other accent', cells: [asLatin1('INÉS'), asLatin1('INÉS')] },
    { title: 'with lost characters, whose rows are rejected one by one', cells: ['N\uFFFDEZ', 'IN\uFFFDS'] },
  ];
  test.each(sound)('$title passes', ({ cells }) => {
    expect(() => checkOf(cells).assertSound()).not.toThrow();
  });

  const broken = [
    { title: 'encoded twice', cells: names.map(asWindows1252), says: /encoded twice, in 14 of the 14 cells/ },
    { title: 'with two names, both broken', cells: ['É', 'Ü'].map(asLatin1), says: /in 2 of the 2 cells/ },
  ];
  test.each(broken)('$title is refused, and no name is reported', ({ cells, says }) => {
    expect(() => checkOf(cells).assertSound()).toThrow(
      expect.objectContaining({ type: 'ExportNotCsv', message: expect.stringMatching(says) as string }),
    );
    expect(() => checkOf(cells).assertSound()).not.toThrow(/NÚÑEZ|NGUY|EZ,/);
  });
});
