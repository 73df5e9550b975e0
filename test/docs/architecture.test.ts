import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pages, project } from './pages.ts';

test('ARCHITECTURE.md has every folder and file of src/ on its map', () => {
  const { markdown } = pages.find(({ page }) => page === 'ARCHITECTURE.md')!;
  const map = markdown
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|')[1]!);
  const parts = readdirSync(new URL('src/', project), { withFileTypes: true }).map((part) =>
    part.isDirectory() ? `\`src/${part.name}/\`` : `\`src/${part.name}\``,
  );
  expect(parts.length).toBeGreaterThan(0);
  expect(parts.filter((part) => map.every((where) => !where.includes(part)))).toEqual([]);
});
