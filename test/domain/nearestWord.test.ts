import { expect, test } from 'vitest';
import { nearestWord } from '../../src/domain/nearestWord.ts';

const known = ['attempts', 'at', 'catchUpDays', 'notes'];

test.each([
  { title: 'a letter too few', word: 'atempts', near: 'attempts' },
  { title: 'letters exchanged', word: 'attemtps', near: 'attempts' },
  { title: 'another case', word: 'CATCHUPDAYS', near: 'catchUpDays' },
  { title: 'the singular', word: 'note', near: 'notes' },
  { title: 'the nearer of two', word: 'att', near: 'at' },
  { title: 'nothing alike', word: 'headless', near: undefined },
  { title: 'a short word that shares one letter', word: 'am', near: undefined },
  { title: 'no word', word: '', near: undefined },
])('$title', ({ word, near }) => {
  expect(nearestWord(word, known)).toBe(near);
});
