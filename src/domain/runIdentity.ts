import type { Period } from './periods.ts';
import type { ReportName } from './reports.ts';

/** Which run this is: the same in every step's input, in the ledger and on every row. */
export interface RunIdentity {
  /** The Temporal run id of the `runReport`: 36 characters, and how ops find the run in the Web UI. */
  readonly runId: string;
  readonly workflowId: string;
  readonly report: ReportName;
  readonly period: Period;
  readonly source: 'portal' | 'file' | 'rollback';
  /** When the workflow began, ISO 8601 in UTC. */
  readonly startedAt: string;
}
