import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { periodBefore, periodContaining, periodText, type Period } from '../../src/domain/periods.ts';
import type { ReportName } from '../../src/domain/reports.ts';
import { reportTable, tableBytes, type ReportTable } from './data.ts';
import { record } from './journal.ts';
import { errorPage } from './pages.ts';
import type { PortalState } from './state.ts';

export interface ReportRequest {
  readonly report: ReportName;
  readonly period: Period;
}

/** What the grid shows: the true answer to the question, whatever the file will hold. */
export async function queryReport(
  state: PortalState,
  { report, period }: ReportRequest,
): Promise<ReportTable> {
  const override = state.settings.exports[`${report}:${periodText(period)}`];
  if (override === undefined) return reportTable(state.seed, report, period, state.settings.data);
  const records: string[][] = parse(await overrideBytes(override), {
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_records_with_error: true,
  });
  return { columns: records[0] ?? [], rows: records.slice(1) };
}

export interface DeliveredFile {
  readonly bytes: Buffer;
  /** How many of the bytes leave before the connection breaks; all of them without that fault. */
  readonly sentBytes: number;
}

/** The bytes of `reportExport.csv`, as the faults that are set leave them. */
export async function deliverFile(state: PortalState, asked: ReportRequest): Promise<DeliveredFile> {
  const { faults } = state.settings;
  const whole = faults.staleFile
    ? await staleBytes(state, asked)
    : await exportBytes(state, misheard(state, asked));
  const bytes = damaged(state, whole);
  const sent = Math.min(faults.cutAtByte ?? bytes.length, bytes.length);
  state.lastDelivered = bytes;
  record(state.journal, { kind: 'export-delivered', report: asked.report, ...asked.period, bytes: sent });
  return { bytes, sentBytes: sent };
}

async function exportBytes(state: PortalState, { report, period }: ReportRequest): Promise<Buffer> {
  const override = state.settings.exports[`${report}:${periodText(period)}`];
  if (override !== undefined) return overrideBytes(override);
  const { data } = state.settings;
  return tableBytes(reportTable(state.seed, report, period, data), data);
}

async function overrideBytes(source: Buffer | string): Promise<Buffer> {
  return typeof source === 'string' ? readFile(source) : source;
}

/** The request that the portal answers instead of the one it got. */
function misheard({ settings: { faults } }: PortalState, { report, period }: ReportRequest): ReportRequest {
  const other = report === 'notes' ? 'utilization' : 'notes';
  return {
    report: faults.wrongReportDelivered ? other : report,
    period: faults.wrongDatesDelivered ? periodBefore(report, periodContaining(report, period.from)) : period,
  };
}

async function staleBytes(state: PortalState, { report, period }: ReportRequest): Promise<Buffer> {
  if (state.lastDelivered !== undefined) return state.lastDelivered;
  return exportBytes(state, { report, period: periodBefore(report, periodContaining(report, period.from)) });
}

function damaged({ settings: { faults } }: PortalState, bytes: Buffer): Buffer {
  if (faults.emptyFile) return Buffer.alloc(0);
  if (faults.htmlAsCsv) return Buffer.from(errorPage('The report could not be exported.'), 'utf8');
  if (faults.truncateAtRow !== null) return firstLines(bytes, faults.truncateAtRow + 1);
  if (faults.truncateAtByte !== null) return bytes.subarray(0, faults.truncateAtByte);
  return bytes;
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
