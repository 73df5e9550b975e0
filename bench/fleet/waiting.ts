import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { agencyId } from '../../src/domain/agencyId.ts';
import { taskQueues } from '../../src/domain/temporalNames.ts';
import type { RunReportResult } from '../../src/workflows/runResult.ts';
import { benchPeriod, writeExport } from '../exports.ts';
import type { FleetSite } from './fleetSite.ts';
import { rounded, spread, type Spread } from './scheduledRuns.ts';

export interface WaitingResult {
  readonly fairness: boolean;
  readonly backlog: number;
  /** Until the last run of the large agency had ended. */
  readonly backlogSeconds: number;
  /** From the start of a small agency's run to its end. */
  readonly smallSeconds: Spread;
}

const smallAgencies = 5;
/** By then the large agency's runs fill the queue. */
const headStartSeconds = 3;
/** Each round has years of its own, so that every run loads a period for the first time. */
const firstYears = { large: 1900, small: 2020 };

/** One agency starts all its runs at once; a little later others start one each. All have the same priority. */
export async function measureWaiting(
  site: FleetSite,
  backlog: number,
  rows: number,
): Promise<WaitingResult[]> {
  const results: WaitingResult[] = [];
  for (const [round, fairness] of [false, true].entries()) {
    await site.temporal.setFairness(fairness);
    const [large, ...others] = site.fileAgencies;
    const begun = performance.now();
    const behind = Promise.all(
      Array.from({ length: backlog }, (_, index) =>
        run(site, large!, { year: firstYears.large + round * backlog + index, rows }),
      ),
    );
    // Its failure is for below.
    behind.catch(() => undefined);
    await sleep(headStartSeconds * 1000);
    const small = await Promise.all(
      others
        .slice(0, smallAgencies)
        .map((agency) => run(site, agency, { year: firstYears.small + round, rows })),
    );
    await behind;
    const backlogSeconds = rounded((performance.now() - begun) / 1000);
    results.push({ fairness, backlog, backlogSeconds, smallSeconds: spread(small) });
  }
  return results;
}

/** Seconds from the start of a run to its end. */
async function run(
  { client, inboxOf }: FleetSite,
  agency: string,
  { year, rows }: { readonly year: number; readonly rows: number },
): Promise<number> {
  const inbox = inboxOf(agency);
  await mkdir(inbox, { recursive: true });
  const file = `utilization ${String(year)}.csv`;
  await writeExport(path.join(inbox, file), { rows, version: 1, year });
  return timed(client, agency, { report: 'utilization', ...benchPeriod(year), file });
}

async function timed(client: Client, agency: string, input: object): Promise<number> {
  const begun = performance.now();
  const result = (await client.workflow.execute('runReport', {
    taskQueue: taskQueues.pipeline,
    workflowId: agencyId(agency, `bench-${JSON.stringify(input)}`),
    args: [{ agency, ...input }],
  })) as RunReportResult;
  if (result.outcome !== 'published') throw new Error(`a run of ${agency} ended as ${result.outcome}`);
  return (performance.now() - begun) / 1000;
}
