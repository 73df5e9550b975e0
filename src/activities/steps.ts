import type { ArtifactRef } from '../domain/artifacts.ts';
import type { IsoDate } from '../domain/dates.ts';
import type { Period } from '../domain/periods.ts';
import type { Accounting, RunIdentity } from '../domain/publication.ts';
import type { ReportName } from '../domain/reports.ts';

/** What the steps of a run hand to each other: references and counts, since all of it stays in Temporal's history. */

export interface ExportMade {
  readonly export: ArtifactRef;
}

export interface CleanMade {
  readonly rows: ArtifactRef;
  readonly rejected: ArtifactRef;
  /** Source lines of the rows that the exclusion list left out. */
  readonly excluded: ArtifactRef;
  readonly accounting: Accounting;
  readonly movedToLincs: number;
  readonly extraColumns: number;
  readonly rulesSha256: string;
}

export interface CategorizeMade {
  readonly rows: ArtifactRef;
  readonly warnings: Readonly<Record<string, number>>;
  readonly rulesSha256: string;
}

export interface AggregateMade {
  readonly rollups: ArtifactRef;
  readonly unknownServices: ArtifactRef;
  /** Totals of `summedColumns` over all rows, as decimal texts. */
  readonly sums: Readonly<Record<string, string>>;
  readonly unknownRows: number;
}

/** Everything that the load needs. */
export interface Made {
  readonly export: ArtifactRef;
  readonly clean: CleanMade;
  readonly categorize: CategorizeMade;
  readonly aggregate: AggregateMade;
}

export interface PlannedPeriod {
  readonly report: ReportName;
  readonly period: Period;
}

export interface RunPlan {
  readonly portalAttempts: number;
  readonly portalRetrySeconds: number;
  /** Whether the period had ended when the run began. */
  readonly ended: boolean;
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

export interface StepInput {
  readonly run: RunIdentity;
}
