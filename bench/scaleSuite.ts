import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { taskQueues } from '../src/domain/temporalNames.ts';
import type { RunReportResult } from '../src/workflows/runResult.ts';
import { emptyTables } from './bareLoad.ts';
import { benchPeriod, writeExport } from './exports.ts';
import type { Site } from './site.ts';

export interface ScaleResult {
  readonly workers: number;
  readonly runs: number;
  readonly rowsPerRun: number;
  readonly seconds: number;
  readonly rowsPerSecond: number;
}

const workerCounts = [1, 2, 4];
const runs = 24;
const rowsPerRun = 20_000;

/** The same runs, started all at once, shared by one, two and four worker processes on this machine. */
export async function measureScale(site: Site): Promise<ScaleResult[]> {
  const files = Array.from({ length: runs }, (_, index) => ({
    year: 1990 + index,
    path: path.join(site.folder, `scale-${String(index)}.csv`),
  }));
  for (const { year, path: file } of files) await writeExport(file, { rows: rowsPerRun, version: 1, year });
  const results: ScaleResult[] = [];
  for (const workers of workerCounts) {
    await emptyTables(site.databaseUrl);
    const started = await Promise.all(Array.from({ length: workers }, () => site.startWorker()));
    const begun = performance.now();
    await Promise.all(files.map((file) => publish(site, file)));
    const seconds = (performance.now() - begun) / 1000;
    await Promise.all(started.map((worker) => worker.stop()));
    results.push({
      workers,
      runs,
      rowsPerRun,
      seconds: Math.round(seconds * 10) / 10,
      rowsPerSecond: Math.round((runs * rowsPerRun) / seconds),
    });
  }
  await Promise.all(files.map(({ path: file }) => rm(file)));
  return results;
}

async function publish(site: Site, { year, path: file }: { year: number; path: string }): Promise<void> {
  const result = (await site.client.workflow.execute('runReport', {
    taskQueue: taskQueues.pipeline,
    workflowId: `bench-scale-${randomUUID()}`,
    args: [{ report: 'utilization', ...benchPeriod(year), file }],
  })) as RunReportResult;
  if (result.outcome !== 'published')
    throw new Error(`a run ended as ${result.outcome}, so it is no measure`);
}
