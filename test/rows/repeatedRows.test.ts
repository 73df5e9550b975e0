import type { LineCells } from '../../src/domain/rowCells.ts';
import { describe, expect, test } from 'vitest';
import { RepeatedRows } from '../../src/rows/repeatedRows.ts';
import { splitRows } from '../../src/rows/rowLines.ts';
import { reports } from '../../src/reports/index.ts';

/** Rows of notes, each with these cells; all others are blank. */
function notes(rows: readonly Readonly<Record<string, string>>[]): LineCells[] {
  const lines = rows.map(
    (row) => `${reports.notes.rowColumns.map((column) => row[column] ?? '').join('\t')}\n`,
  );
  return splitRows(Buffer.from(lines.join('')), reports.notes.rowColumns.length);
}

/** Which rows may equal another one, by their place. */
function suspects(rows: readonly Readonly<Record<string, string>>[]): { rows: number; places: number[] } {
  const repeated = new RepeatedRows('notes', rows.length);
  const lines = notes(rows);
  for (const line of lines) repeated.add(line);
  const { rows: count, mayRepeat } = repeated.finder();
  return { rows: count, places: lines.flatMap((line, place) => (mayRepeat(line) ? [place] : [])) };
}

const note = { client: 'SMITH, JOHN', service_code: 'CN', date_of_service: '2026-10-01', days_to_sign: '3' };

describe('rows that may equal another one', () => {
  test.each([
    { title: 'none of one', rows: [note], places: [] },
    {
      title: 'those that are equal, wherever they stand',
      rows: [note, { ...note, client: 'DOE' }, note],
      places: [0, 2],
    },
    {
      title: 'also under another line, name code or name key',
      rows: [
        { ...note, source_line: '2', client_code: 'SMIJO', client_key: '00' },
        { ...note, source_line: '77', client_code: 'XXXXX', client_key: 'ff' },
      ],
      places: [0, 1],
    },
    { title: 'none where a figure differs', rows: [note, { ...note, days_to_sign: '4' }], places: [] },
    {
      title: 'none where a text has moved to the next cell',
      rows: [{ caregiver: 'A' }, { client_supervisor: 'A' }],
      places: [],
    },
    { title: 'three and two', rows: [note, note, note, {}, {}], places: [0, 1, 2, 3, 4] },
  ])('$title', ({ rows, places }) => {
    expect(suspects(rows)).toEqual({ rows: places.length, places });
  });

  test('are found among many thousands', () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => ({
      ...note,
      client: `CLIENT ${String(index)}`,
    }));
    rows[19_999] = rows[123]!;
    expect(suspects(rows).places).toEqual([123, 19_999]);
  });

  test('of a file with more rows than it was said to have are no guess', () => {
    const repeated = new RepeatedRows('notes', 1);
    const [first, second] = notes([note, note]);
    repeated.add(first!);
    expect(() => repeated.add(second!)).toThrow('a file of 1 rows was expected, and there are more');
  });
});
