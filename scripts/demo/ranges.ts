import { timeZone } from '../../demo/portal/data.ts';
import { dayInZone, type IsoDate } from '../../src/domain/dates.ts';
import { periodContaining, recentPeriods } from '../../src/domain/periods.ts';
import type { ReportName } from '../../src/reports/index.ts';

/** Six months of each report. */
const periodsShown: readonly (readonly [ReportName, number])[] = [
  ['utilization', 6],
  ['notes', 12],
];

export interface DemoRange {
  readonly report: ReportName;
  readonly from: IsoDate;
  readonly to: IsoDate;
}

/**
 * The last six months that have ended before `now`, and the billing cycle that has not: its notes can still be
 * signed.
 */
export function demoRanges(now: Date): DemoRange[] {
  const today = dayInZone(now, timeZone);
  return periodsShown.map(([report, periods]) => {
    const recent = recentPeriods(report, today, periods);
    const newest = report === 'notes' ? periodContaining(report, today) : recent[0]!;
    return { report, from: recent.at(-1)!.from, to: newest.to };
  });
}
