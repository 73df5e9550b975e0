import { expect, test } from 'vitest';
import { printable, printableJson, printableLines } from '../../src/domain/printable.ts';

const escapes = 'a\u001B[2J\u009B31m\r\u202Eb\u200B\u2028c';

test('nothing moves a cursor, hides or turns what stands there', () => {
  expect(printable(escapes)).toBe('a?[2J?31m??b??c');
  expect(printable(`${escapes}\n`)).toBe('a?[2J?31m??b??c?');
  expect(printableLines(`NÚÑEZ — 9\n${escapes}`)).toBe('NÚÑEZ — 9\na?[2J?31m??b??c');
});

test('a long text is cut', () => {
  expect(printable('x'.repeat(5000))).toBe(`${'x'.repeat(200)}…`);
});

test('JSON reads back as it was', () => {
  const value = { id: escapes, list: [1, 'ü'] };
  const text = printableJson(value);
  expect(JSON.parse(text)).toEqual(value);
  expect(printableLines(text)).toBe(text);
});
