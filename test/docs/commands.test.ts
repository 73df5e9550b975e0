import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { leaves } from '../cli/parsing.ts';
import { pages, project } from './pages.ts';

/** Commands that are written down, but those of the client: test/cli/program.test.ts knows what it takes. */
const { scripts } = JSON.parse(readFileSync(new URL('package.json', project), 'utf8')) as {
  scripts: Record<string, string>;
};

/** Files that a reader is told to make. */
const madeByReaders = /^config\/local\b/;

describe.each(pages)('$page', ({ markdown }) => {
  test('names scripts that npm knows', () => {
    const named = Array.from(markdown.matchAll(/npm run (?:-s )?([a-z][a-z:]*)/g), ([, script]) => script!);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });

  test('names files of the project that are there', () => {
    const named = markdown.matchAll(
      /(?<![\w/.])((?:src|scripts|test|demo|config|docs|ops|bench)\/[\w./-]*[\w/])/g,
    );
    const missing = Array.from(named, ([, file]) => file!).filter(
      (file) => !madeByReaders.test(file) && !existsSync(new URL(file, project)),
    );
    expect(missing).toEqual([]);
  });
});

test('docs/client.md has every command of the client in its table', () => {
  const { markdown } = pages.find(({ page }) => page === 'docs/client.md')!;
  const rows = markdown.split('\n').filter((line) => line.startsWith('| `'));
  const missing = leaves(createProgram()).filter(({ path: [group, command = group] }) =>
    rows.every((row) => !row.includes(`\`${group!}`) || !row.includes(`${command!}\``)),
  );
  expect(missing.map(({ path }) => path.join(' '))).toEqual([]);
});
