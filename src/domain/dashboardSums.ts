import type { LookAlikes } from './runWarnings.ts';
import type { AuthorizationFacts } from './authorizationOutlook.ts';
import type { FiguresAre, ListedAgain } from './figuresAre.ts';
import type { IsoDate } from './dates.ts';
import type { FollowedNote } from './followUp.ts';
import type { NotesWindow } from './notesWindow.ts';
import type { Period } from './periods.ts';
import type { PeriodState } from './periodState.ts';
import type { Changes, GateReason, Outcome } from './publication.ts';
import type { ReportName } from '../reports/index.ts';

/** The data of dashboards: sums computed by the server, all from one snapshot of the tables. Decimals are text. */
export interface DashboardRows {
  readonly days: DashboardDays;
  /** The periods of the months, and those of the recent notes that begin before them. */
  readonly periods: readonly PublishedPeriod[];
  /** Every period of `days.runs` with a run that ended, as of the snapshot. */
  readonly periodStates: readonly PeriodWithState[];
  readonly openRuns: readonly OpenRunRow[];
  readonly rejects: readonly RejectRow[];
  readonly utilization: readonly UtilizationSums[];
  readonly notes: readonly NoteSums[];
  readonly unknownNotes: readonly UnknownNotes[];
  /** Over the months; checks what the dollars are said to be of. */
  readonly listedAgain: ListedAgain;
  /** Those that the newest loaded month lists. */
  readonly authorizations: readonly AuthorizationRow[];
  readonly qps: readonly PersonRow[];
  readonly clients: readonly PersonRow[];
  readonly caregivers: readonly PersonRow[];
  readonly supervisors: readonly PersonRow[];
  readonly followed: readonly FollowedRow[];
  readonly earlierExports: readonly EarlierExport[];
}

/** Which days of the tables are read. */
export interface DashboardDays {
  /** Whole months: periods that begin in them. */
  readonly months: Period;
  /** The recent notes, counted separately by date of service; null if there are none. */
  readonly recentNotes: NotesWindow | null;
  /** The state and open runs are read for periods that begin in these days. */
  readonly runs: Period;
}

/** The state of a period, loaded or not. */
export interface PeriodWithState extends Period {
  readonly report: ReportName;
  readonly state: PeriodState;
  readonly loaded: boolean;
  /** The failure type of the newest run, if it failed. */
  readonly failureType: string | null;
}

/** A period that shows a run. Times are UTC, `YYYY-MM-DD hh:mm:ss.mmm`. */
export interface ExistingPeriod extends Period {
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
  /** Rows that the supervisor rule moved to another person, with their dollars; null if there are none. */
  readonly moved: { readonly rows: number; readonly dollars: string | null } | null;
  /** Names in its export that look alike, by column and name code, as the ledger counts them. */
  readonly lookAlikes: readonly LookAlikes[];
}

/** One that is asked for. */
export interface PublishedPeriod extends ExistingPeriod {
  /** Its last loads, newest first; the first one is shown. */
  readonly loads: readonly PastLoad[];
}

/** What a load changed, and why there was one. */
export interface PastLoad {
  readonly publishedAt: string;
  readonly changes: Changes;
  /** See `loadCause`. */
  readonly why: string;
}

/** The period's newest run, if it did not reach the tables. */
export interface OpenRunRow extends Period {
  readonly report: ReportName;
  readonly runId: string;
  readonly outcome: Outcome;
  readonly finishedAt: string;
  readonly failureType: string | null;
  readonly heldBecause: readonly GateReason[];
}

/** Rejected rows of the shown runs. */
export interface RejectRow {
  readonly runId: string;
  readonly column: string;
  readonly reason: string;
  readonly rows: number;
}

export interface UtilizationSums {
  readonly month: string;
  /** Null if the authorization names no QP. */
  readonly qpKey: string | null;
  readonly clientKey: string;
  readonly serviceCode: string;
  readonly group: number;
  /** Null if the tables do not record which services are respite. */
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

export interface AuthorizationRow extends AuthorizationFacts {
  readonly authorizationNumber: string;
  readonly serviceCode: string;
  readonly group: number;
  readonly respite: boolean | null;
  /** Null if several people share the number. */
  readonly clientKey: string | null;
  /**
   * The QPs of the authorization's rows, each once; null for rows without one. The page of one QP has that one alone.
   */
  readonly qpKeys: readonly (string | null)[];
  /** Whether its rows name several QPs, or one and none. */
  readonly sharedByQps: boolean;
  /** The number of the export's rows whose figures are added up here. */
  readonly rows: number;
}

export interface NoteSums {
  readonly month: string;
  /** First day of their billing cycle. */
  readonly from: IsoDate;
  readonly recent: boolean;
  readonly clientKey: string;
  readonly caregiverKey: string;
  /** Null if the notes name no supervisor. */
  readonly supervisorKey: string | null;
  readonly rows: number;
  readonly onTime: number;
  readonly late: number;
  readonly unbillable: number;
  readonly unsigned: number;
  readonly days: string;
  readonly daysRows: number;
}

/** A note that is not signed, or was signed about as late as the period's export before this one. */
export interface FollowedRow extends FollowedNote {
  readonly month: string;
  /** First day of its billing cycle. */
  readonly from: IsoDate;
  readonly clientKey: string;
  readonly caregiverKey: string;
  readonly supervisorKey: string | null;
  readonly serviceCode: string;
  readonly group: number;
  readonly respite: boolean | null;
}

/** The export of a billing cycle before the one that is shown; UTC, `YYYY-MM-DD hh:mm:ss.mmm`. */
export interface EarlierExport {
  readonly from: IsoDate;
  readonly exportedAt: string;
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
  /** Null unless names were requested: it then never leaves the database. */
  readonly name: string | null;
}

export interface DashboardQuestion {
  /** Whether to read names as well as codes. */
  readonly names: boolean;
  /** What the dollars are of: whether earlier months count for an authorization. */
  readonly figuresAre: FiguresAre;
  /** Chooses the days to read from the existing periods; undefined if nothing is to be shown. */
  readonly days: (periods: readonly ExistingPeriod[]) => DashboardDays | undefined;
}
