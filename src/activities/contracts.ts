import type { RejectCounts } from '../domain/rejects.ts';
import type { MailsResult } from '../domain/dashboardMails.ts';
import type { ArtifactRef } from '../domain/artifacts.ts';
import type { IsoDate } from '../domain/dates.ts';
import type { FailureType } from '../domain/failures.ts';
import type { Period } from '../domain/periods.ts';
import type { Changes, Decision, FinishedRun, GateReason, PublishResult } from '../domain/publication.ts';
import type { Accounting } from '../domain/accounting.ts';
import type { FileFacts } from '../domain/fileSources.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import type { ReportName } from '../reports/index.ts';

/** What the steps of a run pass to each other: references and counts, since all of it stays in Temporal's history. */

export interface ExportMade {
  readonly file: ArtifactRef;
  /**
   * When the export was taken from the portal or handed in, ISO 8601 in UTC: a period never goes back to an older
   * export by itself.
   */
  readonly exportedAt: string;
}

export interface CleanMade {
  readonly rows: ArtifactRef;
  readonly rejected: ArtifactRef;
  /** Source lines of the rows that the exclusion list left out. */
  readonly excluded: ArtifactRef;
  readonly accounting: Accounting;
  readonly movedToLincs: number;
  /**
   * Authorized dollars of the rows that the supervisor rule moved, as decimal text; absent if it moved none, and in
   * earlier versions.
   */
  readonly movedDollars?: string;
  /** Rows per domain check of level `warning`. */
  readonly warnings: Readonly<Record<string, number>>;
  /** Columns that the contract does not name, as far as they can be shown; see headings.ts. */
  readonly extraColumns: readonly string[];
  /** Counts of the rejected rows; absent in runs of earlier versions. */
  readonly rejects?: RejectCounts;
  readonly rulesSha256: string;
}

export interface CategorizeMade {
  readonly rows: ArtifactRef;
  readonly warnings: Readonly<Record<string, number>>;
  readonly rulesSha256: string;
  readonly codeVersion: string;
}

export interface AggregateMade {
  readonly rollups: ArtifactRef;
  readonly unknownServices: ArtifactRef;
  /** Totals of `summedColumns` over all rows, as decimal texts. */
  readonly sums: Readonly<Record<string, string>>;
  readonly unknownRows: number;
  /** Number of warnings by kind, see runWarnings.ts. Absent in runs of earlier versions. */
  readonly warnings?: Readonly<Record<string, number>>;
  /** The warnings one by one, each with the code of the person or service concerned, for the ledger. */
  readonly namedWarnings?: ArtifactRef;
}

/** Everything that the load needs; the ledger keeps it, so that it can be loaded again. */
export interface Made {
  readonly export: ExportMade;
  readonly clean: CleanMade;
  readonly categorize: CategorizeMade;
  readonly aggregate: AggregateMade;
}

/** How a run ended that loaded nothing, for the ledger. */
export interface RunEnd extends FinishedRun {
  readonly files?: Partial<Made>;
}

export interface PlannedPeriod {
  readonly report: ReportName;
  readonly period: Period;
  /** A file in the inbox to take instead of asking the portal. */
  readonly file?: string;
  /** Which of the portal logins its report uses. Left out where all reports share one. */
  readonly login?: number | undefined;
}

export interface RunPlan {
  readonly portalAttempts: number;
  readonly portalRetrySeconds: number;
}

export interface DailyPlan {
  readonly day: IsoDate;
  readonly periods: readonly PlannedPeriod[];
  readonly concurrency: number;
  readonly runTimeoutHours: number;
}

export interface BackfillPlan {
  readonly concurrency: number;
  readonly runTimeoutHours: number;
  readonly periodsPerRun: number;
}

/** The sources of a round, and the limits of its runs. */
export interface SourcesPlan {
  readonly sources: readonly string[];
  readonly concurrency: number;
  readonly runTimeoutHours: number;
}

/** What a source had. File names may name patients, so only ids and counts leave the step. */
export interface Claimed {
  readonly files: readonly ClaimedFile[];
  /** Files whose name fits no pattern; they stay untouched. */
  readonly unmatched: number;
  /** Files left for the next round: still being written, or more than one round takes. */
  readonly waiting: number;
}

export interface ClaimedFile extends FileFacts {
  readonly id: string;
  readonly found:
    | { readonly kind: 'period'; readonly report: ReportName; readonly period: Period; readonly file: string }
    | { readonly kind: 'refused'; readonly type: FailureType; readonly message: string };
}

/** What a load replaces the period with. With a person's decision the gates are not checked. */
export interface LoadInput extends StepInput {
  readonly made: Made;
  readonly decision?: Decision;
  /** Loads even if the period already shows the same. */
  readonly force?: true;
}

/** What a load of a period would do; nothing has been written. */
export interface Assessment {
  readonly wouldBe: PublishResult['kind'];
  readonly reasons: readonly GateReason[];
  readonly changes: Changes;
  readonly warnings: Readonly<Record<string, number>>;
  readonly preliminary: boolean;
}

export interface StepInput {
  readonly run: RunIdentity;
}

/** The dashboards' result in the daily run: counts, and the name of the folder; never the people in them. */
export type DashboardsResult =
  | { readonly kind: 'off' }
  | { readonly kind: 'nothing loaded'; readonly mails?: MailsResult }
  | {
      readonly kind: 'written';
      readonly folder: string;
      readonly files: number;
      readonly bytes: number;
      readonly mails?: MailsResult;
    };

/** What the last step of a daily run removed. */
export type TidyResult =
  | { readonly kind: 'off' }
  | {
      readonly kind: 'tidied';
      /** Number of removed files by class. */
      readonly files: Readonly<Record<string, number>>;
      readonly bytes: number;
      /** Whether the next daily run has more to remove. */
      readonly more: boolean;
    };
