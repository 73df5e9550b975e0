import { Worker, type ActivityInterceptorsFactory, type WorkerOptions } from '@temporalio/worker';
import { createAgencyActivities } from '../activities/interceptors/createActivities.ts';
import { FailureInterceptor } from '../activities/interceptors/failureInterceptor.ts';
import { activityInputs } from '../activities/index.ts';
import { InputInterceptor } from '../activities/interceptors/inputInterceptor.ts';
import { deploymentName, taskQueues } from '../domain/temporalNames.ts';
import type { Tracing } from '../observability/tracing/tracing.ts';
import type { StepObserver } from '../observability/stepObserver/stepAttempt.ts';
import { StepInterceptor } from '../observability/stepObserver/stepInterceptor.ts';
import type { UsePorts } from '../ports.ts';
import type { WorkflowCode } from '../temporal/workflowBundle.ts';
import { agencyChannels } from './agencyPool.ts';
import type { MetricsEndpoint } from './metricsEndpoint.ts';

type SharedOptions = Pick<
  WorkerOptions,
  'connection' | 'namespace' | 'shutdownGraceTime' | 'shutdownForceTime'
>;

interface AtPortals {
  /** Exports that one worker makes at a time, each with its own browser. */
  readonly browsers: number;
}

interface Watchers {
  readonly metrics: MetricsEndpoint | undefined;
  readonly tracing: Tracing | undefined;
}

interface Versioned {
  readonly workflowCode: WorkflowCode;
  /** Whether the server supports worker deployments. */
  readonly versioned: boolean;
}

/** One for each task queue. */
export async function createWorkers(
  use: UsePorts,
  {
    metrics,
    tracing,
    workflowCode,
    versioned,
    browsers,
    ...shared
  }: SharedOptions & Watchers & Versioned & AtPortals,
): Promise<Worker[]> {
  const observers = [metrics?.observeStep, tracing?.observeStep].filter((each) => each !== undefined);
  const activity = activityInterceptors(observers, tracing);
  const options: Omit<WorkerOptions, 'taskQueue'> = {
    ...shared,
    // An activity learns of its cancellation from the reply to a heartbeat: within two seconds instead of up to 24.
    maxHeartbeatThrottleInterval: '2 s',
    interceptors: { activity },
    ...(versioned ? { workerDeploymentOptions: deploymentOf(workflowCode) } : {}),
  };
  const pipeline = await Worker.create({
    ...options,
    workflowBundle: { code: workflowCode.code },
    ...(tracing === undefined ? {} : { sinks: tracing.sinks }),
    taskQueue: taskQueues.pipeline,
    activities: createAgencyActivities('pipeline', use, agencyChannels),
    // Each streams a file or loads a period; a few keep two cores busy.
    maxConcurrentActivityTaskExecutions: 8,
    // How many runs are kept in memory, 1.2 MB each, is left to the SDK: it goes by the heap that Node may use.
  });
  const portal = await Worker.create({
    ...options,
    taskQueue: taskQueues.portal,
    activities: createAgencyActivities('portal', use, agencyChannels),
    // One login, one browser. The lock in the database enforces that across workers.
    maxConcurrentActivityTaskExecutions: browsers,
  });
  return [pipeline, portal];
}

/**
 * Outermost first: a span covers the counting and logging of its step, and all of them see failures with their type.
 */
function activityInterceptors(
  observers: readonly StepObserver[],
  tracing: Tracing | undefined,
): ActivityInterceptorsFactory[] {
  const watched: ActivityInterceptorsFactory = (context) => {
    const interceptor = new StepInterceptor(context, observers);
    return { inbound: interceptor, outbound: interceptor };
  };
  return [
    ...(tracing === undefined ? [] : [tracing.activityInterceptor]),
    watched,
    (context) => ({ inbound: new FailureInterceptor(context) }),
    (context) => ({ inbound: new InputInterceptor(context, activityInputs) }),
  ];
}

/** A run stays with the workflows that it began with; another bundle takes only new runs. */
function deploymentOf({ buildId }: WorkflowCode): NonNullable<WorkerOptions['workerDeploymentOptions']> {
  return {
    version: { deploymentName, buildId },
    useWorkerVersioning: true,
    defaultVersioningBehavior: 'PINNED',
  };
}
