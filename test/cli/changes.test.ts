import { expect, test } from 'vitest';
import { changeLines, truncation } from '../../src/cli/changes.ts';
import type { Changes } from '../../src/domain/publication.ts';

const changes: Changes = {
  since: null,
  added: 3,
  removed: 2,
  changed: 1,
  same: 9,
  dollars: {},
  details: { uri: 'artifact:run/changes.tsv', sha256: 'c'.repeat(64), bytes: 0, rows: 6 },
};
const row = { kind: 'added', row: { source_line: '2', client: 'CLELA' }, differences: [] } as const;

test.each([
  { rows: 6, truncated: false },
  { rows: 5, truncated: true },
  { rows: 0, truncated: true },
])('$rows of 6 differing rows are cut: $truncated', ({ rows, truncated }) => {
  expect(
    truncation(
      Array.from({ length: rows }, () => row),
      changes,
    ),
  ).toEqual({ total: 6, truncated });
});

test('a table of some of the rows says how many there are beyond', () => {
  expect(changeLines([row, row], changes).at(-1)).toBe('and 4 more; --limit shows them');
});
