import { once } from 'node:events';
import { runReportId } from '../../src/domain/temporalNames.ts';
import type { WorkerProcess } from '../e2e/system.ts';
import { contentsDiffer } from './contents.ts';
import { leftovers } from './leftovers.ts';
import { databases, type Site } from './site.ts';
import { plannedPeriods, replaceOnce, reportOf, setStage, type ScenarioReport, type Stage } from './stage.ts';
import { versionAt } from './versions.ts';

/** A worker needs about 100 MB; the rest fills up within a second. */
const heapMegabytes = 300;
/** Exports of about 12,000 rows: the step is still at work when the memory runs out. */
const scale = 25;
const stepPatienceSeconds = 60;
/** V8 ends the process within a second or two; a busy machine needs more. */
const abortPatienceSeconds = 60;

/** A worker runs out of memory in the middle of a step and is aborted by V8; one with enough finishes the run. */
export async function outOfMemory(site: Site): Promise<ScenarioReport> {
  const stage = await setStage(site, { reports: ['notes'], periods: 1, portalPeriods: 0, scale });
  const { works, tally, reader } = stage;
  const [work] = works as [Stage['works'][number]];
  const [period] = plannedPeriods(stage) as [ReturnType<typeof plannedPeriods>[number]];
  const small = await site.startWorker(databases.disturbed, {
    NODE_OPTIONS: `--max-old-space-size=${String(heapMegabytes)}`,
  });
  let roomy: WorkerProcess | undefined;
  let ended = '';
  let attempts = 0;
  try {
    reader.start();
    await replaceOnce(stage, work);
    const beforeClean = site.arrivals.next(({ place }) => place === 'before clean', stepPatienceSeconds);
    const replacing = replaceOnce(stage, work);
    replacing.catch(() => undefined);
    const held = await beforeClean;
    if (held === undefined) throw new Error('no step began');
    const exited = once(small.process, 'exit', { signal: AbortSignal.timeout(abortPatienceSeconds * 1000) });
    held.release({ kind: 'exhaust-memory' });
    await exited;
    ended = await howItEnded(small);
    tally.differences.push(
      ...(await contentsDiffer(site, period, stage.expected[versionAt(1)])).map(
        (text) => `after the abort: ${text}`,
      ),
    );
    roomy = await site.startWorker(databases.disturbed);
    await replacing;
    attempts = await attemptsOfClean(site, runReportId(period.report, period.period));
    if (attempts < 2) tally.differences.push('the step had ended before its worker ran out of memory');
    tally.differences.push(...(await leftovers(site)));
  } finally {
    await reader.stop();
    await small.stop();
    await roomy?.stop();
  }
  return reportOf(stage, { 'the worker ended with': ended, 'attempts of the step': attempts });
}

async function howItEnded(worker: WorkerProcess): Promise<string> {
  const { exitCode, signalCode } = worker.process;
  if (!(await worker.log()).includes('heap out of memory')) {
    throw new Error(`the worker ended with ${String(signalCode ?? exitCode)}, not for want of memory`);
  }
  return `${String(signalCode ?? exitCode)}, heap out of memory`;
}

async function attemptsOfClean(site: Site, workflowId: string): Promise<number> {
  const { events } = await site.client.workflow.getHandle(workflowId).fetchHistory();
  const scheduled = events?.find(
    ({ activityTaskScheduledEventAttributes: attributes }) => attributes?.activityType?.name === 'clean',
  );
  const started = events?.find(
    ({ activityTaskStartedEventAttributes: attributes }) =>
      attributes?.scheduledEventId?.toString() === scheduled?.eventId?.toString(),
  );
  return started?.activityTaskStartedEventAttributes?.attempt ?? 0;
}
