import { Readable } from 'node:stream';
import {
  array,
  assert,
  asyncProperty,
  bigInt,
  constantFrom,
  integer,
  oneof,
  option,
  record,
  string,
} from 'fast-check';
import { expect, test } from 'vitest';
import { readLines } from '../../src/activities/lines.ts';
import type { Note } from '../../src/domain/categorize.ts';
import type { CleanAuthorization } from '../../src/domain/clean.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import { categorizedRowCodec, cleanRowCodec, type RowCodec } from '../../src/domain/rowFiles.ts';

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
const amount = option(bigInt({ min: 1n - 10n ** 14n, max: 10n ** 14n - 1n }), { nil: null });
const day = constantFrom('2026-09-01' as IsoDate, '1000-01-01' as IsoDate, '9999-12-31' as IsoDate);
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

const note = record<Note>({
  sourceLine: line,
  client: text,
  clientCode: text,
  clientKey: text,
  caregiver: text,
  employeeCode: text,
  caregiverKey: text,
  clientSupervisor: option(text, { nil: null }),
  supervisorCode: option(text, { nil: null }),
  supervisorKey: option(text, { nil: null }),
  serviceCode: text,
  dateOfService: day,
  staffSignDate: option(day, { nil: null }),
  staffSignedAt: option(constantFrom('2026-09-01 15:15:00'), { nil: null }),
  daysToSign: option(integer({ min: -999_999_999, max: 999_999_999 }), { nil: null }),
  noteStatus: constantFrom('On Time', 'Late', 'Unbillable'),
  billingCycle: constantFrom('1-15', '16-eom'),
  ym: constantFrom('2026-09'),
  group: integer({ min: 0, max: 9 }),
});

/** Writes the rows as a file and reads the file in chunks of so many bytes. */
async function throughFile<Row>(
  rows: readonly Row[],
  codec: RowCodec<Row>,
  chunkBytes: number,
): Promise<Row[]> {
  const bytes = Buffer.from(rows.map((row) => codec.encode(row)).join(''));
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) =>
    bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes),
  );
  const read: Row[] = [];
  for await (const found of readLines(Readable.from(chunks, { objectMode: false })))
    read.push(codec.decode(found));
  return read;
}

const chunk = integer({ min: 1, max: 5000 });
const few = { maxLength: 5 };

test('any text and figure of an authorization comes back from a row file, however it is cut in chunks', async () => {
  const codec = cleanRowCodec('utilization');
  const property = asyncProperty(array(authorization, few), chunk, async (rows, chunkBytes) => {
    expect(await throughFile(rows, codec, chunkBytes)).toEqual(rows);
  });
  await assert(property, { numRuns: 500 });
});

test('any text and figure of a note comes back from a row file, however it is cut in chunks', async () => {
  const codec = categorizedRowCodec('notes');
  const property = asyncProperty(array(note, few), chunk, async (rows, chunkBytes) => {
    expect(await throughFile(rows, codec, chunkBytes)).toEqual(rows);
  });
  await assert(property, { numRuns: 500 });
});
