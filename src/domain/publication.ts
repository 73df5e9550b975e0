import type { Accounting } from './accounting.ts';
import type { ArtifactRef } from './artifacts.ts';
import type { RejectCounts } from './rejectCounts.ts';
import type { Reread, RulesChange } from './rulesChange.ts';
import type { RunIdentity } from './runIdentity.ts';
import type { TsvCell } from '../rows/tsv.ts';

/** How a run can end; the search attribute `EhrOutcome` and the ledger's `outcome` use these words. */
export const outcomes = [
  'published',
  'unchanged',
  'held',
  'rejected',
  'superseded',
  'cancelled',
  'failed',
] as const;

export type Outcome = (typeof outcomes)[number];

/** What a period's figures were made from. Equal versions make equal tables. */
export interface Versions {
  readonly exportSha256: string;
  readonly rulesSha256: string;
  readonly codeVersion: string;
}

/** A record that could not be read exactly. Never holds the cell itself. */
export interface RejectedRow {
  /** 1-based line of the export where the record starts; the header is line 1. */
  readonly sourceLine: number;
  /** The column at fault, or `(row)` where the record as a whole is. */
  readonly column: string;
  /** A short stable name, e.g. `not-a-date`. */
  readonly rule: string;
  /** In words, the value masked. */
  readonly reason: string;
}

/** A service code that no group names. */
export interface UnknownService {
  readonly code: string;
  readonly rows: number;
  /** Authorized dollars of those rows; null in reports without money. */
  readonly dollars: string | null;
}

/** What the ledger keeps of what the steps counted. */
export interface RunCounts {
  readonly accounting: Accounting;
  /** Rows whose QP the supervisor rule changed. */
  readonly movedToLincs: number;
  /** Authorized dollars of those rows as decimal text; absent where there are none. */
  readonly movedDollars?: string;
  /** Rows per kind of warning, e.g. `days-differ-from-dates`. */
  readonly warnings: Readonly<Record<string, number>>;
  /** Not there in what earlier versions have made. */
  readonly rejects?: RejectCounts | undefined;
}

/** Why a run may not be loaded without a person's word: one gate, in words that name no cell and no person. */
export interface GateReason {
  /** A short stable name, e.g. `empty-over-rows`. */
  readonly gate: string;
  readonly message: string;
}

/** What a gate may look at beside the run itself; the load reads it under the period's lock. */
export interface GateContext {
  /** What the period shows now, null while nothing has been published. Dollars are authorised ones, as decimal text. */
  readonly previous: {
    readonly rows: number;
    readonly dollars: string | null;
    /** Whether the export it was made from was taken before the period had ended. */
    readonly open: boolean;
    /** Whether it was made from the very export of this run. */
    readonly sameExport?: boolean;
    /** The rows that were put aside when it was made; undefined where an earlier version made it. */
    readonly rejects?: RejectCounts | undefined;
  } | null;
  /** The same of the report's published periods before this one that had ended, newest first, at most `GateLimits.median.periods`. */
  readonly others: readonly { readonly rows: number; readonly dollars: string | null }[];
  /** Who pinned the period and why, null where nobody has. */
  readonly pinned: { readonly by: string; readonly reason: string } | null;
  /** What the rules of this run make of the export that is shown; null where they are the same, or were accepted. */
  readonly rulesChange: RulesChange | null;
}

/** Percentages of pipeline.yaml, section `gates`. */
export interface GateLimits {
  /** Most rejected rows, in percent of the rows that are not excluded. */
  readonly rejectedPercent: number;
  /** Loads and periods of fewer rows than this are not judged by percentages of rows or dollars. */
  readonly smallestRows: number;
  /**
   * A run is held if its rejects are all for one reason in one column, from so many rows and so many percent of those
   * not excluded on; undefined: not judged.
   */
  readonly sameRejects?: { readonly rows: number; readonly percent: number };
  /** A run is held if its rejected notes could change the share of a status by more percentage points. */
  readonly statusSharePoints?: number;
  /** Against the last load of the same period. */
  readonly lastLoad: { readonly fewerPercent: number; readonly morePercent: number };
  /** Against the median of so many periods before this one; not judged while there are fewer. */
  readonly median: {
    readonly periods: number;
    readonly fewerPercent: number;
    readonly morePercent: number;
  };
}

/** What differs between the rows a period showed and those of a run. */
export interface Changes {
  /** The run whose rows were compared, null where the period showed nothing. */
  readonly since: string | null;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly same: number;
  /** Per money column that is loaded, the period's total before and after as decimal texts. */
  readonly dollars: Readonly<Record<string, { readonly before: string; readonly after: string }>>;
  /**
   * The differing rows one by one, for `client diff`; see `changeFiles.ts`. Where the period showed nothing, the file
   * of the rows themselves: all of them were added.
   */
  readonly details: ArtifactRef;
}

/** The rows that a period shows, as lines of a row file. */
export interface ShownRows {
  readonly runId: string;
  readonly rows: number;
  /** Totals of `summedColumns[report]` as decimal texts. */
  readonly sums: Readonly<Record<string, string>>;
  /** Some whole lines at a time. */
  readonly pages: AsyncIterable<Buffer>;
}

export interface Comparison {
  readonly changes: Changes;
  /** Rows that equal an earlier row of the same file in every column that is loaded; the warning `duplicate-row`. */
  readonly duplicates: number;
}

/** A person's word that takes the place of the gates. */
export interface Decision {
  /** `approve` loads what was held; `rollback` puts an earlier version back and pins the period. */
  readonly kind: 'approve' | 'rollback';
  readonly by: string;
  readonly reason: string;
  /** The published run that a rollback puts back. */
  readonly restores?: string;
}

/** With whom Temporal knows to have started it: a name that somebody gives is only a claim. */
export interface AttributedDecision extends Decision {
  readonly identity?: string;
}

export interface PublishRequest {
  readonly run: RunIdentity;
  readonly versions: Versions;
  /** When the export was taken from the portal or from the file, ISO 8601 in UTC. */
  readonly exportedAt: string;
  /** Whether the export was taken before the period had ended, by the calendar of the organisation. */
  readonly open: boolean;
  /** Whether the figures may still change by the passing of days; see preliminary.ts. */
  readonly preliminary: boolean;
  /** When the figures become stale; see periodState.ts. ISO 8601, or null. */
  readonly staleAt: string | null;
  readonly gates: GateLimits;
  readonly decision?: AttributedDecision;
  /** Loads again although the period shows the same already. */
  readonly force?: true;
  /** Plain JSON that the load needs to publish the same again: references to files and counts, never rows. */
  readonly files: object;
  /**
   * Compares the rows with what the period shows, given as lines of a row file without their newline, in the
   * order of `rowColumns[report]`; null where it shows nothing. Called under the period's lock. As soon as it has read
   * them all, rows are replaced beside it: it must have what it needs of them by then.
   */
  readonly compare: (before: ShownRows | null) => Promise<Comparison>;
  /** Reads the export of the run that is shown again, under the rules of this one; the ledger says where it lies. */
  readonly reread: (shown: LedgerRun | undefined) => Promise<Reread>;
  /** What the run that is shown put aside, as the ledger has it. */
  readonly rejectsOf: (shown: LedgerRun | undefined) => RejectCounts | undefined;
  readonly counts: RunCounts;
  readonly unknownServices: readonly UnknownService[];
  /** The rows as TSV bytes in the order of `rowColumns[report]`, ascending by source_line. */
  readonly openRows: () => NodeJS.ReadableStream;
  /** Records in `openRows`, and the totals of `summedColumns[report]` as decimal texts (units 4 places, dollars 2, days 0). */
  readonly expected: { readonly rows: number; readonly sums: Readonly<Record<string, string>> };
  /** Cells in the order of `rollupColumns[report]`. */
  readonly rollups: () => AsyncIterable<readonly TsvCell[]>;
  readonly rejected: () => AsyncIterable<RejectedRow>;
  /** Called as the load goes on, for heartbeats. */
  readonly onProgress?: (step: string, rows: number) => void;
  readonly signal?: AbortSignal;
}

export type PublishResult =
  | { readonly kind: 'published'; readonly rows: number; readonly replacedRows: number }
  | { readonly kind: 'unchanged'; readonly publishedRunId: string }
  /** Nothing was loaded; the files are kept and a person decides. */
  | { readonly kind: 'held'; readonly reasons: readonly GateReason[] }
  /** Nothing was loaded: the period shows a newer export than this run's. */
  | { readonly kind: 'superseded'; readonly by: string };

/** What a load would do, had it been asked for now. */
export interface PublishForecast {
  readonly wouldBe: PublishResult['kind'];
  readonly reasons: readonly GateReason[];
  readonly comparison: Comparison;
}

/** A run that ended without changing the tables. */
export interface FinishedRun {
  readonly run: RunIdentity;
  readonly outcome: Exclude<Outcome, 'published'>;
  readonly failureType?: string;
  /** The failure's message, already free of cells, people and secrets. */
  readonly failureMessage?: string;
  readonly counts?: RunCounts;
  readonly versions?: Partial<Versions>;
  readonly exportedAt?: string;
  /** What has been made so far, so that the run can be done again from its export. */
  readonly files?: object;
}

/** What a person has said of a run; `reject` closed a held one. */
export interface RecordedDecision extends Omit<Decision, 'kind'> {
  readonly kind: Decision['kind'] | 'reject';
  /** The identity by which Temporal knows the decision; null where it did not go through Temporal or is older. */
  readonly identity: string | null;
  readonly at: string;
}

/** A run as the ledger knows it. Times are UTC, `YYYY-MM-DD hh:mm:ss.mmm`. */
export interface LedgerRun {
  readonly run: RunIdentity;
  readonly outcome: Outcome;
  readonly finishedAt: string;
  readonly publishedAt: string | null;
  readonly exportedAt: string | null;
  readonly preliminary: boolean | null;
  readonly rowsLoaded: number | null;
  readonly rowsRejected: number | null;
  readonly failureType: string | null;
  /** What happened and what to do. */
  readonly failureMessage: string | null;
  readonly heldBecause: readonly GateReason[];
  readonly decision: RecordedDecision | null;
  readonly changes: Changes | null;
  /** See `PublishRequest.files`. */
  readonly files: object | null;
}
