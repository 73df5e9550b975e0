import { CancelledFailure } from '@temporalio/common';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import type { PlannedPeriod } from '../../src/activities/contracts.ts';
import { runReportId } from '../../src/domain/temporalNames.ts';
import { contentsDiffer } from './contents.ts';
import { leftovers } from './leftovers.ts';
import { watchPortal } from './portalWatch.ts';
import { startRun } from './runs.ts';
import { databases, type Site } from './site.ts';
import {
  nextVersion,
  replaceOnce,
  reportOf,
  setStage,
  type ScenarioReport,
  type Stage,
  type Work,
} from './stage.ts';

/** Where the cancellation arrives: on the way through a period of a backfill. */
export const cancelPlaces = [
  'before planBackfill',
  'before planRun',
  'before loginAndDownload',
  'portal: login-submitted',
  'portal: export-started',
  'after loginAndDownload',
  'before clean',
  'after categorize',
  'before load',
  'load: before the rows',
  'load: amid the rows',
  'load: before the commit',
  'load: commit not answered',
  'after load',
] as const;

const limitSeconds = 30;
const placePatienceSeconds = 60;

/**
 * Cancels a backfill through the portal at one place after the other. Each time all of it has to end within 30 s,
 * logged out, with no lock, no browser, and every period whole: as it was, or as it would have become.
 */
export async function cancelBackfills(site: Site, places: readonly string[]): Promise<ScenarioReport> {
  const stage = await setStage(site, { reports: ['notes'], periods: 0, portalPeriods: 3 });
  const { works, tally, reader } = stage;
  const [work] = works as [Work];
  const worker = await site.startWorker(databases.disturbed);
  const stopWatch = watchPortal(site);
  const seconds: number[] = [];
  try {
    reader.start();
    await replaceOnce(stage, work);
    for (const place of places) {
      seconds.push(await cancelAt(stage, work, place));
      // What the cancelled one left undone: the ledger has one more publication of each period then.
      await replaceOnce(stage, work);
    }
  } finally {
    stopWatch();
    await reader.stop();
    await worker.stop();
  }
  return reportOf(stage, {
    'backfills cancelled': seconds.length,
    'seconds until all had ended, at most': Math.max(...seconds),
    'versions brought in': tally.replaced,
  });
}

async function cancelAt(stage: Stage, work: Work, place: string): Promise<number> {
  const { site, tally } = stage;
  const arrival = site.arrivals.next((held) => held.place === place, placePatienceSeconds);
  await work.lane.prepare(nextVersion(work));
  const handle = await startRun(site, work.lane.start);
  const held = await arrival;
  if (held === undefined) throw new Error(`the backfill never was at: ${place}`);
  const begun = performance.now();
  await handle.cancel();
  // A moment in which the cancellation is known and the step is not told yet.
  setTimeout(() => held.release(), 500);
  const cancelled = await wasCancelled(handle);
  const tookSeconds = Math.round((performance.now() - begun) / 100) / 10;
  const found = [
    ...(cancelled ? [] : ['the backfill did not end as cancelled']),
    ...(tookSeconds <= limitSeconds ? [] : [`ended only after ${String(tookSeconds)} s`]),
    ...(await leftovers(site)),
    ...(await Promise.all(work.lane.periods.map((planned) => partly(stage, planned)))).flat(),
  ];
  tally.differences.push(...found.map((text) => `cancelled at ${place}: ${text}`));
  return tookSeconds;
}

async function wasCancelled(handle: WorkflowHandle): Promise<boolean> {
  const error: unknown = await handle.result().catch((thrown: unknown) => thrown);
  return error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure;
}

/** Words where a period is neither what it was nor what it would have become. */
async function partly({ site, expected }: Stage, planned: PlannedPeriod): Promise<string[]> {
  const [asA, asB] = await Promise.all([
    contentsDiffer(site, planned, expected.A),
    contentsDiffer(site, planned, expected.B),
  ]);
  const name = runReportId(planned.report, planned.period);
  return asA.length === 0 || asB.length === 0 ? [] : [`${name} is neither version`];
}
