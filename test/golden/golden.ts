import { readFileSync, readdirSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { parseIsoDate } from '../../src/domain/dates.ts';
import { periodContaining, type Period } from '../../src/domain/periods.ts';
import { byReport } from '../../src/reports/index.ts';
import type { CheckLevel } from '../../src/domain/checks.ts';
import { isShippedReport, type ShippedReport } from '../shippedReports.ts';
import { foldCode, type Rules } from '../../src/domain/rules.ts';

export type ExpectedRow = Record<string, string>;

/** One golden month: an export and what an independent implementation of the rules makes of it. */
export interface GoldenMonth {
  readonly name: string;
  readonly report: ShippedReport;
  readonly period: Period;
  readonly exportPath: string;
  readonly excludedServices: readonly string[];
  readonly rows: readonly ExpectedRow[];
  readonly rollups: readonly ExpectedRow[];
  readonly codes: readonly ExpectedRow[];
  /** `line column` of every record that must be rejected. */
  readonly rejected: readonly string[];
  /** Lines left out. */
  readonly excluded: readonly string[];
  readonly summary: {
    readonly rows: number;
    readonly moved_to_lincs?: number;
    readonly null_util?: number;
    readonly groups?: Readonly<Record<string, number>>;
    readonly cents?: Readonly<Record<string, number>>;
    readonly note_status?: Readonly<Record<string, number>>;
  };
}

/** The name that each code stands for. */
export const codeNames: Readonly<Record<string, string>> = {
  client_code: 'client',
  qp_code: 'qp',
  employee_code: 'caregiver',
  supervisor_code: 'client_supervisor',
};

/** Only the columns of the golden file, units without trailing zeros, in order of all columns as text. */
export function comparable(
  rows: readonly Readonly<Record<string, string | null>>[],
  columns: readonly string[],
): string[] {
  return rows
    .map((row) => JSON.stringify(columns.map((column) => plainUnits(column, row[column] ?? ''))))
    .sort();
}

function plainUnits(column: string, cell: string): string {
  return column.endsWith('_units') && cell.includes('.') ? cell.replace(/\.?0+$/, '') : cell;
}

const folder = new URL('.', import.meta.url);

export const goldenMonths: readonly GoldenMonth[] = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => readMonth(entry.name));

/** The rules in force in every golden month; see README.md beside this file. */
export function goldenRules(month: Pick<GoldenMonth, 'excludedServices'>): Rules {
  return {
    groups: new Map(
      Object.entries(goldenGroups).flatMap(([group, codes]) =>
        codes.map((code) => [foldCode(code), Number(group)] as const),
      ),
    ),
    excludedServices: new Set(month.excludedServices.map(foldCode)),
    supervisor: { lincsQp: 'FERNHOLLOW, ADELE', deepCreekQp: 'BRACKENBURY, IVO' },
    columnAliases: byReport(() => new Map()),
    checks: byReport((name) => goldenChecks[name] ?? {}),
    // The golden months came before there were words for blank: `N/A` in an amount is rejected in them.
    reading: byReport(() => ({ blankWords: new Set(), decodeHtmlEntities: false })),
  };
}

const goldenChecks: Readonly<Record<string, Readonly<Record<string, CheckLevel>>>> = {
  utilization: {
    'end-before-start': 'error',
    'negative-units': 'warning',
    'over-authorized': 'warning',
    'unauthorized-spending': 'warning',
  },
  notes: { 'signed-before-service': 'warning' },
};

const goldenGroups: Record<number, string[]> = {
  1: ['CN'],
  2: ['DS'],
  3: ['CLS'],
  4: ['PA'],
  5: ['RCI', 'RCG'],
  6: ['RS', 'LTCS', 'SS', 'GLH', 'RES'],
  7: ['TFC'],
  8: ['SE', 'IS'],
  9: ['Ind', 'Tra Supp'],
};

/** The golden files came before white space in text became one space: one client of theirs has a line break. */
function asStored(cell: string): string {
  return cell.split(/\s+/).join(' ');
}

function readMonth(name: string): GoldenMonth {
  const report = name.split('-')[0];
  const start = parseIsoDate(name.slice(name.indexOf('-') + 1).slice(0, 10));
  if (!isShippedReport(report) || start === undefined) throw new Error(`not a golden month: ${name}`);
  const messy = name.endsWith('-messy');
  const at = (file: string) => new URL(`${name}/${file}`, folder);
  const csv = (file: string) =>
    parse<ExpectedRow>(readFileSync(at(file)), { columns: true, skip_empty_lines: true, cast: asStored });
  const rules = messy
    ? (JSON.parse(readFileSync(at('rules.json'), 'utf8')) as { exclude_services: string[] })
    : { exclude_services: [] };
  return {
    name,
    report,
    period: periodContaining(report, start),
    exportPath: at('reportExport.csv').pathname,
    excludedServices: rules.exclude_services,
    rows: csv('expected.csv'),
    rollups: csv('rollups.csv'),
    codes: csv('codes.csv'),
    rejected: messy ? csv('rejected.csv').map((row) => `${row['source_line']!} ${row['column']!}`) : [],
    excluded: messy ? csv('excluded.csv').map((row) => row['source_line']!) : [],
    summary: JSON.parse(readFileSync(at('summary.json'), 'utf8')) as GoldenMonth['summary'],
  };
}
