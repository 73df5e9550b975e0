import { appendFile, copyFile, open, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { reportBytes } from '../../demo/portal/data.ts';
import { FailureInterceptor } from '../../src/activities/interceptors/failureInterceptor.ts';
import type { ActivitiesOn } from '../../src/activities/index.ts';
import { createActivities } from '../../src/activities/interceptors/createActivities.ts';
import type { Ports } from '../../src/ports.ts';
import { readPipelineConfig } from '../../src/config.ts';
import { connectPorts } from '../../src/wiring/connectPorts.ts';
import { openStores } from '../../src/wiring/openStores.ts';
import type { Period } from '../../src/domain/periods.ts';
import { ensureSearchAttributes } from '../../src/temporal/searchAttributes.ts';
import { openWarehouse, type Warehouse } from '../../src/warehouse/connect.ts';
import { runReportId, taskQueues } from '../../src/domain/temporalNames.ts';
import './quietRuntime.ts';
import { System } from './system.ts';

/** What happens to a file between two steps, which only a worker of the test's own can arrange. */
interface Loss {
  readonly of: string;
  /** The step that then looks for it. */
  readonly before: string;
  /** `another` is a file of the same run that was sealed with the same key. */
  readonly how: (file: string, another: string) => Promise<void>;
  times: number;
}

const period = { from: '2025-09-01', to: '2025-09-15' } as Period;
const removed = (file: string) => rm(file);
const grown = (file: string) => appendFile(file, 'x');
const cut = async (file: string) => truncate(file, (await stat(file)).size - 1);
const swapped = (file: string, another: string) => copyFile(another, file);
const flipped = async (file: string) => {
  const handle = await open(file, 'r+');
  try {
    const middle = Math.floor((await handle.stat()).size / 2);
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, middle);
    await handle.write(Buffer.from([buffer[0]! ^ 1]), 0, 1, middle);
  } finally {
    await handle.close();
  }
};

let system: System;
let warehouse: Warehouse;
let connection: NativeConnection;
let worker: Worker;
let working: Promise<void>;
let loss: Loss | undefined;
let steps: string[] = [];
let file: string;

beforeAll(async () => {
  system = await System.start();
  file = path.join(system.folder, 'saved by hand.csv');
  await writeFile(file, reportBytes('demo', 'notes', period));
  warehouse = await openWarehouse({ url: system.environment['DATABASE_URL']! });
  connection = await NativeConnection.connect({ address: system.environment['TEMPORAL_ADDRESS']! });
  await ensureSearchAttributes(connection, system.namespace);
  worker = await Worker.create({
    connection,
    namespace: system.namespace,
    taskQueue: taskQueues.pipeline,
    workflowBundle: { codePath: inject('workflowBundle') },
    activities: observed(createActivities('pipeline', ports())),
    interceptors: { activity: [(context) => ({ inbound: new FailureInterceptor(context) })] },
  });
  working = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await working;
  await connection.close();
  await warehouse.close();
  await system.stop();
});
beforeEach(() => {
  steps = [];
});

/** The real parts, but for the portal: these runs take a file. */
function ports(): Ports {
  return connectPorts({
    config: readPipelineConfig(system.environment['EHR_CONFIG']!),
    secret: system.environment['EHR_NAME_KEY']!,
    folder: artifacts(),
    stores: openStores({
      folder: artifacts(),
      inbox: '/',
      env: { EHR_DATA_KEY: Buffer.alloc(32, 7).toString('base64') },
    }),
    warehouse,
    loginQueue: { exportReport: () => Promise.reject(new Error('no run of this test goes to the portal')) },
    client: system.client,
    channels: [],
  });
}

function artifacts(): string {
  return system.environment['EHR_ARTIFACTS']!;
}

type Activities = ActivitiesOn<'pipeline'>;

/** The activities as they are; each call is noted, and the loss strikes right before it. */
function observed(activities: Activities): Activities {
  const wrapped = Object.entries(activities).map(([name, activity]) => [
    name,
    async (input: never) => {
      steps.push(name);
      await strike(name);
      return (activity as (input: never) => Promise<unknown>)(input);
    },
  ]);
  return Object.fromEntries(wrapped) as Activities;
}

async function strike(step: string): Promise<void> {
  if (loss === undefined || loss.before !== step || loss.times === 0) return;
  loss.times -= 1;
  const { of, how } = loss;
  const files = await readdir(artifacts(), { recursive: true });
  const madeBy = (maker: string) =>
    files
      .filter((name) => path.basename(name).startsWith(`${maker}-`))
      .map((name) => path.join(artifacts(), name));
  const lost = madeBy(of);
  expect(lost).not.toEqual([]);
  await Promise.all(lost.map((each) => how(each, madeBy('takeFile')[0]!)));
}

async function run(): Promise<unknown> {
  // Each test's files are its own, so that a loss strikes this run's.
  await rm(artifacts(), { recursive: true, force: true });
  return system.client.workflow.execute('runReport', {
    workflowId: runReportId('notes', period),
    taskQueue: taskQueues.pipeline,
    args: [{ report: 'notes', ...period, file }],
  });
}

const all = ['takeFile', 'clean', 'categorize', 'aggregate', 'load'];
/** Up to the step that found the file lost, then from the step that makes it. */
const madeAgain = (of: string, before: string) => [
  'planRun',
  ...all.slice(0, all.indexOf(before) + 1),
  ...all.slice(all.indexOf(of)),
];

test.each([
  { of: 'takeFile', before: 'clean', how: removed, is: 'lost' },
  { of: 'takeFile', before: 'clean', how: flipped, is: 'altered by a bit' },
  { of: 'clean', before: 'categorize', how: removed, is: 'lost' },
  { of: 'clean', before: 'categorize', how: swapped, is: 'swapped for another file' },
  { of: 'categorize', before: 'aggregate', how: grown, is: 'longer' },
  { of: 'categorize', before: 'load', how: removed, is: 'lost' },
  { of: 'categorize', before: 'load', how: cut, is: 'cut' },
  { of: 'categorize', before: 'load', how: flipped, is: 'altered by a bit' },
  { of: 'aggregate', before: 'load', how: flipped, is: 'altered by a bit' },
  { of: 'aggregate', before: 'load', how: swapped, is: 'swapped for another file' },
  { of: 'clean', before: 'load', how: removed, is: 'lost' },
])('what $of made and sealed is $is before $before: it is made again, once, and published', async (each) => {
  await warehouse.pool.query('UPDATE published_period SET versions = NULL');
  loss = { ...each, times: 1 };
  expect(await run()).toMatchObject({ outcome: 'published' });
  expect(steps).toEqual(madeAgain(each.of, each.before));
});

test('a second loss fails the run, and names the step whose file it was', async () => {
  await warehouse.pool.query('UPDATE published_period SET versions = NULL');
  loss = { of: 'categorize', before: 'load', how: removed, times: 2 };
  const error: unknown = await run().catch((thrown: unknown) => thrown);
  const cause = error instanceof WorkflowFailedError ? error.cause : undefined;
  expect(cause).toBeInstanceOf(ApplicationFailure);
  expect(cause).toMatchObject({ type: 'ArtifactMissing' });
  expect(cause?.message).toMatch(/^load: the file that categorize made is not there\. What to do: /);
  expect(steps.filter((step) => step === 'load')).toHaveLength(2);
});
