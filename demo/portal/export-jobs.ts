import { randomBytes } from 'node:crypto';
import type { Period } from '../../src/domain/periods.ts';
import type { ReportName } from '../../src/reports/index.ts';

export interface ExportJob {
  readonly id: string;
  readonly sessionId: string;
  readonly report: ReportName;
  readonly period: Period;
  /** Epoch milliseconds. */
  readonly startedAt: number;
}

export type ExportJobs = Map<string, ExportJob>;

/** Jobs kept for their browsers to fetch; nobody has a thousand exports under way. */
const jobLimit = 1_000;

/** Where an export stops for ever under the fault `neverFinishes`. */
const stuckPercent = 45;

export function startExportJob(jobs: ExportJobs, job: Omit<ExportJob, 'id'>): ExportJob {
  if (jobs.size >= jobLimit) jobs.delete(jobs.keys().next().value!);
  const started = { ...job, id: randomBytes(8).toString('hex') };
  jobs.set(started.id, started);
  return started;
}

/** 0 to 100, by the clock alone: the work itself is done when the file is asked for. */
export function exportPercent(
  job: ExportJob,
  terms: { now: number; exportMs: number; queuedMs: number; neverFinishes: boolean },
): number {
  const { now, exportMs, queuedMs, neverFinishes } = terms;
  const elapsed = now - job.startedAt - queuedMs;
  if (elapsed < 0) return 0;
  const percent = exportMs === 0 ? 100 : Math.min(100, Math.floor((elapsed / exportMs) * 100));
  return neverFinishes ? Math.min(percent, stuckPercent) : percent;
}
