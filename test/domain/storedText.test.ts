import { assert, constantFrom, property, array, oneof, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeHtmlEntities, hasHtmlEntity } from '../../src/domain/htmlEntities.ts';
import { cellText, storedText } from '../../src/domain/storedText.ts';
import * as oracle from '../mutations/oracle/text.ts';

describe('text as the tables hold it', () => {
  test.each([
    { title: 'a no-break space', cell: 'BRACKENBURY,\u00A0IVO', text: 'BRACKENBURY, IVO' },
    { title: 'a narrow no-break space', cell: '10:15\u202FAM', text: '10:15 AM' },
    { title: 'an ideographic space', cell: 'DE\u3000LA CRUZ', text: 'DE LA CRUZ' },
    { title: 'an em space and a thin space', cell: 'A\u2003\u2009B', text: 'A B' },
    { title: 'an Ogham space mark', cell: 'A\u1680B', text: 'A B' },
    { title: 'a next line', cell: 'A\u0085B', text: 'A B' },
    { title: 'two spaces', cell: 'VAN  DER   MEER', text: 'VAN DER MEER' },
    { title: 'a tab', cell: 'VAN\tDER', text: 'VAN DER' },
    { title: 'a line break', cell: 'LINE, TWO\r\nLINES', text: 'LINE, TWO LINES' },
    { title: 'a zero width space beside a space', cell: 'SMITH, \u200BJOHN', text: 'SMITH, JOHN' },
    { title: 'a byte order mark at the end', cell: 'SMITH, JOHN\uFEFF', text: 'SMITH, JOHN' },
    { title: 'spaces at both ends', cell: ' \u00A0SMITH, JOHN\u2028 ', text: 'SMITH, JOHN' },
    { title: 'letters with accents of their own', cell: 'NU\u0301N\u0303EZ', text: 'NÚÑEZ' },
    { title: 'an Angstrom sign', cell: '\u212BSTRO\u0308M', text: 'ÅSTRÖM' },
    { title: 'two marks in another order', cell: 'a\u0301\u0323', text: '\u1EA1\u0301' },
    { title: 'Hangul in pieces', cell: '\u1112\u1161\u11AB', text: '\uD55C' },
    { title: 'nothing but spaces', cell: '\u00A0\u2003\t', text: '' },
  ])('$title', ({ cell, text }) => {
    expect(storedText(cell)).toBe(text);
  });

  test.each([
    { title: 'case', text: 'McArdle, Zoë' },
    { title: 'punctuation', text: "D’ARCY, “J.” O'NEIL-SMYTHE" },
    { title: 'letters of full width', text: 'ＤＳ' },
    { title: 'a ligature', text: 'ﬁne' },
    { title: 'a joiner', text: 'a\u200Db' },
    { title: 'an entity', text: 'D&#39;ARCY' },
  ])('$title stays', ({ text }) => {
    expect(storedText(text)).toBe(text);
  });

  const piece = oneof(
    string({ unit: 'binary', maxLength: 4 }),
    constantFrom(
      ' ',
      '  ',
      '\u00A0',
      '\u200B',
      '\uFEFF',
      '\u3000',
      '\n',
      '\u0301',
      'e',
      'É',
      '\u0323',
      '\u180E',
      '\u2060',
    ),
  );
  const anyText = array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));

  test('to two readers the same, and once is enough', () => {
    const checked = property(anyText, (text) => {
      const stored = storedText(text);
      expect(stored).toBe(oracle.storedForm(text));
      expect(storedText(stored)).toBe(stored);
      expect(stored.normalize('NFC')).toBe(stored);
      expect(/[\p{White_Space}\u200B\uFEFF]{2}|^\p{White_Space}|\p{White_Space}$/u.test(stored)).toBe(false);
    });
    expect(() => assert(checked, { numRuns: 5000 })).not.toThrow();
  });

  test('two marks of combining letters take no quadratic time', () => {
    const marks = 'a' + '\u0323\u0301'.repeat(250_000);
    expect(storedText(marks)).toBe(marks);
  });
});

describe('HTML entities', () => {
  test.each([
    { cell: 'D&#39;ARCY', text: "D'ARCY" },
    { cell: 'D&#x27;ARCY', text: "D'ARCY" },
    { cell: 'N&Uacute;&Ntilde;EZ', text: 'NÚÑEZ' },
    { cell: 'SMITH,&nbsp;JOHN', text: 'SMITH, JOHN' },
    { cell: 'O&rsquo;MARROW', text: 'O’MARROW' },
    { cell: 'A &amp; B', text: 'A & B' },
    { cell: '&amp;eacute;', text: '&eacute;' },
    { cell: '&unknownthing;', text: '&unknownthing;' },
    { cell: '&#0;&#xD800;&#9999999;', text: '&#0;&#xD800;&#9999999;' },
    { cell: 'A & B; C', text: 'A & B; C' },
  ])('decoded where the setting says so: $cell', ({ cell, text }) => {
    expect(cellText(cell, { decodeEntities: true })).toBe(text);
    expect(cellText(cell, { decodeEntities: false })).toBe(cell);
  });

  test.each([
    { text: 'D&#39;ARCY', found: true },
    { text: '&eacute;', found: true },
    { text: '&#x27;', found: true },
    { text: 'A & B', found: false },
    { text: 'AT&T', found: false },
    { text: '&;', found: false },
    { text: '&#;', found: false },
  ])('are seen: $text', ({ text, found }) => {
    expect(hasHtmlEntity(text)).toBe(found);
  });

  test('decoding is done once', () => {
    expect(decodeHtmlEntities('&amp;amp;')).toBe('&amp;');
  });
});
