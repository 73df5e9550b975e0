import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { taskQueues } from '../src/domain/temporalNames.ts';
import { emptyTables } from './bareLoad.ts';
import { benchPeriod, writeExport } from './exports.ts';
import { median } from './median.ts';
import { peakMemoryMib } from './peakMemory.ts';
import type { Site } from './site.ts';
import { runThroughTemporal, type TemporalRun } from './throughTemporal.ts';

export interface OrchestrationResult {
  /** What one run takes beyond its steps, in milliseconds: median of `runs` that begin after a pause. */
  readonly overheadMilliseconds: number;
  /** The same of `runs` at each other's heels. */
  readonly overheadInARowMilliseconds: number;
  readonly runs: number;
  readonly historyEventsPerRun: number;
}

const runs = 20;
const rowsPerRun = 100;

/** A server that is still at work on the run before answers the next one later. */
const pauseMilliseconds = 1500;

/** Runs of next to no rows: what is left is Temporal's and the workflow's own. */
export async function measureOrchestration(site: Site): Promise<OrchestrationResult> {
  await emptyTables(site.databaseUrl);
  const worker = await site.startWorker();
  const inARow = await measureRuns(site, { firstYear: 1980, pause: 0 });
  const apart = await measureRuns(site, { firstYear: 1980 + runs, pause: pauseMilliseconds });
  await worker.stop();
  return {
    overheadMilliseconds: medianOverhead(apart),
    overheadInARowMilliseconds: medianOverhead(inARow),
    runs,
    historyEventsPerRun: apart.at(-1)!.historyEvents,
  };
}

interface Series {
  /** Each run is the first of a period of its own. */
  readonly firstYear: number;
  /** Milliseconds before each run. */
  readonly pause: number;
}

async function measureRuns(site: Site, { firstYear, pause }: Series): Promise<TemporalRun[]> {
  const file = path.join(site.folder, 'small.csv');
  const measured: TemporalRun[] = [];
  for (let year = firstYear; year < firstYear + runs; year += 1) {
    await writeExport(file, { rows: rowsPerRun, version: 1, year });
    await sleep(pause);
    const input = { report: 'utilization', ...benchPeriod(year), file };
    measured.push(await runThroughTemporal(site.client, input));
  }
  await rm(file);
  return measured;
}

function medianOverhead(measured: readonly TemporalRun[]): number {
  return Math.round(median(measured.map(({ overheadMilliseconds }) => overheadMilliseconds)));
}

export interface BackfillResult {
  readonly report: string;
  readonly periods: number;
  readonly seconds: number;
  /** Without the first period, which starts the browser and logs in. */
  readonly secondsPerPeriodAfterFirst: number;
  readonly peakMemoryMib: number | undefined;
}

const backfills = {
  /** The portal time: a year of billing cycles. */
  portal: [{ report: 'notes', from: '2025-11-01', to: '2026-10-31', periods: 24 }],
  /** Five years of both reports. */
  orchestration: [
    { report: 'utilization', from: '2021-11-01', to: '2026-10-31', periods: 60 },
    { report: 'notes', from: '2021-11-01', to: '2026-10-31', periods: 120 },
  ],
} as const;

/** Backfills through the stand-in portal without delays, one after another. */
export async function measureBackfills(site: Site, which: keyof typeof backfills): Promise<BackfillResult[]> {
  const results: BackfillResult[] = [];
  for (const { report, from, to, periods } of backfills[which]) {
    const worker = await site.startWorker();
    const begun = Date.now();
    const handle = await site.client.workflow.start('backfill', {
      taskQueue: taskQueues.pipeline,
      workflowId: `bench-${which}-${report}`,
      args: [{ report, from, to }],
    });
    const firstDone = firstPeriod(site, begun);
    await handle.result();
    const seconds = (Date.now() - begun) / 1000;
    const after = (seconds - (await firstDone)) / (periods - 1);
    results.push({
      report,
      periods,
      seconds: Math.round(seconds * 10) / 10,
      secondsPerPeriodAfterFirst: Math.round(after * 100) / 100,
      peakMemoryMib: await peakMemoryMib(worker.pid),
    });
    await worker.stop();
  }
  return results;
}

/** Seconds until the first run of a period was closed. */
async function firstPeriod(site: Site, begun: number): Promise<number> {
  const since = new Date(begun).toISOString();
  const query = `WorkflowType = 'runReport' AND ExecutionStatus = 'Completed' AND StartTime >= '${since}'`;
  const until = begun + 120_000;
  while (Date.now() < until) {
    for await (const { closeTime } of site.client.workflow.list({ query })) {
      if (closeTime !== undefined) return (closeTime.getTime() - begun) / 1000;
    }
    await sleep(100);
  }
  throw new Error('no period of the backfill was done within two minutes');
}
