import { assert, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { nameCode } from '../../src/domain/nameCodes.ts';

test.each([
  { title: 'last name first, as exported', name: 'SMITH, JOHN', code: 'JOHSM' },
  { title: 'first name first', name: 'John Smith', code: 'JOHSM' },
  { title: 'a last name of several words', name: 'VAN DER MEER, HUGO', code: 'HUGVA' },
  {
    title: 'without a comma all words but the first are the last name',
    name: 'HUGO VAN DER MEER',
    code: 'HUGVA',
  },
  { title: 'accents are folded, apostrophes dropped', name: "INÉS D'ARCY", code: 'INEDA' },
  { title: 'the same, last name first', name: "D'ARCY, INÉS", code: 'INEDA' },
  { title: 'a typographic apostrophe', name: 'O’NEIL, ANN', code: 'ANNON' },
  { title: 'a hyphen', name: 'ÅS-LIND, JO-ANN', code: 'JOAAS' },
  { title: 'a tilde', name: 'NÚÑEZ, ÑANDÚ', code: 'NANNU' },
  { title: 'an accent typed as a letter of its own', name: 'NU\u0301N\u0303EZ, ANA', code: 'ANANU' },
  { title: 'a nickname in quotes', name: 'REED, "BO" ROBERT', code: 'BORRE' },
  { title: 'a short first name', name: 'REED, AL', code: 'ALRE' },
  { title: 'a short last name', name: 'O, BEATRIX', code: 'BEAO' },
  { title: 'a middle name counts where the first is short', name: 'REED, J. P.', code: 'JPRE' },
  { title: 'a single word is a first name', name: 'Cher', code: 'CHE' },
  { title: 'nothing before the comma', name: ', ANN', code: 'ANN' },
  { title: 'nothing after the comma', name: 'REED,', code: 'RE' },
  { title: 'spaces all over', name: '  REED ,   ANN  ', code: 'ANNRE' },
  { title: 'digits are no letters', name: 'REED 3RD, ANN2', code: 'ANNRE' },
  { title: 'letters of another script', name: 'ИВАНОВ, ПЁТР', code: 'ПЕТИВ' },
  { title: 'no name', name: '', code: '' },
  { title: 'no letter', name: '---', code: '' },
])('$title: $name is $code', ({ name, code }) => {
  expect(nameCode(name)).toBe(code);
});

test('a code never has more than five letters, and nothing but letters', () => {
  const checked = property(string({ unit: 'grapheme', maxLength: 40 }), (name) => {
    const code = nameCode(name);
    expect(Array.from(code).length).toBeLessThanOrEqual(5);
    expect(code).toMatch(/^\p{L}*$/u);
  });
  expect(() => assert(checked, { numRuns: 1000 })).not.toThrow();
});
