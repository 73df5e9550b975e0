import { setTimeout as sleep } from 'node:timers/promises';
import type { PeriodsProgress } from '../../src/workflows/periodsProgress.ts';
import { progressDisplay } from './progress-display.ts';
import type { TemporalView } from './temporal-view.ts';

/** Often enough to look alive; each look is a handful of small calls to a server on this machine. */
const pollMilliseconds = 700;
/** Six months of both reports took about 5 minutes; a busy machine may need several times that. */
const watchSeconds = 3_600;

export interface WatchedJob {
  readonly title: string;
  readonly workflowId: string;
}

/** How far one job is. */
export interface JobProgress {
  readonly title: string;
  readonly done: number;
  readonly total: number;
  readonly doing: string;
}

/**
 * Shows how far the jobs are until all have ended.
 * @returns what failed, in words
 */
export async function watchWithBars(
  temporal: TemporalView,
  jobs: readonly WatchedJob[],
  stop: AbortSignal,
): Promise<string[]> {
  const display = progressDisplay();
  const deadline = Date.now() + watchSeconds * 1000;
  const failures: string[] = [];
  let open = [...jobs];
  try {
    while (open.length > 0) {
      stop.throwIfAborted();
      if (Date.now() > deadline) return [...failures, `not done within ${String(watchSeconds)} s`];
      const ended: { job: WatchedJob; status: string }[] = [];
      for (const job of open) {
        const status = await temporal.statusOf(job.workflowId);
        display.show(await progressOf(temporal, job, status));
        if (status !== 'RUNNING') ended.push({ job, status });
      }
      for (const { job, status } of ended) failures.push(...(await failuresOf(temporal, job, status)));
      open = open.filter((job) => !ended.some((end) => end.job === job));
      await sleep(pollMilliseconds, undefined, { signal: stop }).catch(() => undefined);
    }
    return failures;
  } finally {
    display.end();
  }
}

async function progressOf(temporal: TemporalView, job: WatchedJob, status: string): Promise<JobProgress> {
  const progress = await temporal.progressOf(job.workflowId);
  const child = status === 'RUNNING' ? await temporal.runningChild(job.workflowId) : undefined;
  const doing = child === undefined ? status.toLowerCase() : `${child} ${await temporal.doing(child)}`;
  return { title: job.title, done: endedPeriods(progress), total: progress?.total ?? 0, doing: doing.trim() };
}

function endedPeriods(progress: PeriodsProgress | undefined): number {
  if (progress === undefined) return 0;
  return Object.values(progress.done).reduce((sum, count) => sum + count, progress.failed);
}

async function failuresOf(temporal: TemporalView, job: WatchedJob, status: string): Promise<string[]> {
  if (status === 'COMPLETED') return [];
  const failures = (await temporal.progressOf(job.workflowId))?.failures ?? [];
  if (failures.length > 0) return failures.map(({ id, type, message }) => `${id}: ${type}: ${message}`);
  return [`${job.workflowId} ended as ${status.toLowerCase()}: ${await temporal.failureOf(job.workflowId)}`];
}
