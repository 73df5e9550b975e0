import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { backfillId, deploymentName, runReportId, taskQueues } from '../../src/domain/temporalNames.ts';
import { periodsNewestFirst, type Period } from '../../src/domain/periods.ts';
import { buildIdOf } from '../../src/temporal/workflowBundle.ts';
import { eventsOf } from './runHistory.ts';
import { System, type WorkerProcess } from './system.ts';

const half = { from: '2023-01-01', to: '2023-06-30' } as Period;
/** So that a backfill goes on in a new run again and again. */
const periodsPerRun = 2;
/** A worker that has not asked for work for a minute and a half counts as gone; others act two or three looks later. */
const goneSeconds = 420;

/** Of all systems here: what a person sees to in one, the others do not see. */
const systems: System[] = [];
let folder: string;
/** `other` is another release with the same workflows. */
let builds: { old: string; changed: string; other: string };
let changedBundle: string;
let otherBundle: string;

beforeAll(async () => {
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('changedWorkflows.ts', import.meta.url)),
    logger: new DefaultLogger('WARN'),
  });
  folder = await mkdtemp(path.join(tmpdir(), 'ehr-versions-'));
  changedBundle = path.join(folder, 'changed.cjs');
  await writeFile(changedBundle, code);
  const oldCode = await readFile(inject('workflowBundle'), 'utf8');
  const otherCode = `/* another release */ ${oldCode}`;
  otherBundle = path.join(folder, 'other.cjs');
  await writeFile(otherBundle, otherCode);
  builds = { old: buildIdOf(oldCode), changed: buildIdOf(code), other: buildIdOf(otherCode) };
});
afterAll(async () => {
  await Promise.all(systems.map((system) => system.stop()));
  await rm(folder, { recursive: true, force: true });
});

async function startSystem(): Promise<System> {
  const system = await System.start({
    browser: false,
    sharedClient: true,
    portal: { delays: { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 }, data: { scale: 0.2 } },
    config: [[['backfill', 'periodsPerRun'], periodsPerRun]],
  });
  systems.push(system);
  return system;
}

function startBackfill(system: System, range: Period): Promise<WorkflowHandle> {
  return system.client.workflow.start('backfill', {
    workflowId: backfillId('notes', range),
    taskQueue: taskQueues.pipeline,
    args: [{ report: 'notes', ...range, concurrency: 1 }],
  });
}

async function untilPublished(system: System, range: Period, count: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const [row] = await system.query(
        'SELECT COUNT(run_id) AS published FROM published_period WHERE period_start BETWEEN ? AND ?',
        [range.from, range.to],
      );
      expect(Number(row!['published'])).toBeGreaterThanOrEqual(count);
    },
    { timeout: 600_000, interval: 200 },
  );
}

async function buildOf(system: System, workflowId: string): Promise<string | null | undefined> {
  const { raw } = await system.client.workflow.getHandle(workflowId).describe();
  return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId;
}

/** The one that the run was moved to, where it was. */
async function pinnedBuildOf(system: System, workflowId: string): Promise<string | null | undefined> {
  const { raw } = await system.client.workflow.getHandle(workflowId).describe();
  const { versioningInfo } = raw.workflowExecutionInfo ?? {};
  return (versioningInfo?.versioningOverride?.pinned?.version ?? versioningInfo?.deploymentVersion)?.buildId;
}

async function currentBuild(system: System): Promise<string | null | undefined> {
  const { workerDeploymentInfo } = await system.client.workflowService.describeWorkerDeployment({
    namespace: system.namespace,
    deploymentName,
  });
  return workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId;
}

interface Diagnosis {
  readonly findings: readonly { part: string; state: string; what: string; remedy?: string }[];
}

async function temporalProblems(system: System): Promise<string[]> {
  const { stdout } = await system.tryRun('doctor', '--skip-portal', '--json');
  return (JSON.parse(stdout) as Diagnosis).findings
    .filter(({ part, state }) => part === 'temporal' && state === 'problem')
    .map(({ what }) => what);
}

async function deployments(
  system: System,
): Promise<{ build: string; current: boolean; worker: boolean; running: number }[]> {
  return JSON.parse(await system.run('deploy', '--show', '--json')) as never;
}

describe.concurrent('a worker with changed workflows beside the old one', () => {
  let system: System;
  let old: WorkerProcess;
  let changed: WorkerProcess;
  let backfill: WorkflowHandle;

  test.sequential('takes the new runs; the backfill ends on the old one', async () => {
    system = await startSystem();
    old = await system.startWorker();
    expect(await currentBuild(system)).toBe(builds.old);
    backfill = await startBackfill(system, half);
    await untilPublished(system, half, 3);

    changed = await system.startWorker({ EHR_WORKFLOW_BUNDLE: changedBundle });
    expect(await currentBuild(system)).toBe(builds.changed);
    const period = { from: '2022-12-16', to: '2022-12-31' } as Period;
    await system.run('run', 'notes', '--from', period.from, '--to', period.to);
    expect(await buildOf(system, runReportId('notes', period))).toBe(builds.changed);

    expect(await backfill.result()).toMatchObject({ total: 12, done: { published: 12 }, failed: 0 });
    // Through its continuations and children: the runs of the last period as those of the first.
    expect(await buildOf(system, backfill.workflowId)).toBe(builds.old);
    for (const each of periodsNewestFirst('notes', half)) {
      expect(await buildOf(system, runReportId('notes', each))).toBe(builds.old);
      expect(JSON.stringify(await eventsOf(system.client, runReportId('notes', each)))).not.toMatch(
        /Nondeterminism/i,
      );
    }
    expect(await temporalProblems(system)).not.toContainEqual(expect.stringMatching(/hangs|no worker runs/));
  });

  test.sequential('client deploy says that the old one may be stopped', async () => {
    const said = await system.run('deploy');
    expect(said).toContain(`build ${builds.old} has ended all its runs: its worker may be stopped`);
    expect(await deployments(system)).toEqual([
      { build: builds.changed, current: true, worker: true, running: 0 },
      { build: builds.old, current: false, worker: true, running: 0 },
    ]);
    expect(await old.stop()).toBe(0);
  });

  test.sequential('client deploy refuses a build without a worker or of no name, and quotes nothing that moves a cursor', async () => {
    const unknown = await system.tryRun('deploy', '--build', 'x\u001B[2J');
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('there is no build x?[2J');
  });

  test.sequential('the old build, started again, takes no new runs', async () => {
    old = await system.startWorker();
    expect(await old.log()).toContain('this build ends its own runs and takes no new ones');
    expect(await currentBuild(system)).toBe(builds.changed);
    // A person may say otherwise.
    await system.run('deploy', '--build', builds.old, '--no-wait');
    expect(await currentBuild(system)).toBe(builds.old);
    expect(await old.stop()).toBe(0);
    expect(await changed.stop()).toBe(0);
  });
});

test.concurrent('runs whose build has no worker any more are named, and go on when it comes back', async () => {
  const system = await startSystem();
  const first = await system.startWorker();
  const backfill = await startBackfill(system, half);
  await untilPublished(system, half, 3);
  expect(await buildOf(system, backfill.workflowId)).toBe(builds.old);
  expect(await first.stop()).toBe(0);

  const changed = await system.startWorker({ EHR_WORKFLOW_BUNDLE: changedBundle, EHR_DEPLOY: 'manual' });
  // Manual: the worker waits for a word, and the doctor says that nobody takes new runs.
  expect(await currentBuild(system)).toBe(builds.old);
  await vi.waitFor(
    async () => {
      const problems = await temporalProblems(system);
      expect(problems).toContain(
        `new runs go to build ${builds.old}, which has no running worker: they wait`,
      );
      expect(problems).toContain(
        `the run ${backfill.workflowId} hangs: it stays with build ${builds.old}, which has no running worker`,
      );
    },
    // Each look is a command of the client.
    { timeout: goneSeconds * 1000, interval: 15_000 },
  );
  const alerts = JSON.parse(await system.run('alerts', '--json')) as { open: { what: string }[] };
  expect(alerts.open.map(({ what }) => what)).toContain(
    `${backfill.workflowId} hangs: no worker of build ${builds.old} runs`,
  );

  const said = await system.run('deploy');
  expect(said).toContain(`build ${builds.changed} takes the new runs from now on`);
  expect(said).toContain(`build ${builds.old} has runs and no worker`);
  const period = { from: '2022-12-01', to: '2022-12-15' } as Period;
  await system.run('run', 'notes', '--from', period.from, '--to', period.to);

  const back = await system.startWorker();
  expect(await currentBuild(system)).toBe(builds.changed);
  expect(await backfill.result()).toMatchObject({ total: 12, done: { published: 12 }, failed: 0 });
  expect(await temporalProblems(system)).not.toContainEqual(expect.stringMatching(/hangs|no worker runs/));
  expect(await back.stop()).toBe(0);
  expect(await changed.stop()).toBe(0);
});

test.concurrent('an older build takes the new runs where nobody is left of the newer one', async () => {
  const system = await startSystem();
  const first = await system.startWorker();
  expect(await first.stop()).toBe(0);
  const changed = await system.startWorker({ EHR_WORKFLOW_BUNDLE: changedBundle });
  expect(await currentBuild(system)).toBe(builds.changed);
  expect(await changed.stop()).toBe(0);

  const old = await system.startWorker();
  expect(await currentBuild(system)).toBe(builds.changed);
  // Not `expect.poll`: of tests that run at the same time it knows only the one that began last.
  await vi.waitFor(async () => expect(await currentBuild(system)).toBe(builds.old), {
    timeout: goneSeconds * 1000,
    interval: 2_000,
  });
  // The server has it before the worker has its answer, and says so.
  await vi.waitFor(async () => expect(await old.log()).toContain('the current one has no worker'), {
    timeout: 600_000,
  });
  expect(await old.stop()).toBe(0);
});

test.concurrent('a build that is gone: the next one goes on with its runs where their history replays', async () => {
  const system = await startSystem();
  const range = { from: '2023-01-01', to: '2023-02-28' } as Period;
  const first = await system.startWorker();
  const backfill = await startBackfill(system, range);
  await untilPublished(system, range, 1);
  expect(await pinnedBuildOf(system, backfill.workflowId)).toBe(builds.old);
  expect(await first.stop()).toBe(0);

  const worker = await system.startWorker({ EHR_WORKFLOW_BUNDLE: otherBundle });
  expect(await backfill.result()).toMatchObject({ total: 4, done: { published: 4 }, failed: 0 });
  expect(await pinnedBuildOf(system, backfill.workflowId)).toBe(builds.other);
  expect(await worker.log()).toContain('no worker of its build runs any more: this build continues the run');
  expect(await worker.stop()).toBe(0);
});
