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

test('docs/glossary.md has at most 25 terms', () => {
  const { markdown } = pages.find(({ page }) => page === 'docs/glossary.md')!;
  const [, , ...terms] = markdown.split('\n').filter((line) => line.startsWith('|'));
  expect(terms.length).toBeGreaterThan(0);
  expect(terms.length).toBeLessThanOrEqual(25);
});
