import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { TsvCell } from '../../../src/domain/rowCells.ts';
import type { IsoDate } from '../../../src/domain/dates.ts';
import { decimalText, ratio, scales, sumFromText, type Scale } from '../../../src/domain/decimals.ts';
import type {
  Comparison,
  GateLimits,
  PublishRequest,
  RejectedRow,
  ShownRows,
} from '../../../src/domain/publication.ts';
import type { RunIdentity } from '../../../src/domain/runIdentity.ts';
import { reports, type ReportName } from '../../../src/reports/index.ts';
import { encodeTsv } from '../../../src/rows/tsv.ts';
import type { ShippedReport } from '../../shippedReports.ts';

export type Row = Readonly<Record<string, TsvCell>>;

const periods = {
  utilization: { from: '2026-09-01' as IsoDate, to: '2026-09-30' as IsoDate },
  notes: { from: '2026-10-01' as IsoDate, to: '2026-10-15' as IsoDate },
};

export function aRun(report: ShippedReport, change: Partial<RunIdentity> = {}): RunIdentity {
  const period = periods[report];
  return {
    runId: randomUUID(),
    workflowId: `${report}:${period.from}..${period.to}`,
    report,
    period,
    source: 'file',
    startedAt: '2026-10-31T07:30:00.000Z',
    ...change,
  };
}

export function anAuthorization(line: number, change: Row = {}): Row {
  const row: Row = {
    source_line: String(line),
    client: 'LARKSPUR, CLEMENCE',
    client_code: 'CLELA',
    client_key: '0123456789abcdef',
    qp: 'YARROW, TAMSIN',
    qp_code: 'TAMYA',
    qp_key: 'fedcba9876543210',
    service_code: 'DS',
    authorization_number: `000${String(line)}`,
    start_date: '2026-09-01',
    end_date: '2026-09-30',
    authorized_units: '2600.0000',
    in_process_units: '0.0000',
    billed_units: '12.2500',
    authorized_dollars: '1000.10',
    in_process_dollars: '100.05',
    billed_dollars: '200.20',
    variance_billed: '-799.90',
    ym: '2026-09',
    grp: '2',
    ...change,
  };
  return { ...derived(row), ...row };
}

function derived(row: Row): Row {
  const [authorized, inProcess, billed] = reports.utilization.moneyColumns
    .slice(0, 3)
    .map((column) => cents(row, column));
  if (authorized === undefined || row['authorized_dollars'] === null) return { util: null, variance: null };
  const used = (inProcess ?? 0n) + (billed ?? 0n);
  return {
    util: authorized === 0n ? null : decimalText(ratio(used, authorized, scales.ratio), scales.ratio),
    variance: decimalText(used - authorized, scales.dollars),
  };
}

export function aNote(line: number, change: Row = {}): Row {
  return {
    source_line: String(line),
    client: 'LARKSPUR, CLEMENCE',
    client_code: 'CLELA',
    client_key: '0123456789abcdef',
    caregiver: 'MERRIWEATHER, HUGO',
    employee_code: 'HUGME',
    caregiver_key: '00112233445566ff',
    client_supervisor: null,
    supervisor_code: null,
    supervisor_key: null,
    service_code: 'CLS',
    date_of_service: '2026-10-02',
    staff_sign_date: '2026-10-03',
    staff_signed_at: '2026-10-03 15:15:00',
    days_to_sign: '1',
    note_status: 'On Time',
    billing_cycle: '1-15',
    ym: '2026-10',
    grp: '3',
    ...change,
  };
}

/** What the earlier steps hand to the load for these rows; `change` is what a test gets wrong on purpose. */
export function aPublish(
  run: RunIdentity,
  rows: readonly Row[],
  change: Partial<PublishRequest> & { readonly rejects?: readonly RejectedRow[] } = {},
): PublishRequest {
  const { rejects = [], ...rest } = change;
  const lines = rows.map((row) =>
    encodeTsv(reports[run.report].rowColumns.map((column) => row[column] ?? null)),
  );
  return {
    run,
    versions: { exportSha256: 'e'.repeat(64), rulesSha256: 'a'.repeat(64), codeVersion: 'test' },
    counts: {
      accounting: {
        read: rows.length + rejects.length,
        loaded: rows.length,
        excluded: 0,
        rejected: rejects.length,
        dollars: Object.fromEntries(
          reports[run.report].moneyColumns.map((column) => [column, account(rows, column)]),
        ),
      },
      movedToLincs: 0,
      warnings: {},
    },
    unknownServices: [],
    exportedAt: '2026-11-20T08:00:00.000Z',
    exportedOn: '2026-11-20' as IsoDate,
    open: false,
    preliminary: false,
    staleAt: null,
    gates: openGates,
    files: { made: run.runId },
    reread: () => Promise.reject(new Error('the rules are the same')),
    rejectsOf: () => undefined,
    compare: (before) => compareLines(before, lines, run),
    openRows: () => Readable.from(lines.map((line) => Buffer.from(line))),
    expected: { rows: rows.length, sums: sumsOf(run.report, rows) },
    rollups: () => toAsync(rollups[run.report]!(rows)),
    rejected: () => toAsync(rejects),
    ...rest,
  };
}

/** Gates that only an empty file or a pin can close; tests are of few rows. */
const openGates: GateLimits = {
  rejectedPercent: 100,
  smallestRows: 1_000_000,
  lastLoad: { fewerPercent: 100, morePercent: 100 },
  median: { periods: 6, fewerPercent: 100, morePercent: 100 },
};

/** Gates as pipeline.yaml has them, for few rows. */
export const strictGates: GateLimits = {
  rejectedPercent: 20,
  smallestRows: 2,
  lastLoad: { fewerPercent: 10, morePercent: 50 },
  median: { periods: 3, fewerPercent: 50, morePercent: 100 },
};

/** Whole lines only: which rows belong together is not the warehouse's business. */
async function compareLines(
  before: ShownRows | null,
  after: readonly string[],
  run: RunIdentity,
): Promise<Comparison> {
  const shown = new Set<string>();
  for await (const lines of before?.pages ?? toAsync([])) {
    for (const line of lines.toString().match(/.*\n/g) ?? []) shown.add(line);
  }
  const same = after.filter((line) => shown.has(line)).length;
  return {
    changes: {
      since: before?.runId ?? null,
      added: after.length - same,
      removed: shown.size - same,
      changed: 0,
      same,
      dollars: {},
      details: { uri: `artifact:${run.runId}/changes.tsv`, sha256: 'c'.repeat(64), bytes: 0, rows: 0 },
    },
    duplicates: 0,
  };
}

export async function* toAsync<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

function account(rows: readonly Row[], column: string) {
  const sum = total(rows, column, scales.dollars);
  return { read: sum, loaded: sum, excluded: '0.00', rejected: '0.00', unreadable: 0 };
}

function sumsOf(report: ReportName, rows: readonly Row[]): Record<string, string> {
  return Object.fromEntries(
    reports[report].summedColumns.map((column) => [column, total(rows, column, scaleOf(column))]),
  );
}

function scaleOf(column: string): Scale {
  if (column.endsWith('units')) return scales.units;
  return column === 'days_to_sign' ? scales.days : scales.dollars;
}

function total(rows: readonly Row[], column: string, scale: Scale): string {
  const scaled = rows.map((row) => row[column] ?? null).filter((cell) => cell !== null);
  return decimalText(
    scaled.reduce((sum, cell) => sum + sumFromText(cell, scale), 0n),
    scale,
  );
}

function cents(row: Row, column: string): bigint {
  return sumFromText(row[column] ?? '0.00', scales.dollars);
}

const rollups: Partial<Record<ReportName, (rows: readonly Row[]) => TsvCell[][]>> = {
  utilization: (rows) =>
    byMember(rows, dollarCells, {
      grp: ['grp'],
      qp: ['qp', 'qp_key'],
      client: ['client', 'client_key'],
      service: ['service_code'],
    }),
  notes: (rows) =>
    byMember(rows, statusCells, {
      caregiver: ['caregiver', 'caregiver_key'],
      supervisor: ['client_supervisor', 'supervisor_key'],
      service: ['service_code'],
    }),
};

/** The total, and every dimension's members by the column of their name and, of people, of their key. */
function byMember(
  rows: readonly Row[],
  cellsOf: (rows: readonly Row[]) => TsvCell[],
  dimensions: Readonly<Record<string, readonly [name: string, key?: string]>>,
): TsvCell[][] {
  const ym = rows[0]?.['ym'] ?? '2026-09';
  const members = Object.entries(dimensions).flatMap(([dimension, [column, key]]) =>
    [...rowsByMember(rows, column)].map(([member, itsRows]): TsvCell[] => {
      const named: TsvCell[] = [ym, dimension, member, key === undefined ? '' : (itsRows[0]?.[key] ?? '')];
      return named.concat(cellsOf(itsRows));
    }),
  );
  return [[ym, 'total', 'total', '', ...cellsOf(rows)], ...members];
}

function rowsByMember(rows: readonly Row[], column: string): Map<string, Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const member = row[column] ?? '';
    const its = found.get(member);
    if (its === undefined) found.set(member, [row]);
    else its.push(row);
  }
  return found;
}

const isBlank = (row: Row, column: string) => (row[column] ?? null) === null;
const add = (values: readonly bigint[]) => values.reduce((left, right) => left + right, 0n);

function dollarCells(rows: readonly Row[]): TsvCell[] {
  const sum = (column: string) => rows.reduce((cents_, row) => cents_ + cents(row, column), 0n);
  const authorized = sum('authorized_dollars');
  const used = sum('in_process_dollars') + sum('billed_dollars');
  const variances = rows.map((row) => cents(row, 'variance'));
  const utils = rows.flatMap((row) =>
    isBlank(row, 'util') ? [] : [sumFromText(row['util']!, scales.ratio)],
  );
  return [
    String(rows.length),
    ...[
      authorized,
      sum('in_process_dollars'),
      sum('billed_dollars'),
      authorized - used,
      add(variances.filter((value) => value < 0n)),
      add(variances.filter((value) => value > 0n)),
    ].map((value) => decimalText(value, scales.dollars)),
    authorized === 0n ? null : decimalText(ratio(used, authorized, scales.ratio), scales.ratio),
    utils.length === 0
      ? null
      : decimalText(ratio(add(utils), BigInt(utils.length), scales.days), scales.ratio),
  ];
}

function statusCells(rows: readonly Row[]): TsvCell[] {
  const having = (status: string) => rows.filter((row) => row['note_status'] === status).length;
  const signed = rows.filter((row) => !isBlank(row, 'staff_sign_date') && !isBlank(row, 'days_to_sign'));
  const days = signed.reduce((sum, row) => sum + BigInt(row['days_to_sign']!), 0n);
  return [
    String(rows.length),
    String(having('On Time')),
    String(having('Late')),
    String(having('Unbillable')),
    String(rows.filter((row) => isBlank(row, 'staff_sign_date')).length),
    signed.length === 0
      ? null
      : decimalText(ratio(days, BigInt(signed.length), scales.dollars), scales.dollars),
  ];
}

export const threeAuthorizations = [2, 3, 4].map((line) => anAuthorization(line));

/** Not those of `aPublish`: the rows were made from another export. */
export const otherVersions = {
  exportSha256: 'f'.repeat(64),
  rulesSha256: 'a'.repeat(64),
  codeVersion: 'test',
};

export async function bytesOf(request: PublishRequest): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request.openRows()) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
