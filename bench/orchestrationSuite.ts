import { rm } from 'node:fs/promises';
import path from 'node:path';
import { taskQueues } from '../src/domain/names.ts';
import { emptyTables } from './bareLoad.ts';
import { benchPeriod, writeExport } from './exports.ts';
import { median } from './median.ts';
import { peakMemoryMib } from './peakMemory.ts';
import type { Site } from './site.ts';
import { runThroughTemporal } from './throughTemporal.ts';

export interface OrchestrationResult {
  /** What one run takes beyond its steps, in milliseconds: median of `runs`. */
  readonly overheadMilliseconds: number;
  readonly runs: number;
  readonly historyEventsPerRun: number;
}

const runs = 20;
const rowsPerRun = 100;

/** Runs of next to no rows: what is left is Temporal's and the workflow's own. */
export async function measureOrchestration(site: Site): Promise<OrchestrationResult> {
  await emptyTables(site.databaseUrl);
  const worker = await site.startWorker();
  const file = path.join(site.folder, 'small.csv');
  const overheads: number[] = [];
  let historyEventsPerRun = 0;
  for (let run = 0; run < runs; run += 1) {
    const year = 1990 + run;
    await writeExport(file, { rows: rowsPerRun, version: 1, year });
    const input = { report: 'utilization', ...benchPeriod(year), file };
    const { overheadMilliseconds, historyEvents } = await runThroughTemporal(site.client, input);
    overheads.push(overheadMilliseconds);
    historyEventsPerRun = historyEvents;
  }
  await worker.stop();
  await rm(file);
  return { overheadMilliseconds: Math.round(median(overheads)), runs, historyEventsPerRun };
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
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('no period of the backfill was done within two minutes');
}
