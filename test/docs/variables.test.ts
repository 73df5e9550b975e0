import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pages, project } from './pages.ts';

test('docs/configuration.md names every variable that the program reads', () => {
  const source = new URL('src/', project);
  const variables = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      Array.from(
        readFileSync(new URL(file, source), 'utf8').matchAll(/'((?:EHR|DATABASE)_[A-Z_]+)'/g),
        ([, variable]) => variable!.replace(/_FILE$/, ''),
      ),
    );
  expect(variables.length).toBeGreaterThan(0);
  const { markdown } = pages.find(({ page }) => page === 'docs/configuration.md')!;
  expect([...new Set(variables)].filter((variable) => !markdown.includes(`\`${variable}`))).toEqual([]);
});
