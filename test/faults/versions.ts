import { reportTable, tableBytes, type ReportTable } from '../../demo/portal/data.ts';
import { defaultDataSettings } from '../../demo/portal/data/settings.ts';
import type { PlannedPeriod } from '../../src/activities/contracts.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import { periodAfter, periodContaining, type Period } from '../../src/domain/periods.ts';
import type { ReportName } from '../../src/reports/index.ts';

/** Two exports of the same periods, so that each load replaces one by the other. */
const versions = ['A', 'B'] as const;
export type Version = (typeof versions)[number];

/** Enough that every period has rejected rows: a few of two to four hundred. */
const unreadableRate = 0.02;

/** So many periods of a report in a row, oldest first, long over on any day that a test may run on. */
export function periodsFrom(report: ReportName, firstDay: IsoDate, count: number): PlannedPeriod[] {
  const periods: Period[] = [];
  for (
    let period = periodContaining(report, firstDay);
    periods.length < count;
    period = periodAfter(report, period)
  ) {
    periods.push(period);
  }
  return periods.map((period) => ({ report, period }));
}

/** The bytes of a period's export in one of its versions. */
export function exportOf({ report, period }: PlannedPeriod, version: Version, scale: number): Buffer {
  const data = { ...defaultDataSettings, scale, unreadableRate };
  const table = reportTable('faults', report, period, data);
  return tableBytes(version === 'A' ? table : changed(report, table), data);
}

/** One row in 60 is gone, one in 60 is there twice and one in 20 says something else: far below every gate. */
const rhythm = 60;

function changed(report: ReportName, { columns, rows }: ReportTable): ReportTable {
  const column = columns.indexOf(changedColumn[report]!);
  const changedRows = rows.flatMap((row, index) => {
    if (index % rhythm === 7) return [];
    if (index % rhythm === 11) return [row, row];
    return [index % 20 === 3 ? row.with(column, otherCell[report]!(row[column]!)) : row];
  });
  return { columns, rows: changedRows };
}

const changedColumn: Partial<Record<ReportName, string>> = {
  utilization: 'Billed Dollars',
  notes: 'Caregiver',
};

/** A cell that cannot be read stays as it is; dollars change by cents. */
const otherCell: Partial<Record<ReportName, (cell: string) => string>> = {
  utilization: (cell) => (/^\$[\d,]+\.\d\d$/.test(cell) ? `${cell.slice(0, -1)}${otherDigit(cell)}` : cell),
  notes: (cell) => (cell === '' ? cell : 'INVENTED, AVERY'),
};

function otherDigit(cell: string): string {
  return String((Number(cell.at(-1)) + 1) % 10);
}

/** The version that a lane is to show after so many. */
export function versionAt(brought: number): Version {
  return versions[(brought - 1) % versions.length]!;
}
