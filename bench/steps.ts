import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { ActivitiesOn } from '../src/activities/index.ts';
import { createActivities } from '../src/activities/interceptors/createActivities.ts';
import type { Made } from '../src/activities/contracts.ts';
import { readPipelineConfig } from '../src/config.ts';
import { connectPorts, type Parts } from '../src/wiring/connectPorts.ts';
import { openStores } from '../src/wiring/openStores.ts';
import type { Period } from '../src/domain/periods.ts';
import type { RunIdentity } from '../src/domain/runIdentity.ts';
import { openWarehouse } from '../src/warehouse/connect.ts';

/** What the run is given by the benchmark that starts it. */
export interface StepsRequest {
  readonly databaseUrl: string;
  readonly artifacts: string;
  readonly config: string;
  readonly file: string;
  readonly period: Period;
}

export interface StepsResult {
  /** Wall seconds by step, in the order in which they ran. */
  readonly seconds: Readonly<Record<string, number>>;
  /** CPU seconds of this process by step. */
  readonly cpuSeconds: Readonly<Record<string, number>>;
  /** Of the whole process, its start included. */
  readonly peakMemoryMib: number;
  /** Where the file that the load brought in lies. */
  readonly rowsFile: string;
}

/** Runs a period's steps one after the other, without Temporal, in this process. */
export async function runSteps(request: StepsRequest): Promise<StepsResult> {
  const warehouse = await openWarehouse({ url: request.databaseUrl });
  try {
    const activities = createActivities(
      'pipeline',
      connectPorts({
        config: readPipelineConfig(request.config),
        secret: 'an invented key for the benchmark, 0123456789',
        folder: request.artifacts,
        stores: openStores({ folder: request.artifacts, inbox: '/' }),
        warehouse,
        ...unused,
      }),
    );
    const { seconds, cpuSeconds, rowsUri } = await timed(activities, request);
    return {
      seconds,
      cpuSeconds,
      peakMemoryMib: process.resourceUsage().maxRSS / 1024,
      rowsFile: path.join(request.artifacts, rowsUri.slice('artifact:'.length)),
    };
  } finally {
    await warehouse.close();
  }
}

/** A run from a file asks neither the portal nor another run, and sends nothing. */
const unused = { loginQueue: {}, client: { options: {} }, channels: [] } as unknown as Pick<
  Parts,
  'loginQueue' | 'client' | 'channels'
>;

async function timed(
  activities: ActivitiesOn<'pipeline'>,
  { file, period }: StepsRequest,
): Promise<Pick<StepsResult, 'seconds' | 'cpuSeconds'> & { rowsUri: string }> {
  const environment = new MockActivityEnvironment(undefined, { logger: new DefaultLogger('ERROR') });
  const seconds: Record<string, number> = {};
  const cpuSeconds: Record<string, number> = {};
  const step = async <Input, Result>(
    name: string,
    activity: (input: Input) => Promise<Result>,
    input: Input,
  ) => {
    const [begun, usedBefore] = [performance.now(), process.cpuUsage()];
    const result = await environment.run<[Input], Result, typeof activity>(activity, input);
    seconds[name] = (performance.now() - begun) / 1000;
    const { user, system } = process.cpuUsage(usedBefore);
    cpuSeconds[name] = (user + system) / 1e6;
    return result;
  };
  const run = runOf(period);
  const exported = await step('takeFile', activities.takeFile, { run, file });
  const clean = await step('clean', activities.clean, { run, export: exported.file });
  const categorize = await step('categorize', activities.categorize, { run, clean });
  const aggregate = await step('aggregate', activities.aggregate, { run, categorize });
  const made: Made = { export: exported, clean, categorize, aggregate };
  const { kind } = await step('load', activities.load, { run, made });
  if (kind !== 'published') throw new Error(`the load ended as ${kind}, so it is no measure`);
  return { seconds, cpuSeconds, rowsUri: categorize.rows.uri };
}

function runOf(period: Period): RunIdentity {
  return {
    runId: randomUUID(),
    workflowId: `utilization:${period.from}..${period.to}`,
    report: 'utilization',
    period,
    source: 'file',
    startedAt: new Date().toISOString(),
  };
}
