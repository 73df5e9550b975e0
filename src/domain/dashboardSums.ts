import type { LookAlikes } from './lookAlikes.ts';
import type { NotesWindow } from './notesWindow.ts';
import type { Period } from './periods.ts';
import type { PeriodState } from './periodState.ts';
import type { Changes, GateReason, Outcome } from './publication.ts';
import type { ReportName } from '../reports/index.ts';

/** What dashboards are made of: sums that the server adds up, all of one state of the tables. Decimals are text. */
export interface DashboardRows {
  readonly days: DashboardDays;
  /** Those of the months, and those of the recent notes that begin before them. */
  readonly periods: readonly PublishedPeriod[];
  /** Every period of `days.runs` that a run has ended for, at the instant of the snapshot. */
  readonly periodStates: readonly PeriodWithState[];
  readonly openRuns: readonly OpenRunRow[];
  readonly rejects: readonly RejectRow[];
  readonly utilization: readonly UtilizationSums[];
  readonly notes: readonly NoteSums[];
  readonly unknownNotes: readonly UnknownNotes[];
  readonly qps: readonly PersonRow[];
  readonly clients: readonly PersonRow[];
  readonly caregivers: readonly PersonRow[];
}

/** Which days of the tables are read. */
export interface DashboardDays {
  /** Whole months: periods that begin in them. */
  readonly months: Period;
  /** The notes that are counted apart, by date of service; null where there are none. */
  readonly recentNotes: NotesWindow | null;
  /** Periods that begin in these days have their state and their open runs read. */
  readonly runs: Period;
}

/** How a period stands, loaded or not. */
export interface PeriodWithState extends Period {
  readonly report: ReportName;
  readonly state: PeriodState;
  readonly loaded: boolean;
  /** Of the newest run where it failed. */
  readonly failureType: string | null;
}

/** A period that shows a run. Instants are UTC, `YYYY-MM-DD hh:mm:ss.mmm`. */
export interface PublishedPeriod extends Period {
  readonly report: ReportName;
  readonly runId: string;
  readonly publishedAt: string;
  readonly exportedAt: string | null;
  readonly rows: number;
  readonly preliminary: boolean;
  readonly pinnedBy: string | null;
  readonly pinReason: string | null;
  readonly read: number | null;
  readonly excluded: number | null;
  readonly rejected: number | null;
  /** Rows that the supervisor rule moved to the LINCS QP, with their authorized dollars; null where there are none. */
  readonly moved: { readonly rows: number; readonly dollars: string | null } | null;
  readonly changes: Changes | null;
  /** Names of its export that look alike, by column and name code, as the ledger counts them. */
  readonly lookAlikes: readonly LookAlikes[];
  readonly decision: { readonly kind: string; readonly by: string; readonly reason: string } | null;
  /** Of this run and of the one before it, what figures are made from; null where either is not known. */
  readonly differs: { readonly export: boolean; readonly rules: boolean; readonly code: boolean } | null;
}

/** The newest run of a period where it did not reach the tables. */
export interface OpenRunRow extends Period {
  readonly report: ReportName;
  readonly runId: string;
  readonly outcome: Outcome;
  readonly finishedAt: string;
  readonly failureType: string | null;
  readonly heldBecause: readonly GateReason[];
}

/** Rejected rows of the runs that are shown. */
export interface RejectRow {
  readonly runId: string;
  readonly column: string;
  readonly reason: string;
  readonly rows: number;
}

export interface UtilizationSums {
  readonly month: string;
  /** Null where the authorisation names no QP. */
  readonly qpKey: string | null;
  readonly clientKey: string;
  readonly serviceCode: string;
  readonly group: number;
  /** Null where the tables were not told which services are respite. */
  readonly respite: boolean | null;
  readonly rows: number;
  readonly authorized: string;
  readonly inProcess: string;
  readonly billed: string;
  readonly under: string;
  readonly underRows: number;
  readonly over: string;
  readonly overRows: number;
  readonly unauthorized: string;
  readonly unauthorizedRows: number;
  readonly util: string;
  readonly utilRows: number;
}

export interface NoteSums {
  readonly month: string;
  readonly recent: boolean;
  readonly clientKey: string;
  readonly caregiverKey: string;
  readonly rows: number;
  readonly onTime: number;
  readonly late: number;
  readonly unbillable: number;
  readonly unsigned: number;
  readonly days: string;
  readonly daysRows: number;
}

export interface UnknownNotes {
  readonly month: string;
  readonly clientKey: string;
  readonly serviceCode: string;
  readonly rows: number;
}

export interface PersonRow {
  readonly key: string;
  readonly code: string;
  /** Null unless names were asked for: then it has not left the database. */
  readonly name: string | null;
}

export interface DashboardQuestion {
  /** Whether names are read besides codes. */
  readonly names: boolean;
  /** Decides by the periods that are there which days are read; undefined where nothing is to be shown. */
  readonly days: (periods: readonly PublishedPeriod[]) => DashboardDays | undefined;
}
