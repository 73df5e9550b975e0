import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { backfillId, deploymentName, runReportId, taskQueues } from '../../src/domain/names.ts';
import { periodsNewestFirst, type Period } from '../../src/domain/periods.ts';
import { buildIdOf } from '../../src/temporal/workflowBundle.ts';
import { eventsOf } from './runHistory.ts';
import { System, type WorkerProcess } from './system.ts';

const half = { from: '2023-01-01', to: '2023-06-30' } as Period;
const year = { from: '2024-01-01', to: '2024-12-31' } as Period;
/** So that a backfill goes on in a new run again and again. */
const periodsPerRun = 2;
/** A worker that has not asked for work for a minute and a half counts as gone. */
const goneSeconds = 240;

let system: System;
let builds: { old: string; changed: string };
let changedBundle: string;

beforeAll(async () => {
  system = await System.start({
    portal: { delays: { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 }, data: { scale: 0.2 } },
    config: [[['backfill', 'periodsPerRun'], periodsPerRun]],
  });
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('changedWorkflows.ts', import.meta.url)),
    logger: new DefaultLogger('WARN'),
  });
  changedBundle = path.join(system.folder, 'changed.cjs');
  await writeFile(changedBundle, code);
  builds = { old: buildIdOf(await readFile(inject('workflowBundle'), 'utf8')), changed: buildIdOf(code) };
}, 120_000);
afterAll(() => system.stop());

function startBackfill(range: Period): Promise<WorkflowHandle> {
  return system.client.workflow.start('backfill', {
    workflowId: backfillId('notes', range),
    taskQueue: taskQueues.pipeline,
    args: [{ report: 'notes', ...range, concurrency: 1 }],
  });
}

async function untilPublished(range: Period, count: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const [row] = await system.query(
        'SELECT COUNT(run_id) AS published FROM published_period WHERE period_start BETWEEN ? AND ?',
        [range.from, range.to],
      );
      expect(Number(row!['published'])).toBeGreaterThanOrEqual(count);
    },
    { timeout: 300_000, interval: 200 },
  );
}

async function buildOf(workflowId: string): Promise<string | null | undefined> {
  const { raw } = await system.client.workflow.getHandle(workflowId).describe();
  return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId;
}

async function currentBuild(): Promise<string | null | undefined> {
  const { workerDeploymentInfo } = await system.client.workflowService.describeWorkerDeployment({
    namespace: system.namespace,
    deploymentName,
  });
  return workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId;
}

interface Diagnosis {
  readonly findings: readonly { part: string; state: string; what: string; remedy?: string }[];
}

async function temporalProblems(): Promise<string[]> {
  const { stdout } = await system.tryRun('doctor', '--skip-portal', '--json');
  return (JSON.parse(stdout) as Diagnosis).findings
    .filter(({ part, state }) => part === 'temporal' && state === 'problem')
    .map(({ what }) => what);
}

async function deployments(): Promise<
  { build: string; current: boolean; worker: boolean; running: number }[]
> {
  return JSON.parse(await system.run('deploy', '--show', '--json')) as never;
}

describe('a worker with changed workflows beside the old one', () => {
  let old: WorkerProcess;
  let changed: WorkerProcess;
  let backfill: WorkflowHandle;

  test('takes the new runs; the backfill ends on the old one', { timeout: 600_000 }, async () => {
    old = await system.startWorker();
    expect(await currentBuild()).toBe(builds.old);
    backfill = await startBackfill(half);
    await untilPublished(half, 3);

    changed = await system.startWorker({ EHR_WORKFLOW_BUNDLE: changedBundle });
    expect(await currentBuild()).toBe(builds.changed);
    const period = { from: '2022-12-16', to: '2022-12-31' } as Period;
    await system.run('run', 'notes', '--from', period.from, '--to', period.to);
    expect(await buildOf(runReportId('notes', period))).toBe(builds.changed);

    expect(await backfill.result()).toMatchObject({ total: 12, done: { published: 12 }, failed: 0 });
    // Through its continuations and children: the runs of the last period as those of the first.
    expect(await buildOf(backfill.workflowId)).toBe(builds.old);
    for (const each of periodsNewestFirst('notes', half)) {
      expect(await buildOf(runReportId('notes', each))).toBe(builds.old);
      expect(JSON.stringify(await eventsOf(system.client, runReportId('notes', each)))).not.toMatch(
        /Nondeterminism/i,
      );
    }
    expect(await temporalProblems()).not.toContainEqual(expect.stringMatching(/hangs|no worker runs/));
  });

  test('client deploy says that the old one may be stopped', async () => {
    const said = await system.run('deploy');
    expect(said).toContain(`build ${builds.old} has ended all its runs: its worker may be stopped`);
    expect(await deployments()).toEqual([
      { build: builds.changed, current: true, worker: true, running: 0 },
      { build: builds.old, current: false, worker: true, running: 0 },
    ]);
    expect(await old.stop()).toBe(0);
  });

  test('client deploy refuses a build without a worker or of no name, and quotes nothing that moves a cursor', async () => {
    const unknown = await system.tryRun('deploy', '--build', 'x\u001B[2J');
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('there is no build x?[2J');
  });

  test('the old build, started again, takes no new runs', async () => {
    old = await system.startWorker();
    expect(await old.log()).toContain('this build ends its own runs and takes no new ones');
    expect(await currentBuild()).toBe(builds.changed);
    // A person may say otherwise.
    await system.run('deploy', '--build', builds.old, '--no-wait');
    expect(await currentBuild()).toBe(builds.old);
    expect(await old.stop()).toBe(0);
    expect(await changed.stop()).toBe(0);
  });
});

test(
  'runs whose build has no worker any more are named, and go on when it comes back',
  { timeout: 900_000 },
  async () => {
    const first = await system.startWorker();
    const backfill = await startBackfill(year);
    await untilPublished(year, 3);
    expect(await buildOf(backfill.workflowId)).toBe(builds.old);
    expect(await first.stop()).toBe(0);

    const changed = await system.startWorker({ EHR_WORKFLOW_BUNDLE: changedBundle, EHR_DEPLOY: 'manual' });
    // Manual: the worker waits for a word, and the doctor says that nobody takes new runs.
    expect(await currentBuild()).toBe(builds.old);
    await vi.waitFor(
      async () => {
        const problems = await temporalProblems();
        expect(problems).toContain(`new runs go to build ${builds.old}, of which no worker runs: they wait`);
        expect(problems).toContain(
          `the run ${backfill.workflowId} hangs: it stays with build ${builds.old}, of which no worker runs`,
        );
      },
      { timeout: goneSeconds * 1000, interval: 5_000 },
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
    expect(await currentBuild()).toBe(builds.changed);
    expect(await backfill.result()).toMatchObject({ total: 24, done: { published: 24 }, failed: 0 });
    expect(await temporalProblems()).not.toContainEqual(expect.stringMatching(/hangs|no worker runs/));
    expect(await back.stop()).toBe(0);
    expect(await changed.stop()).toBe(0);
  },
);

test(
  'an older build takes the new runs where nobody is left of the newer one',
  { timeout: 600_000 },
  async () => {
    const old = await system.startWorker();
    await expect.poll(currentBuild, { timeout: goneSeconds * 1000, interval: 2_000 }).toBe(builds.old);
    // The server has it before the worker has its answer, and says so.
    await expect.poll(() => old.log(), { timeout: 60_000 }).toContain('the current one has no worker');
    expect(await old.stop()).toBe(0);
  },
);
