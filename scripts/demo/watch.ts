import { setTimeout as sleep } from 'node:timers/promises';
import type { PeriodsProgress } from '../../src/workflows/periodsProgress.ts';
import { progressDisplay, type JobProgress } from './progress-display.ts';
import type { TemporalView } from './temporal-view.ts';

/** Often enough to look alive; each look is a handful of small calls to a server on this machine. */
const pollMilliseconds = 700;
/** Six months of both reports took about 5 minutes; a busy machine may need several times that. */
const watchSeconds = 3_600;

export interface WatchedJob {
  readonly title: string;
  readonly workflowId: string;
}

/** How one job ended. */
export interface JobEnd {
  readonly title: string;
  /** Periods by outcome, e.g. `published`. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** What failed, in words. */
  readonly failures: readonly string[];
}

/** Shows how far the jobs are until all have ended, and gives how. */
export async function watchJobs(
  temporal: TemporalView,
  jobs: readonly WatchedJob[],
  stop: AbortSignal,
): Promise<JobEnd[]> {
  const display = progressDisplay();
  const deadline = Date.now() + watchSeconds * 1000;
  const ends: JobEnd[] = [];
  try {
    for (let open = [...jobs]; open.length > 0;) {
      if (Date.now() > deadline)
        throw new Error(`The demo's runs took longer than ${String(watchSeconds)} s.`);
      const stillOpen: WatchedJob[] = [];
      for (const job of open) {
        stop.throwIfAborted();
        const status = await temporal.statusOf(job.workflowId);
        display.show(await progressOf(temporal, job, status));
        if (status === 'RUNNING') stillOpen.push(job);
        else ends.push(await endOf(temporal, job, status));
      }
      open = stillOpen;
      if (open.length > 0) await sleep(pollMilliseconds);
    }
    return ends;
  } finally {
    display.end();
  }
}

async function progressOf(temporal: TemporalView, job: WatchedJob, status: string): Promise<JobProgress> {
  const progress = await temporal.progressOf(job.workflowId);
  const doing = status === 'RUNNING' ? await busiestChild(temporal, job) : status.toLowerCase();
  return { title: job.title, done: endedPeriods(progress), total: progress?.total ?? 0, doing };
}

/** Children wait for each other at the portal: the one that has the most to tell is the one at work. */
async function busiestChild(temporal: TemporalView, job: WatchedJob): Promise<string> {
  let busiest = '';
  for (const child of await temporal.runningChildren(job.workflowId)) {
    // The bar's title names the report of a backfill already.
    const period = child.replace(`${job.title}:`, '');
    const words = `${period} ${await temporal.doing(child)}`.trim();
    if (words.length > busiest.length) busiest = words;
  }
  return busiest;
}

function endedPeriods(progress: PeriodsProgress | undefined): number {
  if (progress === undefined) return 0;
  return Object.values(progress.done).reduce((sum, count) => sum + count, progress.failed);
}

async function endOf(temporal: TemporalView, job: WatchedJob, status: string): Promise<JobEnd> {
  const progress = await temporal.progressOf(job.workflowId);
  const outcomes = progress?.done ?? {};
  if (status === 'COMPLETED') return { title: job.title, outcomes, failures: [] };
  const failures = (progress?.failures ?? []).map(({ id, type, message }) => `${id}: ${type}: ${message}`);
  if (failures.length > 0) return { title: job.title, outcomes, failures };
  const why = `${job.workflowId} ended as ${status.toLowerCase()}: ${await temporal.failureOf(job.workflowId)}`;
  return { title: job.title, outcomes, failures: [why] };
}
