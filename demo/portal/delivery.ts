import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { periodBefore, periodContaining, periodText, type Period } from '../../src/domain/periods.ts';
import type { ReportName } from '../../src/reports/index.ts';
import { csvText } from './data/csv.ts';
import { readAsWindows1252 } from './data/windows1252.ts';
import { reportTable, tableBytes, type ReportTable } from './data.ts';
import type { FaultName } from './faults.ts';
import { record } from './journal.ts';
import { errorPage } from './pages.ts';
import type { Sending } from './reply.ts';
import type { PortalState } from './state.ts';
import { strikes } from './strike.ts';

export interface ReportRequest {
  readonly report: ReportName;
  readonly period: Period;
}

/** What the grid shows: what this account may see of the true answer, whatever the file will hold. */
export async function queryReport(state: PortalState, asked: ReportRequest): Promise<ReportTable> {
  return sights.reduce((table, sight) => sight(state, table), await trueTable(state, asked));
}

async function trueTable(state: PortalState, { report, period }: ReportRequest): Promise<ReportTable> {
  const override = state.settings.exports[`${report}:${periodText(period)}`];
  if (override === undefined) return reportTable(state.seed, report, period, state.settings.data);
  return tableOf(await overrideBytes(override));
}

function tableOf(bytes: Buffer): ReportTable {
  const records: string[][] = parse(bytes, {
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_records_with_error: true,
  });
  return { columns: records[0] ?? [], rows: records.slice(1) };
}

/** Faults of what the account sees: on the screen and in the file alike, so that neither contradicts the other. */
const sights: readonly ((state: PortalState, table: ReportTable) => ReportTable)[] = [
  (state, { columns, rows }) => ({
    columns,
    rows: strikes(state, 'rowsHidden', 'query') === undefined ? rows : rows.filter((_, at) => at % 3 === 0),
  }),
  (state, { columns, rows }) => ({
    columns,
    rows: strikes(state, 'noRows', 'query') === undefined ? rows : [],
  }),
  (state, { columns, rows }) => ({
    columns,
    rows: rows.slice(0, strikes(state, 'firstRowsOnly', 'query') ?? rows.length),
  }),
  ({ settings }, { columns, rows }) => ({
    columns,
    // As role security does: the first column is a person in both reports.
    rows:
      settings.faults.permissionMissing === 'cells' ? rows.map(([, ...others]) => ['***', ...others]) : rows,
  }),
];

function seesAll({ settings: { faults } }: PortalState): boolean {
  const { rowsHidden, noRows, firstRowsOnly, permissionMissing } = faults;
  return !rowsHidden && !noRows && firstRowsOnly === null && permissionMissing !== 'cells';
}

export interface DeliveredFile {
  readonly bytes: Buffer;
  readonly sending: Sending | undefined;
}

/** The bytes of `reportExport.csv`, as the faults that are set leave them. */
export async function deliverFile(state: PortalState, asked: ReportRequest): Promise<DeliveredFile> {
  const stale = strikes(state, 'staleFile', 'download') !== undefined;
  const whole = stale ? await staleBytes(state, asked) : await exportBytes(state, misheard(state, asked));
  const bytes = damaged(state, whole);
  const sending = sendingOf(state);
  state.lastDelivered = bytes;
  const sent = Math.min(sending?.bytes ?? bytes.length, bytes.length);
  record(state.journal, { kind: 'export-delivered', report: asked.report, ...asked.period, bytes: sent });
  return { bytes, sending };
}

function sendingOf(state: PortalState): Sending | undefined {
  const kinds = { cutAtByte: 'broken', cutUnannounced: 'unannounced', downloadStalls: 'stalled' } as const;
  for (const fault of ['cutAtByte', 'cutUnannounced', 'downloadStalls'] as const) {
    const bytes = strikes(state, fault, 'download');
    if (bytes !== undefined) return { kind: kinds[fault], bytes };
  }
  return undefined;
}

async function exportBytes(state: PortalState, asked: ReportRequest): Promise<Buffer> {
  const { data, exports } = state.settings;
  const override = exports[`${asked.report}:${periodText(asked.period)}`];
  if (override !== undefined && seesAll(state)) return overrideBytes(override);
  return tableBytes(await queryReport(state, asked), data);
}

async function overrideBytes(source: Buffer | string): Promise<Buffer> {
  return typeof source === 'string' ? readFile(source) : source;
}

/** The request that the portal answers instead of the one it got. */
function misheard(state: PortalState, { report, period }: ReportRequest): ReportRequest {
  const other = report === 'notes' ? 'utilization' : 'notes';
  const otherReport = strikes(state, 'wrongReportDelivered', 'download') !== undefined;
  const otherDates = strikes(state, 'wrongDatesDelivered', 'download') !== undefined;
  return {
    report: otherReport ? other : report,
    period: otherDates ? periodBefore(report, periodContaining(report, period.from)) : period,
  };
}

async function staleBytes(state: PortalState, { report, period }: ReportRequest): Promise<Buffer> {
  if (state.lastDelivered !== undefined) return state.lastDelivered;
  return exportBytes(state, { report, period: periodBefore(report, periodContaining(report, period.from)) });
}

/** What is done to the bytes of a file, given how the fault is set. */
const damages = {
  emptyFile: () => Buffer.alloc(0),
  headerOnly: (bytes) => firstLines(bytes, 1),
  truncateAtRow: (bytes, rows) => firstLines(bytes, Number(rows) + 1),
  truncateAtByte: (bytes, count) => bytes.subarray(0, Number(count)),
  totalsLine: (bytes) => Buffer.concat([bytes, Buffer.from('Total,,,,,,\r\n')]),
  titleLine: (bytes) => Buffer.concat([Buffer.from('Harborlight EHR: report of 11/16/2026\r\n'), bytes]),
  columnMissing: (bytes) => rearranged(bytes, (cells) => cells.slice(0, -1)),
  columnsReordered: (bytes) => rearranged(bytes, (cells) => cells.toReversed()),
  htmlAsCsv: () => Buffer.from(errorPage('The report could not be exported.'), 'utf8'),
  jsonAsCsv: () => Buffer.from('{"success":false,"message":"The report could not be exported."}\n'),
  gzipFile: (bytes) => gzipSync(bytes),
  utf16: (bytes) => Buffer.from(`\uFEFF${bytes.toString('utf8')}`, 'utf16le'),
  latin1: (bytes) => Buffer.from(bytes.toString('utf8'), 'latin1'),
  doubleEncoded: (bytes) => Buffer.from(readAsWindows1252(bytes), 'utf8'),
} as const satisfies Partial<Record<FaultName, (bytes: Buffer, setting: unknown) => Buffer>>;

function damaged(state: PortalState, whole: Buffer): Buffer {
  const names = Object.keys(damages) as (keyof typeof damages)[];
  return names.reduce((bytes, name) => {
    const setting = strikes(state, name, 'download');
    return setting === undefined ? bytes : damages[name](bytes, setting);
  }, whole);
}

function rearranged(bytes: Buffer, change: (cells: readonly string[]) => readonly string[]): Buffer {
  const { columns, rows } = tableOf(bytes);
  return Buffer.from(csvText([columns, ...rows].map(change), '\r\n'), 'utf8');
}

/** Lines with their ends. A record over two lines counts twice, as it would for a portal that cuts blindly. */
function firstLines(bytes: Buffer, count: number): Buffer {
  let end = 0;
  for (let line = 0; line < count; line++) {
    const next = bytes.indexOf(0x0a, end);
    if (next === -1) return bytes;
    end = next + 1;
  }
  return bytes.subarray(0, end);
}
