import { addDays, daysBetween, type IsoDate } from './dates.ts';
import { lastBillableDay, lastOnTimeDay, noteStatus, type NoteStatus } from './noteStatus.ts';
import type { Period } from './periods.ts';

/** What following up needs to know of a note. Its times are the portal's, as written. */
export interface FollowedNote {
  readonly dateOfService: IsoDate;
  readonly signDate: IsoDate | null;
  /** `YYYY-MM-DD hh:mm:ss`; null if the export has only a date. */
  readonly signedAt: string | null;
  readonly daysToSign: number | null;
}

/** An export, by the clocks of the organisation. */
export interface ExportMoment {
  readonly day: IsoDate;
  /** `YYYY-MM-DD hh:mm`. */
  readonly time: string;
}

/** Whole days since the service; below zero for a service to come. */
export function noteAge({ dateOfService }: Pick<FollowedNote, 'dateOfService'>, day: IsoDate): number {
  return daysBetween(dateOfService, day);
}

/**
 * What an unsigned note is on a day, by its age alone: on time or late if somebody signs it that day. The status in the
 * tables goes by the exported days, which are blank for most unsigned notes.
 */
export function statusIfSigned(age: number): NoteStatus {
  return noteStatus(age, true);
}

/** How many days are left to sign it after today, 0 on the last one; undefined if it can no longer be billed. */
export function daysToBill(age: number): number | undefined {
  return age > lastBillableDay ? undefined : lastBillableDay - age;
}

/** `0 to 2`, `3 to 7` and `8 or more` days, in words of the page. */
export const ageGroups: readonly AgeGroup[] = [
  { status: 'On Time', days: `0–${String(lastOnTimeDay)}`, youngest: 0, oldest: lastOnTimeDay },
  {
    status: 'Late',
    days: `${String(lastOnTimeDay + 1)}–${String(lastBillableDay)}`,
    youngest: lastOnTimeDay + 1,
    oldest: lastBillableDay,
  },
  {
    status: 'Unbillable',
    days: `${String(lastBillableDay + 1)}+`,
    youngest: lastBillableDay + 1,
    oldest: Infinity,
  },
];

interface AgeGroup extends Ages {
  readonly status: NoteStatus;
  readonly days: string;
}

export interface Ages {
  readonly youngest: number;
  readonly oldest: number;
}

/** The age at which an unsigned note can be billed for the last day. */
export const lastDayAges: Ages = { youngest: lastBillableDay, oldest: lastBillableDay };

/**
 * The days up to `day` without a known note, oldest first: from the first loaded day on, those that are in no
 * loaded period, or that came after the period was exported.
 */
export function daysNotLoaded(
  loaded: readonly { readonly period: Period; readonly exportedOn: IsoDate }[],
  day: IsoDate,
): Period[] {
  const known = loaded
    .map(({ period: { from, to }, exportedOn }) => ({ from, to: to < exportedOn ? to : exportedOn }))
    .filter(({ from, to }) => from <= to)
    .toSorted((one, other) => (one.from < other.from ? -1 : 1));
  const gaps: Period[] = [];
  let next = known[0]?.from ?? day;
  for (const { from, to } of known) {
    if (from > next) gaps.push({ from: next, to: addDays(from, -1) });
    if (to >= next) next = addDays(to, 1);
  }
  return next > day ? gaps : [...gaps, { from: next, to: day }];
}

/** Whether the notes of these ages on `day` are known: of each day, of some days or of none. */
export function knownOf(
  { youngest, oldest }: Ages,
  notLoaded: readonly Period[],
  day: IsoDate,
): 'all' | 'some' | 'none' {
  const spans = notLoaded.map(({ from, to }) => ({
    youngest: daysBetween(to, day),
    oldest: daysBetween(from, day),
  }));
  if (spans.some((span) => span.youngest <= youngest && span.oldest >= oldest)) return 'none';
  return spans.some((span) => span.youngest <= oldest && span.oldest >= youngest) ? 'some' : 'all';
}

export interface NoteChange {
  readonly newlySigned: boolean;
  readonly newlyLate: boolean;
  readonly newlyUnbillable: boolean;
}

/**
 * What has become of a note since an earlier export. It was signed since if its time of signing is later than that
 * export; with a date alone, if that is a later day.
 */
export function noteChange(note: FollowedNote, before: ExportMoment, now: ExportMoment): NoteChange {
  const signed = note.signDate !== null;
  const newlySigned = signed && isLater(note, before);
  if (signed && !newlySigned) return { newlySigned, newlyLate: false, newlyUnbillable: false };
  const earlier = statusIfSigned(noteAge(note, before.day));
  const status = signed ? noteStatus(note.daysToSign, true) : statusIfSigned(noteAge(note, now.day));
  return {
    newlySigned,
    newlyLate: status === 'Late' && earlier === 'On Time',
    newlyUnbillable: status === 'Unbillable' && earlier !== 'Unbillable',
  };
}

function isLater({ signDate, signedAt }: FollowedNote, { day, time }: ExportMoment): boolean {
  return signedAt === null ? signDate! > day : signedAt.slice(0, time.length) > time;
}
