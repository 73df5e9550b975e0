import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Context } from '@temporalio/activity';
import {
  ApplicationFailure,
  CancelledFailure,
  Client,
  WorkflowFailedError,
  type WorkflowHandle,
  type WorkflowHandleWithFirstExecutionRunId,
} from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import { activityInputs, type Activities } from '../../../src/activities/index.ts';
import { FailureInterceptor } from '../../../src/activities/interceptors/failureInterceptor.ts';
import { InputInterceptor } from '../../../src/activities/interceptors/inputInterceptor.ts';
import { taskQueues } from '../../../src/domain/temporalNames.ts';
import { ensureSearchAttributes } from '../../../src/temporal/searchAttributes.ts';
import { goodDay } from './fakes.ts';
import { connectTo } from '../../../src/temporal/connection.ts';

Runtime.install({ logger: new DefaultLogger('ERROR') });

type StepName = keyof Activities;

/** A call of a step: what the workflow has handed to it. */
export interface Call {
  readonly step: StepName;
  readonly input: unknown;
}

interface Gate {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

const retentionSeconds = 86_400;
/** A step that waits hears of its cancellation with the answer to a heartbeat. */
const beatMilliseconds = 50;

/**
 * Real workflows on a real server, with fake steps. Their inputs are checked and their failures translated by the
 * product's own interceptors.
 */
export class WorkflowWorker {
  readonly client: Client;
  /** Calls in the current test, in order. */
  calls: Call[] = [];
  #activities = goodDay;
  /** A step that waits at one would keep the worker from ending, should its test fail first. */
  readonly #gates: (() => void)[] = [];
  readonly #close: () => Promise<void>;

  private constructor(client: Client, close: () => Promise<void>) {
    this.client = client;
    this.#close = close;
  }

  /** In a namespace of its own, since task queues and ids are the same in every test file. */
  static async start(): Promise<WorkflowWorker> {
    const { address, bundlePath } = inject('workflowTests');
    const namespace = `workflows-${randomUUID()}`;
    const connection = await connectTo({ address });
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: retentionSeconds as never },
    });
    await ensureSearchAttributes(connection, namespace);
    const native = await NativeConnection.connect({ address });
    const stop: (() => Promise<void>)[] = [];
    const started = new WorkflowWorker(new Client({ connection, namespace }), async () => {
      await Promise.all(stop.map((each) => each()));
      await native.close();
      await connection.close();
    });
    const shared = {
      connection: native,
      namespace,
      activities: started.#delegates(),
      maxHeartbeatThrottleInterval: beatMilliseconds,
      defaultHeartbeatThrottleInterval: beatMilliseconds,
      interceptors: {
        activity: [
          (context: Context) => ({ inbound: new FailureInterceptor(context) }),
          (context: Context) => ({ inbound: new InputInterceptor(context, activityInputs) }),
        ],
      },
    };
    const workers = [
      await Worker.create({
        ...shared,
        taskQueue: taskQueues.pipeline,
        workflowBundle: { code: await readFile(bundlePath, 'utf8') },
      }),
      await Worker.create({ ...shared, taskQueue: taskQueues.portal }),
    ];
    for (const worker of workers) {
      const running = worker.run();
      stop.push(() => {
        worker.shutdown();
        return running;
      });
    }
    return started;
  }

  /** What the steps do from now on, apart from a good day's; forgets the calls so far. */
  use(activities: Partial<Activities>): void {
    this.calls = [];
    this.#activities = { ...goodDay, ...activities };
  }

  /** The steps called so far, by name. */
  steps(): StepName[] {
    return this.calls.map(({ step }) => step);
  }

  inputsOf(wanted: StepName): unknown[] {
    return this.calls.filter(({ step }) => step === wanted).map(({ input }) => input);
  }

  start(
    type: string,
    input: unknown,
    workflowId = `${type}-${randomUUID()}`,
  ): Promise<WorkflowHandleWithFirstExecutionRunId> {
    return this.client.workflow.start(type, { workflowId, taskQueue: taskQueues.pipeline, args: [input] });
  }

  async run(type: string, input: unknown, workflowId?: string): Promise<unknown> {
    return (await this.start(type, input, workflowId)).result();
  }

  /** How a workflow failed that had to. */
  async failureOf(type: string, input: unknown, workflowId?: string): Promise<ApplicationFailure> {
    return failureOfRun(await this.start(type, input, workflowId));
  }

  /** Lets one side wait until the other has come to a place, or the test is over. */
  gate(): Gate {
    let open: (() => void) | undefined;
    const promise = new Promise<void>((resolve) => {
      open = resolve;
    });
    const resolve = () => open?.();
    this.#gates.push(resolve);
    return { promise, resolve };
  }

  close(): Promise<void> {
    this.#openGates();
    return this.#close();
  }

  #openGates(): void {
    for (const open of this.#gates.splice(0)) open();
  }

  #delegates(): Record<string, (input: never) => Promise<unknown>> {
    return Object.fromEntries(
      (Object.keys(goodDay) as StepName[]).map((step) => [
        step,
        (input: never): Promise<unknown> => {
          this.calls.push({ step, input });
          return (this.#activities[step] as (given: never) => Promise<unknown>)(input);
        },
      ]),
    );
  }
}

export async function failureOfRun(run: WorkflowHandle): Promise<ApplicationFailure> {
  const error: unknown = await run.result().catch((thrown: unknown) => thrown);
  if (error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure) return error.cause;
  throw new Error(`${run.workflowId} did not fail as it should`, { cause: error });
}

/** Waits, as a step does at the portal, until it is cancelled. */
export async function untilCancelled(): Promise<never> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), beatMilliseconds);
  try {
    return await context.cancelled;
  } finally {
    clearInterval(timer);
  }
}

export async function isCancelled(run: WorkflowHandle): Promise<boolean> {
  const error: unknown = await run.result().catch((thrown: unknown) => thrown);
  return error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure;
}
