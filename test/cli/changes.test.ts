import { expect, test } from 'vitest';
import { changeLines, ShownChanges, truncation } from '../../src/cli/changes.ts';
import { decodeChange, encodeChange } from '../../src/rows/changeFiles.ts';
import { encodeTsv } from '../../src/rows/tsv.ts';
import { reports } from '../../src/reports/index.ts';

const counts = { added: 3, removed: 2, changed: 1 };
const row = {
  kind: 'added',
  row: { source_line: '2', client: 'CLELA' },
  differences: [],
  dollars: {},
} as const;

test.each([
  { rows: 6, truncated: false },
  { rows: 5, truncated: true },
  { rows: 0, truncated: true },
])('$rows of 6 differing rows are cut: $truncated', ({ rows, truncated }) => {
  expect(truncation({ rows: Array.from({ length: rows }, () => row) }, counts)).toEqual({
    total: 6,
    truncated,
  });
});

test('a table of some of the rows says how many there are beyond', () => {
  expect(changeLines({ rows: [row, row], dollars: {} }, counts).at(-1)).toBe(
    'and 4 more; --limit shows them',
  );
});

function line(cells: Readonly<Record<string, string | null>>): string {
  const all: Readonly<Record<string, string | null>> = { source_line: '2', client_code: 'CLELA', ...cells };
  return encodeTsv(reports.utilization.rowColumns.map((column) => all[column] ?? null)).slice(0, -1);
}

test('the dollars of all rows that differ add up, of those that are not shown too', () => {
  const shown = new ShownChanges('utilization', { limit: 2 });
  for (const change of [
    {
      kind: 'changed',
      before: line({ billed_dollars: '10.10', authorized_dollars: '50.00' }),
      after: line({ billed_dollars: '7.05', authorized_dollars: '50.00' }),
    },
    { kind: 'added', after: line({ billed_dollars: null, authorized_dollars: '90071992547409.93' }) },
    { kind: 'removed', before: line({ billed_dollars: '-0.01', authorized_dollars: '0.00' }) },
  ] as const) {
    shown.add(decodeChange('utilization', encodeChange(change).slice(0, -1)));
  }
  expect(shown.rows).toHaveLength(2);
  expect(shown.dollars).toMatchObject({
    billed_dollars: { before: '10.09', after: '7.05', difference: '-3.04' },
    authorized_dollars: { before: '50.00', after: '90071992547459.93', difference: '90071992547409.93' },
    in_process_dollars: { before: '0.00', after: '0.00', difference: '0.00' },
  });
  const lines = changeLines(shown, { added: 1, removed: 1, changed: 1 });
  expect(lines[1]!.split('\n').at(-1)).toMatch(
    /^ +all 3 +50\.00 +90071992547459\.93 +\+90071992547409\.93 +10\.09 +7\.05 +-3\.04$/,
  );
  expect(lines[1]).not.toContain('in_process_dollars');
});
