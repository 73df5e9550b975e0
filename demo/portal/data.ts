import { dayInZone } from '../../src/domain/dates.ts';
import type { Period } from '../../src/domain/periods.ts';
import type { ReportName } from '../../src/reports/index.ts';
import { csvText } from './data/csv.ts';
import { notesColumns, notesRows } from './data/notes.ts';
import { rosterOf } from './data/people.ts';
import { defaultDataSettings, type DataSettings } from './data/settings.ts';
import type { DataSource, SettledDataSettings } from './data/source.ts';
import { utilizationColumns, utilizationRows } from './data/utilization.ts';

export interface ReportTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The reports that the stand-in has. */
const generators: Partial<Record<ReportName, Generator>> = {
  utilization: { columns: utilizationColumns, rows: utilizationRows },
  notes: { columns: notesColumns, rows: notesRows },
};

interface Generator {
  readonly columns: readonly string[];
  readonly rows: (source: DataSource, period: Period) => string[][];
}

/**
 * The rows of one report over any span of days. They follow from the seed and the settings alone, and each
 * authorization or note is made from its own month or day: asked for over two periods that overlap, it is
 * the same row, cell by cell.
 */
export function reportTable(
  seed: string,
  report: ReportName,
  period: Period,
  settings: DataSettings = defaultDataSettings,
): ReportTable {
  const generator = generators[report];
  if (generator === undefined) throw new Error(`the stand-in portal has no ${report} report`);
  const { columns, rows } = generator;
  const source = { seed, roster: rosterOf(seed, settings.scale), settings: onTheDay(settings) };
  return { columns, rows: rows(source, period) };
}

/** Where the portal is; config/pipeline.yaml and the demo's have the same zone. */
export const timeZone = 'America/New_York';

function onTheDay(settings: DataSettings): SettledDataSettings {
  const { asOf } = settings;
  return { ...settings, asOf: asOf === 'today' ? dayInZone(new Date(), timeZone) : asOf };
}

/** The bytes of `reportExport.csv` for one report over any span of days. */
export function reportBytes(
  seed: string,
  report: ReportName,
  period: Period,
  settings: DataSettings = defaultDataSettings,
): Buffer {
  return tableBytes(reportTable(seed, report, period, settings), settings);
}

export function tableBytes({ columns, rows }: ReportTable, settings: DataSettings): Buffer {
  const text = csvText([columns, ...rows], settings.lineEnd === 'CRLF' ? '\r\n' : '\n');
  return Buffer.from(settings.byteOrderMark ? `\uFEFF${text}` : text, 'utf8');
}
