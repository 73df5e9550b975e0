import { addDays, type IsoDate } from './dates.ts';
import type { Period } from './periods.ts';
import { reports, type ReportName } from '../reports/index.ts';

/** Whether the period has not ended on that day: an export of it then lacks what is still to come. */
export function isOpen(period: Period, day: IsoDate): boolean {
  return day <= period.to;
}

/** Whether the passing of days alone may still change the figures of an export taken on that day. */
export function isPreliminary(report: ReportName, period: Period, day: IsoDate): boolean {
  return day < addDays(period.to, reports[report].settledAfterDays);
}
