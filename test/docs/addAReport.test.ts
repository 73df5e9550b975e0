import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { inPlace } from '../thirdReport/inPlace.ts';
import { pages, project } from './pages.ts';

test('docs/add-a-report.md shows the definition that test/thirdReport/ runs', () => {
  const { markdown } = pages.find(({ page }) => page === 'docs/add-a-report.md')!;
  const definition = readFileSync(new URL('test/thirdReport/visits.ts', project), 'utf8');
  expect(markdown).toContain(`\`\`\`ts\n${inPlace(definition)}\`\`\``);
});
