import type { Period } from './periods.ts';
import type { ReportName } from './reports.ts';
import type { TsvCell } from './tsv.ts';

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

/** Which run this is: the same in every step's input, in the ledger and on every row. */
export interface RunIdentity {
  /** The Temporal run id of the `runReport`: 36 characters, and how ops find the run in the Web UI. */
  readonly runId: string;
  readonly workflowId: string;
  readonly report: ReportName;
  readonly period: Period;
  readonly source: 'portal' | 'file';
  /** When the workflow began, ISO 8601 in UTC. */
  readonly startedAt: string;
}

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

/** Decimal texts, dollars. Unreadable cells are counted, since they have no amount. */
export interface MoneyAccount {
  readonly read: string;
  readonly loaded: string;
  readonly excluded: string;
  readonly rejected: string;
  readonly unreadable: number;
}

/** read = loaded + excluded + rejected, in rows and, per money column, to the cent. */
export interface Accounting {
  readonly read: number;
  readonly loaded: number;
  readonly excluded: number;
  readonly rejected: number;
  readonly dollars: Readonly<Record<string, MoneyAccount>>;
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
  /** Rows per kind of warning, e.g. `days-differ-from-dates`. */
  readonly warnings: Readonly<Record<string, number>>;
}

export interface PublishRequest {
  readonly run: RunIdentity;
  readonly versions: Versions;
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
  | { readonly kind: 'unchanged'; readonly publishedRunId: string };

/** A run that ended without changing the tables. */
export interface FinishedRun {
  readonly run: RunIdentity;
  readonly outcome: Exclude<Outcome, 'published'>;
  readonly failureType?: string;
  /** The failure's message, already free of cells, people and secrets. */
  readonly failureMessage?: string;
  readonly counts?: RunCounts;
  readonly versions?: Partial<Versions>;
}
