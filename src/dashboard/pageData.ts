import type { ProjectedFrom } from '../domain/authorizationOutlook.ts';
import type { IsoDate } from '../domain/dates.ts';
import type { FiguresAre } from '../domain/figuresAre.ts';
import type { PeriodState } from '../domain/periodState.ts';
import type { Period } from '../domain/periods.ts';
import type { ReportName } from '../reports/index.ts';

/**
 * What a page carries, as plain JSON: sums per month, QP, client and service, never a single row of the tables.
 * Money is whole cents. A sum that a number cannot hold exactly is its digits as text, so every reader makes it a
 * `bigint` before adding.
 */
export type Whole = number | string;

/** One month, QP, client and service; people and services are places in the page's lists. */
export type UtilizationTuple = readonly [
  month: number,
  qp: number,
  client: number,
  service: number,
  rows: number,
  authorizedCents: Whole,
  inProcessCents: Whole,
  billedCents: Whole,
  /** Sum of the rows' variances below zero, and how many rows those are. */
  underCents: Whole,
  underRows: number,
  overCents: Whole,
  overRows: number,
  /** Used by rows with nothing authorized, and how many of them used something. */
  unauthorizedCents: Whole,
  unauthorizedRows: number,
  /** Sum of the rows' own ratios in millionths, and how many rows have one. */
  utilMillionths: Whole,
  utilRows: number,
];

/** One month, caregiver and supervisor, apart for notes inside and outside of the last 90 days. */
export type NotesTuple = readonly [
  month: number,
  recent: 0 | 1,
  caregiver: number,
  rows: number,
  onTime: number,
  late: number,
  unbillable: number,
  unsigned: number,
  /** Days to sign of signed notes, and how many notes those are. */
  days: Whole,
  daysRows: number,
  supervisor: number,
];

/** An unsigned note; people and services are places in the page's lists. */
export type OpenNoteTuple = readonly [
  client: number,
  caregiver: number,
  supervisor: number,
  service: number,
  dateOfService: string,
  /** Days from the service to the day of the newest export. */
  age: number,
];

/** What became of notes since the exports before those that are shown, of cycles that have one. */
interface NotesSince {
  /** When those exports were taken. */
  readonly before: string;
  readonly cycles: number;
  /** All notes of those cycles. */
  readonly notes: number;
  readonly newlyLate: number;
  readonly newlyUnbillable: number;
  readonly newlySigned: number;
}

interface FollowUp {
  /** The day of the newest export. */
  readonly asOf: IsoDate;
  readonly notes: readonly OpenNoteTuple[];
  /** The days up to `asOf` without loaded notes. */
  readonly notLoaded: readonly Period[];
  readonly since: NotesSince | null;
}

/** The key that stands for nobody, and for every person of a page of totals; no person's key is as short. */
export const nobodyKey = '-';

export interface PersonLabel {
  /** What every row is grouped by. */
  readonly key: string;
  /**
   * A name code, made unlike any other person's by some digits of the key; the full name where names were asked
   * for.
   */
  readonly label: string;
}

export interface ServiceLabel {
  /** Where names were not asked for, text that looks like no code is not shown: serviceLabels.ts. */
  readonly code: string;
  /** 0 where no group names it. */
  readonly group: number;
  /** Whether dashboards may hide it. */
  readonly respite: boolean;
}

/** A period that the tables show. Times are text in the organisation's time zone. */
export interface LoadedPeriod {
  readonly report: ReportName;
  readonly from: string;
  readonly to: string;
  /** `YYYY-MM` of its start. */
  readonly month: string;
  readonly run: string;
  readonly rows: number;
  readonly loadedAt: string;
  /** When the export was taken, as text and as milliseconds since 1970. */
  readonly asOf: string | null;
  readonly exportedAt: number | null;
  readonly preliminary: boolean;
  /** `read 240 = loaded 238 + excluded 0 + rejected 2`, null of runs that did not count. */
  readonly read: number | null;
  readonly excluded: number | null;
  readonly rejected: number | null;
  /**
   * Rows moved by the supervisor rule, whom they count for, and their dollars if the run counted them; null if it
   * moved none.
   */
  readonly moved: { readonly rows: number; readonly to: string; readonly cents: Whole | null } | null;
  readonly pinned: string | null;
  /** What the period's last loads changed, newest first. */
  readonly changes: readonly PeriodChange[];
}

/** What a load changed, and why there was one. */
export interface PeriodChange {
  readonly loadedAt: string;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly same: number;
  /** Authorized, in process and billed together; null in reports without money. */
  readonly dollars: readonly { readonly column: string; readonly before: string; readonly after: string }[];
  readonly why: string;
}

/** A newer run that did not reach the tables. */
export interface OpenRun {
  readonly report: string;
  readonly from: string;
  readonly to: string;
  readonly run: string;
  readonly outcome: string;
  readonly endedAt: string;
  readonly why: string;
}

/** How one period stands that the page shows figures of, or should. */
export interface PagePeriodState {
  readonly report: ReportName;
  readonly from: string;
  readonly to: string;
  /** `YYYY-MM` of its start. */
  readonly month: string;
  readonly state: PeriodState;
  readonly loaded: boolean;
  /** The failure type of the newest run where it failed. */
  readonly failureType: string | null;
}

interface RejectCount {
  readonly report: string;
  readonly from: string;
  readonly to: string;
  readonly column: string;
  readonly reason: string;
  readonly rows: number;
}

export interface UnknownCount {
  readonly report: string;
  readonly month: string;
  readonly code: string;
  readonly rows: number;
  /** Authorized, null in notes. */
  readonly cents: Whole | null;
}

/** Names of one column of a period's export that look alike: two people, or one written in two ways. */
interface LookAlikeCount {
  readonly report: string;
  readonly from: string;
  readonly to: string;
  readonly column: string;
  readonly code: string;
  readonly names: number;
}

/** An authorization of the newest loaded month, where it stands and where it will. Dollars are cents. */
export interface PageAuthorization {
  /** What addresses call it. */
  readonly key: string;
  readonly number: string;
  /** Null if several people share the number. */
  readonly client: number | null;
  /** One, unless several share it; the page of one QP names that one alone. */
  readonly qps: readonly number[];
  readonly sharedByQps: boolean;
  readonly service: number;
  readonly from: string;
  readonly to: string;
  readonly authorizedCents: Whole | null;
  readonly usedCents: Whole;
  /** Whether its last day lies before the day of the export. */
  readonly ended: boolean;
  readonly daysLeft: number;
  /** The number of days that the dollars are of; `lastDay` is the last of them. */
  readonly days: number;
  readonly daysGone: number;
  readonly lastDay: string;
  readonly offTargetCents: Whole | null;
  readonly perWeek4: WeeklyRate | null;
  readonly perWeek8: WeeklyRate | null;
  readonly projectedFrom: ProjectedFrom | null;
  readonly projectedUseCents: Whole | null;
  readonly projectedUnspentCents: Whole | null;
  readonly exhaustion: string | null;
  readonly lastChange: string | null;
  readonly loadCount: number;
  /** The first load and those that changed something, oldest first. */
  readonly loads: readonly (readonly [day: string, authorizedCents: Whole | null, usedCents: Whole])[];
}

/** Used per week, and over how many days that was measured. */
interface WeeklyRate {
  readonly cents: Whole;
  readonly days: number;
}

/** How many days ahead authorizations can be asked for. */
export type ExpiryDays = '30' | '60' | '90';

/** Sums of the authorizations with unused money that end within so many days. */
export interface TotalsEndingSoon {
  readonly days: ExpiryDays;
  readonly authorizations: number;
  readonly unusedCents: Whole;
}

interface PageEndingSoon {
  /** The day of the export that days are counted from. */
  readonly asOf: string;
  /** Those spans that have enough clients to be shown. */
  readonly spans: readonly TotalsEndingSoon[];
}

interface PageOutlook {
  /** `YYYY-MM` of the period that lists them. */
  readonly month: string;
  /** The day of the export that days are counted from. */
  readonly asOf: string;
  readonly items: readonly PageAuthorization[];
}

export interface PageData {
  /** Its name or id; null where the settings have neither. */
  readonly agency: string | null;
  /** When the page was made, as text and as milliseconds since 1970. */
  readonly written: string;
  readonly writtenAt: number;
  /** The QP whose clients the page holds, null for all. */
  readonly onlyQp: string | null;
  /** The supervisor whose notes the page holds, null for all. */
  readonly onlySupervisor: string | null;
  /** Whether it holds sums by month and service group alone, and nobody. */
  readonly totals: boolean;
  readonly names: boolean;
  readonly timeZone: string;
  /** What the dollars are of. */
  readonly figuresAre: FiguresAre;
  /** What the loaded months have that does not fit that; null if they fit. */
  readonly contradiction: string | null;
  /** `YYYY-MM`, ascending. */
  readonly months: readonly string[];
  /** The month that utilization pages open on. */
  readonly openOn: string;
  /** The 90 days of the notes overview, null where no notes are loaded. */
  readonly recent: { readonly from: string; readonly to: string; readonly loadedDays: number } | null;
  readonly groupNames: Readonly<Record<string, string>>;
  readonly qps: readonly PersonLabel[];
  readonly clients: readonly PersonLabel[];
  readonly caregivers: readonly PersonLabel[];
  readonly supervisors: readonly PersonLabel[];
  readonly services: readonly ServiceLabel[];
  /**
   * Which of all services shown are respite, in capitals; null if the tables do not know, so nothing can be
   * hidden.
   */
  readonly respiteCodes: readonly string[] | null;
  readonly utilization: readonly UtilizationTuple[];
  readonly notes: readonly NotesTuple[];
  /** Null where no authorization is loaded. */
  readonly outlook: PageOutlook | null;
  /** What a page of totals says in its place. */
  readonly endingSoon: PageEndingSoon | null;
  /** Null where no notes are loaded. */
  readonly followUp: FollowUp | null;
  readonly loads: readonly LoadedPeriod[];
  /** Every period of the months and of the 90 days, loaded or not, and newer ones that have run. */
  readonly periodStates: readonly PagePeriodState[];
  readonly openRuns: readonly OpenRun[];
  readonly rejects: readonly RejectCount[];
  readonly unknown: readonly UnknownCount[];
  /** How many different service codes those are. */
  readonly unknownCodes: number;
  readonly lookAlikes: readonly LookAlikeCount[];
}
