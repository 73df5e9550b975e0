import { expect, test } from 'vitest';
import { pages } from './pages.ts';

test('README.md has at most 1,000 words, code and tables included', () => {
  const { markdown } = pages.find(({ page }) => page === 'README.md')!;
  expect(markdown.split(/\s+/).filter(Boolean).length).toBeLessThanOrEqual(1000);
});

test('ARCHITECTURE.md is one screen', () => {
  const { markdown } = pages.find(({ page }) => page === 'ARCHITECTURE.md')!;
  expect(markdown.trimEnd().split('\n').length).toBeLessThanOrEqual(65);
});

test('docs/glossary.md has at most 25 terms, one a row, in the order of the alphabet', () => {
  const { markdown } = pages.find(({ page }) => page === 'docs/glossary.md')!;
  const [, , ...rows] = markdown.split('\n').filter((line) => line.startsWith('|'));
  const terms = rows.map((row) => row.split('|')[1]!.trim().toLowerCase());
  expect(terms.length).toBeGreaterThan(0);
  expect(terms.length).toBeLessThanOrEqual(25);
  expect(terms.filter((term) => term.includes(','))).toEqual([]);
  expect(terms).toEqual(terms.toSorted());
});
