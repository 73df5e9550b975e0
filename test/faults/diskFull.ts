import { execFileSync } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runReportId } from '../../src/domain/temporalNames.ts';
import { contentsDiffer } from './contents.ts';
import { leftovers } from './leftovers.ts';
import { databases, type Site } from './site.ts';
import {
  nextVersion,
  plannedPeriods,
  replaceOnce,
  reportOf,
  setStage,
  type ScenarioReport,
  type Stage,
} from './stage.ts';
import { exportOf, versionAt } from './versions.ts';

/** Room for the files of a few runs. */
const folderMegabytes = 16;
/** Beyond the export itself: the files made from it do not fit. */
const spareBytes = 4_096;
/** The first attempt fails at once; a busy machine needs more. */
const failurePatienceSeconds = 60;

/** Whether this user may mount a file system, without which no folder can be full. */
export function mayMount(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The artifacts folder has room for the export and for nothing made of it; later someone frees it. */
export async function diskFull(site: Site): Promise<ScenarioReport> {
  const stage = await setStage(site, { reports: ['utilization'], periods: 1, portalPeriods: 0 });
  const { works, tally, reader } = stage;
  const [work] = works as [Stage['works'][number]];
  const [period] = plannedPeriods(stage) as [ReturnType<typeof plannedPeriods>[number]];
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${String(folderMegabytes)}m`, 'tmpfs', site.artifacts]);
  const worker = await site.startWorker(databases.disturbed);
  let failedIn = '';
  let recoverySeconds = 0;
  try {
    reader.start();
    await replaceOnce(stage, work);
    const room = exportOf(period, nextVersion(work), 1).length + spareBytes;
    const filler = await fill(site.artifacts, room);
    const replacing = replaceOnce(stage, work);
    replacing.catch(() => undefined);
    failedIn = await failingStep(site, runReportId(period.report, period.period));
    tally.differences.push(
      ...(await contentsDiffer(site, period, stage.expected[versionAt(1)])).map(
        (text) => `while the disk was full: ${text}`,
      ),
    );
    await rm(filler);
    const freed = performance.now();
    await replacing;
    recoverySeconds = Math.round((performance.now() - freed) / 1000);
    tally.differences.push(...(await leftovers(site)));
  } finally {
    await reader.stop();
    await worker.stop();
    execFileSync('umount', [site.artifacts]);
  }
  return reportOf(stage, {
    'step that failed with ArtifactStoreUnavailable': failedIn,
    'seconds until loaded once there was room': recoverySeconds,
    'runs that gave up, by type': JSON.stringify(tally.failed),
  });
}

/** Takes all room of the folder but so many bytes. */
async function fill(folder: string, roomBytes: number): Promise<string> {
  const name = path.join(folder, 'filler');
  const file = await open(name, 'w');
  const block = Buffer.alloc(4_096);
  let bytes = 0;
  try {
    // The file system has an end: no more blocks than it has fit into it.
    for (;;) bytes += (await file.write(block)).bytesWritten;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
  await file.truncate(Math.max(bytes - roomBytes, 0));
  await file.close();
  return name;
}

/** Which step of the run has failed for want of room, and is about to be tried again. */
async function failingStep(site: Site, workflowId: string): Promise<string> {
  const deadline = Date.now() + failurePatienceSeconds * 1000;
  while (Date.now() < deadline) {
    const { raw } = await site.client.workflow.getHandle(workflowId).describe();
    const failing = raw.pendingActivities?.find(
      ({ lastFailure }) => lastFailure?.applicationFailureInfo?.type === 'ArtifactStoreUnavailable',
    );
    if (failing !== undefined) return failing.activityType?.name ?? '';
    await sleep(100);
  }
  throw new Error('no step failed with ArtifactStoreUnavailable, though the artifacts folder was full');
}
