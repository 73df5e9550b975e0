import { addDays, type IsoDate } from './dates.ts';
import type { Period } from './periods.ts';
import type { ReportName } from './reports.ts';

/**
 * A note's status is final this many days after its service: it is late through the seventh day and can no
 * longer be billed from the eighth (see noteStatus.ts).
 */
const noteFinalDays = 8;

/** Whether the period has not ended on that day: an export of it then lacks what is still to come. */
export function isOpen(period: Period, day: IsoDate): boolean {
  return day <= period.to;
}

/**
 * Whether the figures of an export taken on that day may still change by the passing of days alone.
 * Authorisations go on being billed after their month, but are complete when it ends.
 */
const preliminary: Readonly<Record<ReportName, (period: Period, day: IsoDate) => boolean>> = {
  utilization: isOpen,
  notes: (period, day) => day < addDays(period.to, noteFinalDays),
};

export function isPreliminary(report: ReportName, period: Period, day: IsoDate): boolean {
  return preliminary[report](period, day);
}
