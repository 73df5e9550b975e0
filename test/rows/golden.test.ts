import { createReadStream } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openExport } from '../../src/rows/csv.ts';
import { Tally } from '../../src/rows/tally.ts';
import { createCategorizer } from '../../src/rows/categorizer.ts';
import { createClassifier } from '../../src/rows/classifyRecord.ts';
import type { ExportRecord } from '../../src/rows/exportRecord.ts';
import { readHeader } from '../../src/rows/exportHeader.ts';
import { assertNoQuoteLost, MaskedCells } from '../../src/rows/exportChecks.ts';
import { LineWriter } from '../../src/rows/lineWriter.ts';
import type { TsvCell } from '../../src/domain/rowCells.ts';
import { createNameKeys } from '../../src/domain/nameKeys.ts';
import { createNameLabels } from '../../src/rows/nameLabels.ts';
import { yearMonth } from '../../src/domain/periods.ts';
import { createRollup } from '../../src/rows/rollups.ts';
import {
  categorizedCells,
  categorizedRowWriter,
  cleanRowReader,
  cleanRowWriter,
} from '../../src/rows/rowFiles.ts';
import { splitRows } from '../../src/rows/rowLines.ts';
import { decodeTsv } from '../../src/rows/tsv.ts';
import {
  codeNames,
  comparable,
  goldenMonths,
  goldenRules,
  type ExpectedRow,
  type GoldenMonth,
} from '../golden/golden.ts';
import { reports } from '../../src/reports/index.ts';

/** Runs the whole domain over an export, through the text of both row files, as the steps do. */
async function process(month: GoldenMonth) {
  const { report, period } = month;
  const rules = goldenRules(month);
  const definition = reports[report];
  const tally = new Tally(definition);
  const writeClean = cleanRowWriter(definition);
  const clean = cleanRowReader(definition);
  const writeCategorized = categorizedRowWriter(definition);
  const categorized = categorizedCells(definition);
  const rollup = createRollup(definition, categorized.column);
  const out = new LineWriter();
  const labelsOf = createNameLabels(createNameKeys('a test key'));
  const { header, blocks } = await openExport(createReadStream(month.exportPath));
  const categorize = createCategorizer(definition, { rules, ym: yearMonth(period), labelsOf });
  const layout = readHeader(report, header!.cells, rules);
  const judge = createClassifier(report, { layout, period, rules });
  const rows: TsvCell[][] = [];
  const rejected: string[] = [];
  const excluded: string[] = [];
  let moved = 0;
  const masked = new MaskedCells(report, layout);
  const records: ExportRecord[] = [];
  for await (const block of blocks) records.push(...block);
  for (const record of records) {
    assertNoQuoteLost(record, layout);
    masked.add(record);
    const classification = judge(record);
    tally.add(classification);
    const { verdict } = classification;
    if (verdict.kind === 'rejected') rejected.push(`${String(record.line)} ${verdict.column}`);
    if (verdict.kind === 'excluded') excluded.push(String(record.line));
    if (verdict.kind !== 'kept') continue;
    if (verdict.moved) moved += 1;
    writeClean(out, record.line, verdict.values);
    const [cells] = splitRows(Buffer.from(out.take()), clean.width);
    writeCategorized(out, cells!, categorize(clean.rowOf(cells!)));
    const line = Buffer.from(out.take());
    rollup.add(splitRows(line, categorized.width)[0]!);
    rows.push(decodeTsv(line.toString().slice(0, -1)));
  }
  masked.assertNone();
  return { rows, rejected, excluded, moved, tally, rollups: [...rollup.lines(yearMonth(period))] };
}

function asObjects(columns: readonly string[], lines: Iterable<readonly TsvCell[]>): ExpectedRow[] {
  return Array.from(lines, (cells) =>
    Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? ''])),
  );
}

function columnsOf(rows: readonly ExpectedRow[]): string[] {
  return Object.keys(rows[0]!);
}

describe.each(goldenMonths)('golden month $name', (month) => {
  test('has exactly the expected rows', async () => {
    const { rows } = await process(month);
    const columns = columnsOf(month.rows);
    const actual = asObjects(reports[month.report].rowColumns, rows);
    expect(comparable(actual, columns)).toEqual(comparable(month.rows, columns));
  });

  test('rejects and leaves out exactly the expected lines', async () => {
    const { rejected, excluded } = await process(month);
    expect(rejected).toEqual(month.rejected);
    expect(excluded).toEqual(month.excluded);
  });

  test('has exactly the expected roll-ups', async () => {
    const { rollups } = await process(month);
    const columns = columnsOf(month.rollups);
    const actual = asObjects(reports[month.report].rollupColumns, rollups);
    expect(comparable(actual, columns)).toEqual(comparable(month.rollups, columns));
  });

  test('gives every name its code', async () => {
    const { rows } = await process(month);
    const actual = asObjects(reports[month.report].rowColumns, rows);
    const codes = new Set(
      Object.entries(codeNames)
        .filter(([code]) => actual[0]![code] !== undefined)
        .flatMap(([code, name]) => actual.map((row) => `${code} ${row[name]!} ${row[code]!}`)),
    );
    expect([...codes].sort()).toEqual(
      month.codes.map((row) => `${row['column']!} ${row['name']!} ${row['code']!}`).sort(),
    );
  });

  test('counts rows, moves and cents as the summary says', async () => {
    const { moved, tally, rows } = await process(month);
    const accounting = tally.accounting();
    expect(rows.length).toBe(month.summary.rows);
    expect(moved).toBe(month.summary.moved_to_lincs ?? 0);
    expect(accounting.loaded + accounting.excluded + accounting.rejected).toBe(accounting.read);
    for (const [column, account] of Object.entries(accounting.dollars)) {
      expect(Number(account.loaded.replace('.', ''))).toBe(month.summary.cents![column]);
    }
  });
});
