import { Readable } from 'node:stream';
import type { PublishRequest } from '../../../src/domain/publication.ts';
import { encodeTsv } from '../../../src/rows/tsv.ts';
import { aNote, anAuthorization, bytesOf, threeAuthorizations, toAsync, type Row } from './aPublish.ts';
import { reports } from '../../../src/reports/index.ts';

export interface RefusedChange {
  title: string;
  report: 'utilization' | 'notes';
  row: Row[];
  /** What the failure must name, lest the row is refused for another reason. */
  naming: RegExp;
  change?: (request: PublishRequest) => Partial<PublishRequest>;
}

const expecting =
  (rows: number, sums: Record<string, string> = {}) =>
  (request: PublishRequest) => ({
    expected: { rows, sums: { ...request.expected.sums, ...sums } },
  });
const rollup = (edit: (cells: (string | null)[]) => (string | null)[]) => (request: PublishRequest) => ({
  rollups: async function* edited() {
    for await (const cells of request.rollups()) yield edit([...cells]);
  },
});
const asWritten = (cells: string[]) => (request: PublishRequest) => ({
  openRows: () => Readable.from(cells.map((line) => Buffer.from(line))),
  expected: request.expected,
});

/** What a load must refuse, each added to or done to a good one of the same period. */
export const refusedChanges: readonly RefusedChange[] = [
  {
    title: 'a file with a row less than expected',
    report: 'utilization',
    naming: /took in 3 rows of utilization, 4 were expected/,
    row: [],
    change: withAccounting(4),
  },
  {
    title: 'a file with a row more than expected',
    report: 'utilization',
    naming: /took in 3 rows of utilization, 2 were expected/,
    row: [],
    change: withAccounting(2),
  },
  {
    title: 'a dollar sum that is a cent off',
    report: 'utilization',
    naming: /sum of variance: expected -2099.56, found -2099.55/,
    row: [],
    change: (request) => ({
      ...expecting(3, { variance: '-2099.56' })(request),
    }),
  },
  {
    title: 'a unit sum that is off',
    report: 'utilization',
    naming: /sum of billed_units/,
    row: [],
    change: expecting(3, { billed_units: '36.7501' }),
  },
  {
    title: 'a sum of days that is off',
    report: 'notes',
    naming: /sum of days_to_sign/,
    row: [],
    change: expecting(2, { days_to_sign: '3' }),
  },
  {
    title: 'a line number that comes twice',
    report: 'utilization',
    naming: /1062/,
    row: [anAuthorization(3)],
  },
  {
    title: 'an amount beyond the column',
    report: 'utilization',
    naming: /1264/,
    row: [anAuthorization(9, { authorized_dollars: '1000000000000.00', variance: '0.00', util: '0.000000' })],
  },
  {
    title: 'more decimals than the column holds',
    report: 'utilization',
    naming: /1265/,
    row: [],
    change: asWritten(
      threeAuthorizations.map((row, index) =>
        encodeTsv(
          reports.utilization.rowColumns.map((name) =>
            name === 'util' && index > 0 ? '0.3002201' : (row[name] ?? null),
          ),
        ),
      ),
    ),
  },
  {
    title: 'text in a number',
    report: 'notes',
    naming: /1366/,
    row: [],
    change: asWritten(
      ['2', 'sneaky'].map((days, index) =>
        encodeTsv(
          reports.notes.rowColumns.map((name) =>
            name === 'days_to_sign' ? days : (aNote(index + 2)[name] ?? null),
          ),
        ),
      ),
    ),
  },
  {
    title: 'a day that does not exist',
    report: 'notes',
    naming: /1265|1292/,
    row: [aNote(9, { date_of_service: '2026-10-32' })],
  },
  {
    title: 'the zero date',
    report: 'notes',
    naming: /1264|1265|1292/,
    row: [aNote(9, { date_of_service: '0000-00-00' })],
  },
  {
    title: 'a name that is too long',
    report: 'notes',
    naming: /1265|1406/,
    row: [aNote(9, { client: 'sneaky'.repeat(40) })],
  },
  { title: 'a missing client', report: 'notes', naming: /1263|1048/, row: [aNote(9, { client: null })] },
  {
    title: 'a record with a cell too few',
    report: 'notes',
    naming: /1261|number of cells/,
    row: [],
    change: asWritten([
      encodeTsv(reports.notes.rowColumns.map((name) => aNote(2)[name] ?? null)),
      'sneaky\t1\n',
    ]),
  },
  {
    title: 'a tab within a cell, which LOAD DATA takes for text after a backslash',
    report: 'notes',
    naming: /^A record of the row file has another number of cells/,
    row: [aNote(9, { client: 'sneaky\\tab' })],
    change: (request) => ({
      openRows: () => Readable.from(withBareTab(request)),
    }),
  },
  {
    title: 'bytes that are no UTF-8',
    report: 'notes',
    naming: /1366|1300|no UTF-8/,
    row: [],
    change: (request) => ({
      openRows: () => Readable.from(damaged(request)),
    }),
  },
  {
    title: 'a total that is not what the rows make',
    report: 'utilization',
    naming: /total.avg_util/,
    row: [],
    change: rollup((cells) => cells.with(cells.length - 1, '0.300221')),
  },
  {
    title: 'a dimension that does not add up to the total',
    report: 'notes',
    naming: /sum over service of row_count/,
    row: [],
    change: rollup((cells) => (cells[1] === 'service' ? cells.with(4, '1') : cells)),
  },
  {
    title: 'a missing total',
    report: 'notes',
    naming: /roll-up rows named total/,
    row: [],
    change: () => ({ rollups: () => toAsync([]) }),
  },
  {
    title: 'a roll-up with a cell too few',
    report: 'notes',
    naming: /cells: expected 10, found 9/,
    row: [],
    change: rollup((cells) => cells.slice(1)),
  },
  {
    title: 'a reject that is counted but not there',
    report: 'notes',
    naming: /rejected rows: expected 1, found 0/,
    row: [],
    change: (request) => ({
      counts: {
        ...request.counts,
        accounting: { ...request.counts.accounting, read: 3, rejected: 1 },
      },
    }),
  },
  {
    title: 'a reject that is there but not counted',
    report: 'notes',
    naming: /rejected rows: expected 0, found 1/,
    row: [],
    change: () => ({
      rejected: () => toAsync([{ sourceLine: 7, column: 'client', rule: 'blank', reason: 'is blank' }]),
    }),
  },
  {
    title: 'an accounting with a lost row',
    report: 'notes',
    naming: /rows read/,
    row: [],
    change: (request) => ({
      counts: { ...request.counts, accounting: { ...request.counts.accounting, read: 3 } },
    }),
  },
  {
    title: 'an accounting with a lost cent',
    report: 'utilization',
    naming: /dollars read of billed_dollars/,
    row: [],
    change: lostCent,
  },
];

function withAccounting(rows: number) {
  return (request: PublishRequest): Partial<PublishRequest> => ({
    expected: { ...request.expected, rows },
    counts: { ...request.counts, accounting: { ...request.counts.accounting, read: rows, loaded: rows } },
  });
}

function lostCent(request: PublishRequest): Partial<PublishRequest> {
  const { accounting } = request.counts;
  const account = accounting.dollars['billed_dollars']!;
  return {
    counts: {
      ...request.counts,
      accounting: {
        ...accounting,
        dollars: { ...accounting.dollars, billed_dollars: { ...account, read: '600.61' } },
      },
    },
  };
}

async function* damaged(request: PublishRequest): AsyncGenerator<Buffer> {
  const bytes = await bytesOf(request);
  bytes[bytes.indexOf('LARKSPUR')] = 0xff;
  yield bytes;
}

async function* withBareTab(request: PublishRequest): AsyncGenerator<Buffer> {
  const text = (await bytesOf(request)).toString();
  yield Buffer.from(text.replace('sneaky\\\\tab', 'sneaky\\\tab'));
}
