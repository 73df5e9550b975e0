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
import type { AddedColumns, AddedToAuthorization, AddedToNote } from '../../src/domain/categorize.ts';
import type { CleanAuthorization, CleanNote, CleanRows } from '../../src/domain/classifyRecord.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import { LineWriter } from '../../src/rows/lineWriter.ts';
import type { LineCells } from '../../src/rows/rowLines.ts';
import type { ReportName } from '../../src/domain/reports.ts';
import {
  categorizedRowReader,
  categorizedRowWriter,
  cleanRowReader,
  cleanRowWriter,
} from '../../src/domain/rowFiles.ts';

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
const day = constantFrom('2026-09-01' as IsoDate, '1000-01-01' as IsoDate, '9999-12-31' as IsoDate);
const days = option(integer({ min: -999_999_999, max: 999_999_999 }), { nil: null });
const line = integer({ min: 2, max: 10 ** 9 });

const authorization = record<CleanAuthorization>({
  sourceLine: line,
  client: text,
  qp: option(text, { nil: null }),
  serviceCode: text,
  authorizationNumber: text,
  startDate: day,
  endDate: day,
  authorizedUnits: amount,
  inProcessUnits: amount,
  billedUnits: amount,
  authorizedCents: amount,
  inProcessCents: amount,
  billedCents: amount,
  varianceBilledCents: amount,
});

const authorizationColumns = record<AddedToAuthorization>({
  clientCode: text,
  clientKey: text,
  qpCode: option(text, { nil: null }),
  qpKey: option(text, { nil: null }),
  ym: constantFrom('2026-09'),
  group: integer({ min: 0, max: 9 }),
  util: amount,
  varianceCents: amount,
});

const note = record<CleanNote>({
  sourceLine: line,
  client: text,
  caregiver: text,
  clientSupervisor: option(text, { nil: null }),
  serviceCode: text,
  dateOfService: day,
  staffSignDate: option(day, { nil: null }),
  staffSignedAt: option(constantFrom('2026-09-01 15:15:00'), { nil: null }),
  daysToSign: days,
});

const noteColumns = record<AddedToNote>({
  clientCode: text,
  clientKey: text,
  employeeCode: text,
  caregiverKey: text,
  supervisorCode: option(text, { nil: null }),
  supervisorKey: option(text, { nil: null }),
  daysToSign: days,
  noteStatus: constantFrom('On Time', 'Late', 'Unbillable'),
  billingCycle: constantFrom('1-15', '16-eom'),
  ym: constantFrom('2026-09'),
  group: integer({ min: 0, max: 9 }),
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

/** What a row says of each of these properties. */
function picked(row: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, (row as Record<string, unknown>)[name]]));
}

const chunk = integer({ min: 1, max: 5000 });
const few = { maxLength: 5 };

/** Writes clean rows to a file, reads them, adds columns, and reads them from a second file: what each held. */
async function throughBothFiles<Report extends ReportName>(
  report: Report,
  rows: readonly (readonly [CleanRows[Report], AddedColumns[Report]])[],
  chunkBytes: number,
) {
  const [cleanNames, addedNames] = [Object.keys(rows[0]?.[0] ?? {}), Object.keys(rows[0]?.[1] ?? {})];
  const out = new LineWriter();
  const writeClean = cleanRowWriter(report);
  for (const [row] of rows) writeClean(out, row);
  const cleanReader = cleanRowReader(report);
  const cleanLines = await throughFile(Buffer.from(out.take()), cleanReader.width, chunkBytes);
  const writeCategorized = categorizedRowWriter(report);
  for (const [index, cells] of cleanLines.entries()) writeCategorized(out, cells, rows[index]![1]);
  const reader = categorizedRowReader(report);
  const lines = await throughFile(Buffer.from(out.take()), reader.width, chunkBytes);
  return {
    clean: cleanLines.map((cells) => picked(cleanReader.rowOf(cells), cleanNames)),
    categorized: lines.map((cells) => picked(reader.rowOf(cells), [...cleanNames, ...addedNames])),
  };
}

/** What both files must hold. */
function held(rows: readonly (readonly [object, object])[]) {
  return {
    clean: rows.map(([row]) => row),
    categorized: rows.map(([row, added]) => ({ ...row, ...added })),
  };
}

test('any text and figure of an authorization comes back from the row files, however they are cut in chunks', async () => {
  const rowsOf = array(tuple(authorization, authorizationColumns), few);
  const property = asyncProperty(rowsOf, chunk, async (rows, bytes) => {
    expect(await throughBothFiles('utilization', rows, bytes)).toEqual(held(rows));
  });
  await assert(property, { numRuns: 500 });
});

test('any text and figure of a note comes back from the row files, however they are cut in chunks', async () => {
  const rowsOf = array(tuple(note, noteColumns), few);
  const property = asyncProperty(rowsOf, chunk, async (rows, bytes) => {
    expect(await throughBothFiles('notes', rows, bytes)).toEqual(held(rows));
  });
  await assert(property, { numRuns: 500 });
});
