import type { LineCells } from '../../src/domain/rowCells.ts';
import { Readable } from 'node:stream';
import {
  array,
  assert,
  asyncProperty,
  constantFrom,
  integer,
  oneof,
  option,
  record,
  string,
  tuple,
} from 'fast-check';
import { expect, test } from 'vitest';
import { readRowBlocks } from '../../src/rows/lines.ts';
import { LineWriter } from '../../src/rows/lineWriter.ts';
import { reports, type ReportName } from '../../src/reports/index.ts';
import type { Cell, Row } from '../../src/reports/report.ts';
import {
  categorizedCells,
  categorizedRowWriter,
  cleanRowReader,
  cleanRowWriter,
} from '../../src/rows/rowFiles.ts';

const nasty = array(
  constantFrom(
    '\\',
    '\t',
    '\n',
    '\r',
    '\0',
    '\\N',
    'N',
    '\u2028',
    '\u0085',
    '"',
    ',',
    'é',
    '\u{1F600}',
    '\uFEFF',
  ),
).map((characters) => characters.join(''));
const text = oneof(nasty, string({ unit: 'binary' }));
const amount = option(integer({ min: 1 - 10 ** 14, max: 10 ** 14 - 1 }), { nil: null });
const day = constantFrom('2026-09-01', '1000-01-01', '9999-12-31');
const days = option(integer({ min: -999_999_999, max: 999_999_999 }), { nil: null });
const line = integer({ min: 2, max: 10 ** 9 });

const authorization = record({
  source_line: line,
  client: text,
  qp: option(text, { nil: null }),
  service_code: text,
  authorization_number: text,
  start_date: day,
  end_date: day,
  authorized_units: amount,
  in_process_units: amount,
  billed_units: amount,
  authorized_dollars: amount,
  in_process_dollars: amount,
  billed_dollars: amount,
  variance_billed: amount,
});

const authorizationColumns = record({
  client_code: text,
  client_key: text,
  qp_code: option(text, { nil: null }),
  qp_key: option(text, { nil: null }),
  ym: constantFrom('2026-09'),
  grp: integer({ min: 0, max: 9 }),
  util: amount,
  variance: amount,
});

const note = record({
  source_line: line,
  client: text,
  caregiver: text,
  client_supervisor: option(text, { nil: null }),
  service_code: text,
  date_of_service: day,
  staff_sign_date: option(day, { nil: null }),
  staff_signed_at: option(constantFrom('2026-09-01 15:15:00'), { nil: null }),
  days_to_sign: days,
  // A time stands in the same cell as its day.
}).filter((row) => row.staff_sign_date !== null || row.staff_signed_at === null);

const noteColumns = record({
  client_code: text,
  client_key: text,
  employee_code: text,
  caregiver_key: text,
  supervisor_code: option(text, { nil: null }),
  supervisor_key: option(text, { nil: null }),
  days_to_sign: days,
  note_status: constantFrom('On Time', 'Late', 'Unbillable'),
  billing_cycle: constantFrom('1-15', '16-eom'),
  ym: constantFrom('2026-09'),
  grp: integer({ min: 0, max: 9 }),
});

/** The lines of a file of these bytes, which is read in chunks of so many. */
async function throughFile(bytes: Buffer, width: number, chunkBytes: number): Promise<LineCells[]> {
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) =>
    bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes),
  );
  const read: LineCells[] = [];
  for await (const block of readRowBlocks(Readable.from(chunks, { objectMode: false }), width))
    read.push(...block);
  return read;
}

const chunk = integer({ min: 1, max: 5000 });
const few = { maxLength: 5 };

/** A record's cells by export column, from those of its row. */
function valuesOf(row: Row): Record<string, unknown> {
  const { staff_sign_date: date, staff_signed_at: at } = row;
  return { ...row, ...(date === undefined ? {} : { staff_sign_date: date === null ? null : { date, at } }) };
}

/** Writes clean rows to a file, reads them, adds columns, and reads them from a second file: what each held. */
async function throughBothFiles(
  name: ReportName,
  rows: readonly (readonly [Row, Row])[],
  chunkBytes: number,
) {
  const report = reports[name];
  const out = new LineWriter();
  const writeClean = cleanRowWriter(report);
  for (const [row] of rows) writeClean(out, row['source_line'] as number, valuesOf(row));
  const { width, rowOf } = cleanRowReader(report);
  const cleanLines = await throughFile(Buffer.from(out.take()), width, chunkBytes);
  const writeCategorized = categorizedRowWriter(report);
  for (const [index, cells] of cleanLines.entries()) {
    const added = rows[index]![1];
    const people = report.people.map(({ code, key }) => labels(added[code]!, added[key]!));
    writeCategorized(out, cells, { people, derived: added });
  }
  const categorized = categorizedCells(report);
  const lines = await throughFile(Buffer.from(out.take()), categorized.width, chunkBytes);
  const columns = report.rowColumns.map((column) => [column, categorized.column(column)] as const);
  const cleanNames = Object.keys(rows[0]?.[0] ?? {});
  return {
    clean: cleanLines.map((cells) => {
      const row = rowOf(cells);
      return Object.fromEntries(cleanNames.map((column) => [column, row[column]]));
    }),
    categorized: lines.map((cells) =>
      Object.fromEntries(columns.map(([column, read]) => [column, read(cells)])),
    ),
  };
}

function labels(code: Cell, key: Cell) {
  return code === null || key === null ? null : { code: code as string, key: key as string };
}

/** What both files must hold. Nobody has neither code nor key. */
function held(name: ReportName, rows: readonly (readonly [Row, Row])[]) {
  return {
    clean: rows.map(([row]) => row),
    categorized: rows.map(([row, added]) => {
      const nobody = reports[name].people.flatMap(({ code, key }) =>
        added[code] === null || added[key] === null
          ? [
              [code, null],
              [key, null],
            ]
          : [],
      );
      return { ...row, ...added, ...Object.fromEntries(nobody) };
    }),
  };
}

test('any text and figure of an authorization comes back from the row files, however they are cut in chunks', async () => {
  const rowsOf = array(tuple(authorization, authorizationColumns), few);
  const property = asyncProperty(rowsOf, chunk, async (rows, bytes) => {
    expect(await throughBothFiles('utilization', rows, bytes)).toEqual(held('utilization', rows));
  });
  await assert(property, { numRuns: 500 });
});

test('any text and figure of a note comes back from the row files, however they are cut in chunks', async () => {
  const rowsOf = array(tuple(note, noteColumns), few);
  const property = asyncProperty(rowsOf, chunk, async (rows, bytes) => {
    expect(await throughBothFiles('notes', rows, bytes)).toEqual(held('notes', rows));
  });
  await assert(property, { numRuns: 500 });
});
