import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { comparable, goldenMonths } from '../golden/golden.ts';
import { consultOracle, type OracleFigures } from './oracle.ts';
import type { Terms } from './oracle/terms.ts';
import { termsOf } from './pipelineSteps.ts';

const rollupColumns = {
  utilization:
    'ym dimension member member_key row_count authorized_dollars in_process_dollars billed_dollars not_utilized under_dollars over_dollars util avg_util',
  notes: 'ym dimension member member_key row_count on_time late unbillable unsigned avg_days_to_sign',
};

describe.each(goldenMonths)('the oracle agrees with the golden month $name', (month) => {
  const { report, period, excludedServices } = month;
  const terms: Terms = {
    ...termsOf({ report, ...period, excludedServices, bytes: '' }, 'a test key'),
    // The golden months came before there were words for blank.
    blankWords: new Set(),
  };
  const figures = consultOracle(readFileSync(month.exportPath), terms).figures as OracleFigures;

  test('in its rows', () => {
    const columns = Object.keys(month.rows[0]!);
    expect(comparable(figures.rows, columns)).toEqual(comparable(month.rows, columns));
  });

  test('in the lines rejected and left out', () => {
    const rejected = [...figures.rejected].map(
      ([line, columns]) => `${String(line)} ${[...columns].join(' ')}`,
    );
    expect(rejected).toEqual(month.rejected);
    expect(figures.excluded.map(String)).toEqual(month.excluded);
  });

  test('in its roll-ups', () => {
    const names = rollupColumns[report].split(' ');
    const rollups = figures.rollups.map((cells) =>
      Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ''])),
    );
    const columns = Object.keys(month.rollups[0]!);
    expect(comparable(rollups, columns)).toEqual(comparable(month.rollups, columns));
  });

  test('in its name codes and moves', () => {
    for (const { column, name, code } of month.codes) {
      const of = {
        client_code: 'client',
        qp_code: 'qp',
        employee_code: 'caregiver',
        supervisor_code: 'client_supervisor',
      }[column!]!;
      expect(figures.rows.find((row) => row[of] === name)?.[column!]).toBe(code);
    }
    expect(figures.moved).toBe(month.summary.moved_to_lincs ?? 0);
  });
});

test('the oracle is independent: it imports only itself and node', () => {
  const folder = path.join(import.meta.dirname, 'oracle');
  const files = [
    path.join(import.meta.dirname, 'oracle.ts'),
    ...readdirSync(folder).map((file) => path.join(folder, file)),
  ];
  const imports = files.flatMap((file) =>
    Array.from(readFileSync(file, 'utf8').matchAll(/from '([^']+)'/g), ([, target]) => target!),
  );
  expect(imports.length).toBeGreaterThan(10);
  expect(imports.filter((target) => !/^(\.\/|node:)/.test(target))).toEqual([]);
});
