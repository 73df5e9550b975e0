import { daysBetween, type IsoDate } from './dates.ts';

export const noteStatuses = ['On Time', 'Late', 'Unbillable'] as const;

/** The last day of each status, counted from the date of service. */
export const lastOnTimeDay = 2;
export const lastBillableDay = 7;

export type NoteStatus = (typeof noteStatuses)[number];

/**
 * The statuses that dashboards show (docs/tables.md). An unsigned note of 3 to 7 days is Late. `signed`: there is
 * a sign date. A blank number of days counts as no number.
 */
export function noteStatus(daysToSign: number | null, signed: boolean): NoteStatus {
  if (daysToSign !== null && daysToSign <= lastOnTimeDay && signed) return 'On Time';
  if (daysToSign !== null && daysToSign > lastOnTimeDay && daysToSign <= lastBillableDay) return 'Late';
  return 'Unbillable';
}

export type DaysWarning = 'signed-days-blank' | 'days-differ-from-dates' | 'negative-days';

/** The days to count by: as exported, or counted from the dates if a signed note has none. */
export function countDays(note: {
  dateOfService: IsoDate;
  signDate: IsoDate | null;
  exportedDays: number | null;
}): { days: number | null; warnings: DaysWarning[] } {
  const counted = note.signDate === null ? null : daysBetween(note.dateOfService, note.signDate);
  const days = note.exportedDays ?? counted;
  const warnings: DaysWarning[] = [];
  if (note.exportedDays === null && counted !== null) warnings.push('signed-days-blank');
  if (note.exportedDays !== null && counted !== null && counted !== note.exportedDays) {
    warnings.push('days-differ-from-dates');
  }
  if (days !== null && days < 0) warnings.push('negative-days');
  return { days, warnings };
}
