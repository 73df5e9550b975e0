/**
 * Records the histories that the replay test runs against the workflows as they are now: one of every way that a
 * run, a daily run and a backfill can go. To be run again when a workflow is changed on purpose, beside
 * `npm run services` (addresses as it prints them, with the right to create databases):
 *
 *   TEST_TEMPORAL_ADDRESS=… TEST_TEMPORAL_CLI=… TEST_DATABASE_URL=… EHR_CHROMIUM=… node --import tsx test/histories/record.ts
 *
 * Everything in them is invented: the stand-in portal's people, and no more of those than counts.
 */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { noFaults } from '../../demo/portal/faults.ts';
import { System, type ConfigChanges, type WorkerProcess } from '../e2e/system.ts';
import { withLosingWorker } from './losingWorker.ts';
import { bundleForRecording, Recorder } from './recorder.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const project = fileURLToPath(new URL('../..', import.meta.url));

const october = { report: 'notes', from: '2026-10-16', to: '2026-10-31' } as const;
// From the project's root, which is the workers' inbox, so that the input holds no path of this machine.
const octoberFile = 'test/golden/notes-2026-10-16/reportExport.csv';

// The same without its last rows.
const cutFile = 'test/histories/cut.csv';
const unknownRun = '00000000-0000-0000-0000-000000000000';

async function recordRuns(recorder: Recorder, system: System): Promise<void> {
  const id = 'notes:2026-10-16..2026-10-31';
  const { settings } = system.portal;
  await recorder.record('runReport-portal', 'runReport', id, october);
  await recorder.record('runReport-file', 'runReport', id, { ...october, file: octoberFile });
  await recorder.record('runReport-unchanged', 'runReport', id, { ...october, file: octoberFile });
  settings.faults.http500Once = 'export';
  await recorder.record('runReport-retried', 'runReport', id, october);
  Object.assign(settings.faults, noFaults(), { permissionMissing: 'report' });
  await recorder.record('runReport-failed', 'runReport', id, october);
  Object.assign(settings.faults, noFaults());
  await recorder.record('runReport-refused', 'runReport', 'notes:refused', { ...october, to: '2026-10-30' });
  settings.faults.neverFinishes = true;
  const cancelled = await recorder.start('runReport', id, october);
  await untilNoted(system, 'export-started');
  await cancelled.cancel();
  await recorder.keepWhenEnded('runReport-cancelled', cancelled);
  settings.faults.neverFinishes = false;
}

/** Waits until the portal has noted something new of this kind. */
async function untilNoted(system: System, kind: 'export-started' | 'logout'): Promise<void> {
  const before = system.portal.journal.length;
  const noted = () => system.portal.journal.slice(before).some((entry) => entry.kind === kind);
  // A minute is many times what the stand-in takes.
  for (const until = Date.now() + 60_000; !noted(); await sleep(100)) {
    if (Date.now() > until) throw new Error(`the portal noted no ${kind}`);
  }
}

/** A file cut at a row's end is held; people load it, put the earlier version back, and are refused a mistake. */
async function recordDecisions(recorder: Recorder): Promise<void> {
  const id = 'notes:2026-10-16..2026-10-31';
  const whole = await recorder.record('runReport-again', 'runReport', id, { ...october, file: octoberFile });
  const cut = await recorder.record('runReport-held', 'runReport', id, { ...october, file: cutFile });
  const preview = { ...october, file: cutFile };
  await recorder.record('preview-held', 'preview', `preview:${id}`, preview);
  await recorder.record('preview-refused', 'preview', 'preview:refused', { ...october, to: '2026-10-30' });
  const decisions = [
    ['publishHeld-published', 'publishHeld', cut],
    ['publishHeld-refused', 'publishHeld', whole],
    ['rollback-published', 'rollback', whole],
    ['rollback-refused', 'rollback', unknownRun],
  ] as const;
  for (const [name, type, run] of decisions) {
    await recorder.record(name, type, name, { run, reason: 'recorded for the replay test', by: 'ada' });
  }
}

async function recordParents(recorder: Recorder, system: System): Promise<void> {
  const day = { day: '2026-11-16' };
  await recorder.record('dailyRun-published', 'dailyRun', 'daily:2026-11-16', day);
  await recordDashboards(recorder, system);
  const quarter = { report: 'notes', from: '2026-07-01', to: '2026-08-31' };
  const id = 'backfill:notes:2026-07-01..2026-08-31';
  const first = await recorder.start('backfill', id, quarter);
  await first.result();
  await recorder.keep('backfill-continued', id, first.firstExecutionRunId);
  const { runId } = await system.client.workflow.getHandle(id).describe();
  await recorder.keep('backfill-last', id, runId);

  // Only a new login shows that the password is another one.
  await untilNoted(system, 'logout');
  system.portal.settings.passwords['reports.bot'] = 'another';
  await recorder.record('dailyRun-failed', 'dailyRun', 'daily:2026-11-16', day);
  system.portal.settings.passwords['reports.bot'] = 'demo-Passw0rd!';
  await system.query('DELETE FROM portal_login');

  system.portal.settings.faults.neverFinishes = true;
  const cancelled = await recorder.start('backfill', id, quarter);
  await untilNoted(system, 'export-started');
  await cancelled.cancel();
  await recorder.keepWhenEnded('backfill-cancelled', cancelled);
  system.portal.settings.faults.neverFinishes = false;
}

/** Of a worker that writes them, and of one whose folder is a file. */
async function recordDashboards(recorder: Recorder, system: System): Promise<void> {
  const daily = { day: '2026-11-16', reports: ['notes'] };
  const folders = { dashboards: 'dashboards', 'dashboards-failed': 'pipeline.yaml/dashboards' };
  for (const [name, place] of Object.entries(folders)) {
    const wanted = { folder: place, months: 24, perQp: false, pdf: 'none', names: false };
    const changes = [...configChanges, [['dashboards'], wanted]] as const;
    worker = await workerInstead(system, { EHR_CONFIG: await system.configFile(name, changes) });
    await recorder.record(`dailyRun-${name}`, 'dailyRun', 'daily:2026-11-16', daily);
  }
  worker = await workerInstead(system);
}

async function workerInstead(system: System, environment?: NodeJS.ProcessEnv): Promise<WorkerProcess> {
  await worker?.stop();
  return system.startWorker(environment);
}

/** Lies in the project for the moment, where the worker finds it by a path that is the same everywhere. */
async function withCutFile(work: () => Promise<void>): Promise<void> {
  const lines = (await readFile(path.join(project, octoberFile), 'utf8')).split('\n');
  const file = path.join(project, cutFile);
  await writeFile(file, `${lines.slice(0, 301).join('\n')}\n`);
  try {
    await work();
  } finally {
    await rm(file);
  }
}

async function removeOld(): Promise<void> {
  for (const name of await readdir(folder)) {
    // Kept for good: how a daily run went before it wrote dashboards, and before it removed old files.
    if (name.startsWith('dailyRun-without-')) continue;
    // Those of the alerts and sources have programs of their own, recordAlerts.ts and recordSources.ts.
    if (/^(checkAlerts|collectFiles)-/.test(name)) continue;
    if (name.endsWith('.json')) await rm(path.join(folder, name));
  }
}

const configChanges: ConfigChanges = [
  [['backfill', 'periodsPerRun'], 2],
  // The portal's notes and those of the file are not the same people's.
  [['reports', 'notes', 'gates', 'lastLoad'], { fewerPercent: 30, morePercent: 10_000 }],
];
const workflowBundle = await bundleForRecording();
const system = await System.start({
  workflowBundle,
  config: configChanges,
  environment: { EHR_INBOX: project },
  portal: { delays: { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 } },
});
let worker: WorkerProcess | undefined;
try {
  await removeOld();
  const recorder = new Recorder(system);
  await withLosingWorker(system, { step: 'clean', times: 1 }, () =>
    recorder.record('runReport-lost-file', 'runReport', 'notes:2026-10-16..2026-10-31', {
      ...october,
      file: octoberFile,
    }),
  );
  worker = await system.startWorker();
  await recordRuns(recorder, system);
  await withCutFile(() => recordDecisions(recorder));
  await system.query('DELETE FROM published_period');
  await recordParents(recorder, system);
} finally {
  await worker?.stop();
  await system.stop();
  await rm(workflowBundle, { force: true });
}
