import { Closing, Interrupted } from '../services/closing.ts';
import { claimFolder, localFolder } from '../services/folder.ts';
import type { Parts } from '../services/parts.ts';
import { backfillId } from '../../src/domain/temporalNames.ts';
import { writeEnvironmentFile, type DemoEnvironment } from './environment.ts';
import { dashboardFolder, howToGoOn } from './farewell.ts';
import { startPortal, startWorker } from './programs.ts';
import { demoRanges } from './ranges.ts';
import { runClient } from './run-client.ts';
import { startServers } from './servers.ts';
import { summaryOf } from './summary.ts';
import { TemporalView } from './temporal-view.ts';
import { watchJobs, type JobEnd } from './watch.ts';

/** Runs the main job for a newcomer to watch. Gives the exit code. */
export async function runDemo(parts: Parts, atTheEnd: 'exit' | 'stay'): Promise<number> {
  const closing = new Closing();
  const code = await demo(parts, atTheEnd, closing).catch((error: unknown) => {
    if (error instanceof Interrupted) return 130;
    console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  });
  console.log('\nStopping everything that was started.');
  const failures = await closing.closeAll();
  for (const failure of failures) console.error(failure);
  return failures.length > 0 ? 1 : code;
}

async function demo(parts: Parts, atTheEnd: 'exit' | 'stay', closing: Closing): Promise<number> {
  const folder = localFolder();
  closing.add('The folder', await claimFolder(folder));
  const environment = await startServers(parts, folder, closing);
  await startPortal(environment, closing);
  await writeEnvironmentFile(environment);
  await runClient(environment, ['migrate'], closing.interrupted);

  const temporal = await TemporalView.connect(environment);
  closing.add('The connection to Temporal', () => temporal.close());
  const stop = await startWorker(environment, temporal, closing);

  const ends = await mainJob(environment, temporal, stop);
  // Where every period failed there is none to show, and the failures below say why.
  if (ends.some(({ outcomes }) => Object.keys(outcomes).length > 0)) {
    await runClient(environment, ['dashboard', '--out', dashboardFolder(environment)], stop);
  }
  console.log(await summaryOf(environment, ends));
  console.log(howToGoOn(environment));
  const failures = ends.flatMap((end) => end.failures);
  for (const failure of failures) console.error(`FAILED  ${failure}`);
  if (atTheEnd === 'stay') await stayUp(stop);
  return failures.length > 0 ? 1 : 0;
}

/** The schedule, one daily run that it starts, and six months of both reports. */
async function mainJob(
  environment: DemoEnvironment,
  temporal: TemporalView,
  stop: AbortSignal,
): Promise<JobEnd[]> {
  await runClient(environment, ['schedule', 'apply'], stop);
  const triggered = new Date();
  await runClient(environment, ['schedule', 'trigger'], stop);
  console.log('The schedule starts its run; one of an interrupted demo is finished first.');
  const workflowId = await temporal.scheduledRun(triggered, stop);
  const daily = [{ title: 'daily run', workflowId }];
  return [...(await watchJobs(temporal, daily, stop)), ...(await backfill(environment, temporal, stop))];
}

async function backfill(
  environment: DemoEnvironment,
  temporal: TemporalView,
  stop: AbortSignal,
): Promise<JobEnd[]> {
  const ranges = demoRanges(new Date());
  for (const { report, from, to } of ranges) {
    const workflowId = backfillId(report, { from, to });
    if (await temporal.isRunning(workflowId)) {
      console.log(`${workflowId} is still going on from an interrupted demo.`);
      continue;
    }
    await runClient(environment, ['backfill', report, '--from', from, '--to', to, '--no-wait'], stop);
  }
  const jobs = ranges.map(({ report, from, to }) => ({
    title: report,
    workflowId: backfillId(report, { from, to }),
  }));
  return watchJobs(temporal, jobs, stop);
}

/** Until Ctrl-C, or until the worker ends by itself. */
async function stayUp(stop: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener('abort', () => resolve(), { once: true });
  });
  if (!(stop.reason instanceof Interrupted)) stop.throwIfAborted();
}
