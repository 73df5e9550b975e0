import type { Readable } from 'node:stream';
import type { RejectCounts } from './rejects.ts';
import type { TsvCell } from './rowCells.ts';
import type { Accounting } from './accounting.ts';
import type { ArtifactRef } from './artifacts.ts';
import type { AuditActor } from './auditEvents.ts';
import type { IsoDate } from './dates.ts';
import type { Reread, RulesChange } from './rulesChange.ts';
import type { RunIdentity } from './runIdentity.ts';

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

/** A record that could not be read exactly. Never contains the cell itself. */
export interface RejectedRow {
  /** 1-based line of the export on which the record starts; the header is line 1. */
  readonly sourceLine: number;
  /** The column at fault, or `(row)` if the record as a whole is. */
  readonly column: string;
  /** A short stable name, e.g. `not-a-date`. */
  readonly rule: string;
  /** As text, with the value masked. */
  readonly reason: string;
}

/** A service code that no group names. */
export interface UnknownService {
  readonly code: string;
  readonly rows: number;
  /** Dollars of the `gateOn` column in those rows; null in reports without money. */
  readonly dollars: string | null;
}

/** The counts of the steps that the ledger keeps. */
export interface RunCounts {
  readonly accounting: Accounting;
  /** Rows whose QP the supervisor rule changed. */
  readonly movedToLincs: number;
  /** Their dollars, of the `reassigned` column, as decimal text; absent if there are none. */
  readonly movedDollars?: string;
  /** Rows per kind of warning, e.g. `days-differ-from-dates`. */
  readonly warnings: Readonly<Record<string, number>>;
  /** Absent in what earlier versions made. */
  readonly rejects?: RejectCounts | undefined;
}

/** Why a run may not be loaded without a person's decision: one gate, in words that name no cell and no person. */
export interface GateReason {
  /** A short stable name, e.g. `empty-over-rows`. */
  readonly gate: string;
  readonly message: string;
}

/** What a gate may compare the run with; the load reads it under the period's lock. */
export interface GateContext {
  /**
   * What the period shows now, null before the first publication. Dollars are those of the `gateOn` column, as decimal
   * text.
   */
  readonly previous: {
    readonly rows: number;
    readonly dollars: string | null;
    /** Whether its export was taken before the period had ended. */
    readonly open: boolean;
    /** Whether it was made from this run's export. */
    readonly sameExport?: boolean;
    /** The rows that were rejected when it was made; undefined if an earlier version made it. */
    readonly rejects?: RejectCounts | undefined;
  } | null;
  /**
   * Rows and dollars of the report's published periods before this one that had ended, newest first, at most
   * `GateLimits.median.periods`.
   */
  readonly others: readonly { readonly rows: number; readonly dollars: string | null }[];
  /** Who pinned the period and why, null if it is not pinned. */
  readonly pinned: { readonly by: string; readonly reason: string } | null;
  /** How this run's rules change the shown export; null if they are the same, or were accepted. */
  readonly rulesChange: RulesChange | null;
}

/** Percentages of pipeline.yaml, section `gates`. */
export interface GateLimits {
  /** The most rejected rows, in percent of the rows that are not excluded. */
  readonly rejectedPercent: number;
  /** Loads and periods of fewer rows than this are not checked by percentages of rows or dollars. */
  readonly smallestRows: number;
  /**
   * Holds a run whose rejects all have one reason in one column, from this number of rows and this percentage of those
   * not excluded; undefined: not checked.
   */
  readonly sameRejects?: { readonly rows: number; readonly percent: number };
  /**
   * Holds a run whose rejected rows could change the share of a status by more than this number of percentage points.
   */
  readonly statusSharePoints?: number;
  /** Compared with the last load of the same period. */
  readonly lastLoad: { readonly fewerPercent: number; readonly morePercent: number };
  /** Compared with the median of this many periods before this one; not checked while there are fewer. */
  readonly median: {
    readonly periods: number;
    readonly fewerPercent: number;
    readonly morePercent: number;
  };
}

/** The differences between the rows that a period showed and those of a run. */
export interface Changes {
  /** The run whose rows were compared, null if the period showed nothing. */
  readonly since: string | null;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly same: number;
  /** The period's total of each loaded money column before and after, as decimal texts. */
  readonly dollars: Readonly<Record<string, { readonly before: string; readonly after: string }>>;
  /**
   * The differing rows one by one, for `client diff`; see `changeFiles.ts`. If the period showed nothing, the file of
   * the rows themselves: all of them were added.
   */
  readonly details: ArtifactRef;
}

/** The rows that a period shows, as lines of a row file. */
export interface ShownRows {
  readonly runId: string;
  readonly rows: number;
  /** Totals of `summedColumns[report]` as decimal texts. */
  readonly sums: Readonly<Record<string, string>>;
  /** Several whole lines at a time. */
  readonly pages: AsyncIterable<Buffer>;
}

export interface Comparison {
  readonly changes: Changes;
  /** Rows that equal an earlier row of the same file in every loaded column; the warning `duplicate-row`. */
  readonly duplicates: number;
}

/** A person's decision that replaces the gates. */
export interface Decision {
  /** `approve` loads what was held; `rollback` puts an earlier version back and pins the period. */
  readonly kind: 'approve' | 'rollback';
  readonly by: string;
  readonly reason: string;
  /** The published run that a rollback puts back. */
  readonly restores?: string;
}

/** With the starter that Temporal recorded: a given name is only a claim. */
export interface AttributedDecision extends Decision {
  readonly actor?: AuditActor;
}

export interface PublishRequest {
  readonly run: RunIdentity;
  readonly versions: Versions;
  /** When the export was taken from the portal or from the file, ISO 8601 in UTC. */
  readonly exportedAt: string;
  /** The day of that moment in the organisation's time zone. */
  readonly exportedOn: IsoDate;
  /** Whether the export was taken before the period had ended, by the organisation's calendar. */
  readonly open: boolean;
  /** Whether the passing of days alone may still change the figures; see preliminary.ts. */
  readonly preliminary: boolean;
  /** When the figures become stale; see periodState.ts. ISO 8601, or null. */
  readonly staleAt: string | null;
  readonly gates: GateLimits;
  readonly decision?: AttributedDecision;
  /** Loads even if the period already shows the same. */
  readonly force?: true;
  /** Plain JSON that the load needs to publish the same again: references to files and counts, never rows. */
  readonly files: object;
  /**
   * Compares the rows with what the period shows, given as lines of a row file without their newline, in the order of
   * `rowColumns[report]`; null if it shows nothing. Called under the period's lock. Once it has read all rows, the load
   * replaces them while it continues: by then it must have copied what it needs.
   */
  readonly compare: (before: ShownRows | null) => Promise<Comparison>;
  /** Reads the shown run's export again, under the rules of this one; the ledger says where it is. */
  readonly reread: (shown: LedgerRun | undefined) => Promise<Reread>;
  /** The shown run's rejects, as recorded in the ledger. */
  readonly rejectsOf: (shown: LedgerRun | undefined) => RejectCounts | undefined;
  readonly counts: RunCounts;
  readonly unknownServices: readonly UnknownService[];
  /** The rows as TSV bytes in the order of `rowColumns[report]`, ascending by source_line. */
  readonly openRows: () => Readable;
  /**
   * Records in `openRows`, and the totals of `summedColumns[report]` as decimal texts (units 4 places, dollars 2, days
   * 0).
   */
  readonly expected: { readonly rows: number; readonly sums: Readonly<Record<string, string>> };
  /** Cells in the order of `rollupColumns[report]`. */
  readonly rollups: () => AsyncIterable<readonly TsvCell[]>;
  readonly rejected: () => AsyncIterable<RejectedRow>;
  /** Called during the load, for heartbeats. */
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

/** What a load would do now. */
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
  /** What has been made so far, so that the run can be repeated from its export. */
  readonly files?: object;
}

/**
 * Whether a run failed because of what its caller gave it: a file that cannot be taken, or a period of the future.
 * It is no failed run; the ledger's queries have the same condition. A recipe that cannot be used is an
 * `InvalidInput` too, and a failure.
 */
export function isRefusedForItsInput(
  { run, outcome, failureType, versions }: FinishedRun,
  now: Date,
): boolean {
  if (outcome !== 'failed' || failureType !== 'InvalidInput') return false;
  if (versions?.exportSha256 !== undefined) return false;
  return run.source === 'file' || run.period.from >= now.toISOString().slice(0, 10);
}

/** A person's decision about a run; `reject` closed a held one. */
export interface RecordedDecision extends Omit<Decision, 'kind'> {
  readonly kind: Decision['kind'] | 'reject';
  /** The identity with which Temporal recorded the decision; null if it did not go through Temporal, or is older. */
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
  readonly madeOf: MadeOf;
}

/** Whether a decision may load this run. The load itself answers an approval that was just carried out. */
export function isDecidable({ outcome, decision }: LedgerRun, kind: Decision['kind']): boolean {
  if (kind === 'rollback') return outcome === 'published';
  return outcome === 'held' || decision?.kind === 'approve';
}

/** What a run's rows were made of and by; a part that was not recorded is null. */
export interface MadeOf {
  readonly export: string | null;
  readonly rules: string | null;
  readonly code: string | null;
}
