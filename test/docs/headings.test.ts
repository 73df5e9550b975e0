import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { columnName } from '../../src/domain/headings.ts';
import { reports } from '../../src/reports/index.ts';
import { project } from './pages.ts';

test('docs/configuration.md lists the headings that an export of each report needs, and those that must be filled', () => {
  const page = readFileSync(new URL('docs/configuration.md', project), 'utf8');
  for (const { name, columns } of Object.values(reports)) {
    const [, count, cells = ''] =
      new RegExp(`^\\| \`${name}\`: (\\d+) headings \\|[^|]*\\|([^|]*)\\|`, 'm').exec(page) ?? [];
    const headings = cells.split(',').map((each) => each.trim());
    expect(Number(count)).toBe(columns.length);
    expect(headings.map((each) => columnName(each.replaceAll('*', '')))).toEqual(
      columns.map((each) => each.name),
    );
    const filled = columns.filter((each) => each.required === true).map((each) => each.name);
    expect(
      headings.filter((each) => each.startsWith('**')).map((each) => columnName(each.replaceAll('*', ''))),
    ).toEqual(filled);
  }
});
