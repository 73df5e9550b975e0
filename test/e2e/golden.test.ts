import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeVersion } from '../../src/codeVersion.ts';
import { runReportId } from '../../src/domain/temporalNames.ts';
import { periodText } from '../../src/domain/periods.ts';
import { codeNames, comparable, goldenMonths, type ExpectedRow, type GoldenMonth } from '../golden/golden.ts';
import { System } from './system.ts';
import { byReport } from '../../src/reports/index.ts';

/** A worker has one exclusion list, so months under another one get a worker of their own. */
function groupByRules(): readonly { title: string; excluded: readonly string[]; months: GoldenMonth[] }[] {
  const byRules = new Map<string, GoldenMonth[]>();
  for (const month of goldenMonths) {
    const key = month.excludedServices.join(', ') || 'no exclusions';
    byRules.set(key, [...(byRules.get(key) ?? []), month]);
  }
  return Array.from(byRules, ([title, months]) => ({
    title,
    months,
    excluded: months[0]!.excludedServices,
  }));
}

const tables = byReport((name) => ({ rows: name, rollups: `${name}_summary` }));

async function expectGolden(system: System, month: GoldenMonth): Promise<void> {
  const { rows: rowTable, rollups: rollupTable } = tables[month.report];
  const inPeriod = [month.period.from];
  const rows = await system.query(`SELECT * FROM ${rowTable} WHERE period_start = ?`, inPeriod);
  const columns = Object.keys(month.rows[0]!);
  expect(comparable(rows, columns)).toEqual(comparable(month.rows, columns));

  const rollups = await system.query(`SELECT * FROM ${rollupTable} WHERE period_start = ?`, inPeriod);
  const rollupColumns = Object.keys(month.rollups[0]!);
  expect(comparable(rollups, rollupColumns)).toEqual(comparable(month.rollups, rollupColumns));

  const codes = Object.entries(codeNames).flatMap(([code, name]) =>
    rows.filter((row) => typeof row[code] === 'string').map((row) => `${code} ${row[name]!} ${row[code]!}`),
  );
  const expectedCodes = month.codes.map(
    (row: ExpectedRow) => `${row['column']!} ${row['name']!} ${row['code']!}`,
  );
  expect([...new Set(codes)].sort()).toEqual(expectedCodes.sort());
  await expectLedger(system, month);
}

async function expectLedger(system: System, month: GoldenMonth): Promise<void> {
  const [run] = await system.query(
    'SELECT r.* FROM published_period p JOIN pipeline_run r ON r.run_id = p.run_id WHERE p.report = ? AND p.period_start = ?',
    [month.report, month.period.from],
  );
  const rejected = await system.query(
    'SELECT source_line, column_name FROM rejected_row WHERE run_id = ? ORDER BY source_line',
    [run!['run_id']],
  );
  expect(rejected.map((row) => `${row['source_line']!} ${row['column_name']!}`)).toEqual(month.rejected);
  // The worker is a built one, this is the source.
  expect(run!['code_version']).toBe(codeVersion());
  expect(Number(run!['rows_excluded'])).toBe(month.excluded.length);
  expect(Number(run!['rows_loaded'])).toBe(month.summary.rows);
  expect(Number(run!['rows_read'])).toBe(month.summary.rows + month.rejected.length + month.excluded.length);
  expect(Number(run!['moved_to_lincs'])).toBe(month.summary.moved_to_lincs ?? 0);
}

describe.each(groupByRules())('golden months under $title', ({ excluded, months }) => {
  let system: System;

  beforeAll(async () => {
    system = await System.start({
      config: [
        [['excludedServices'], excluded],
        // The golden months came before there were words for blank.
        [['reports', 'utilization', 'blankWords'], []],
        [['reports', 'notes', 'blankWords'], []],
      ],
      portal: {
        delays: { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 },
        exports: Object.fromEntries(
          months.map((month) => [`${month.report}:${periodText(month.period)}`, month.exportPath]),
        ),
      },
    });
    await system.startBuiltWorker();
  });
  afterAll(() => system.stop());

  test.each(months)('$name through a file', async (month) => {
    const { from, to } = month.period;
    await system.run('run', month.report, '--from', from, '--to', to, '--file', month.exportPath);
    await expectGolden(system, month);
  });

  test.each(months)('$name through the portal, over the same period', async (month) => {
    // The file's run is published; only a period that shows something else is replaced.
    const { from, to } = month.period;
    await system.query(`DELETE FROM ${tables[month.report].rows} WHERE period_start = ?`, [from]);
    const printed = await system.run('run', month.report, '--from', from, '--to', to, '--json');
    expect(JSON.parse(printed)).toMatchObject({
      workflowId: runReportId(month.report, month.period),
      result: { outcome: 'published', rowsLoaded: month.summary.rows },
    });
    await expectGolden(system, month);
  });

  test.each(months)('$name a third time changes nothing', async (month) => {
    const { from, to } = month.period;
    const sum = async () => {
      const rows = await system.query(
        `SELECT * FROM ${tables[month.report].rows} WHERE period_start = ? ORDER BY source_line`,
        [from],
      );
      return createHash('sha256').update(JSON.stringify(rows)).digest('hex');
    };
    const before = await sum();
    const printed = await system.run('run', month.report, '--from', from, '--to', to, '--json');
    expect(JSON.parse(printed)).toMatchObject({ result: { outcome: 'unchanged' } });
    expect(await sum()).toBe(before);
  });
});
