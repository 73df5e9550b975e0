import type { Period } from './periods.ts';
import type { ReportName } from '../reports/index.ts';

/** Identifies a run: the same in every step's input, in the ledger and on every row. */
export interface RunIdentity {
  /** The Temporal run id of the `runReport`: 36 characters, and how operators find the run in the Web UI. */
  readonly runId: string;
  readonly workflowId: string;
  readonly report: ReportName;
  readonly period: Period;
  readonly source: 'portal' | 'file' | 'rollback';
  /** When the workflow began, ISO 8601 in UTC. */
  readonly startedAt: string;
}

/** The form of a Temporal run id, which is also the ledger's. */
export const runIdPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a text is a run id, and so may be part of a command that people copy. */
export function isRunId(text: string): boolean {
  return runIdPattern.test(text);
}

const keptRunPrefix = 'run:';

/** The run whose kept export `file` names; undefined if it is a path. */
export function keptRunNamedBy(file: string): string | undefined {
  const runId = file.startsWith(keptRunPrefix) ? file.slice(keptRunPrefix.length) : '';
  return runIdPattern.test(runId) ? runId : undefined;
}

/** How `file` names the export that a run kept. */
export function keptExportOf(runId: string): string {
  return `${keptRunPrefix}${runId}`;
}
