import type { Connection } from '@temporalio/client';
import { deploymentName, taskQueues } from '../domain/names.ts';

type Services = Pick<Connection, 'workflowService'>;

type QueueType = NonNullable<
  Parameters<Connection['workflowService']['describeTaskQueue']>[0]['taskQueueType']
>;

/**
 * `TASK_QUEUE_TYPE_WORKFLOW` and `_ACTIVITY` of temporal/api/enums/v1/task_queue.proto; the SDK exports no names for
 * them.
 */
const queueTypes = { workflow: 1, activity: 2 } as object as Readonly<Record<TaskQueue['type'], QueueType>>;

export interface TaskQueue {
  readonly name: string;
  readonly type: 'workflow' | 'activity';
}

/** A worker polls for at most a minute at a time; the server remembers one that has gone for five. */
const silenceSeconds = 90;

/** The identities, `pid@host`, of the workers that poll the queue. */
export async function pollersOf(services: Services, namespace: string, queue: TaskQueue): Promise<string[]> {
  const pollers = await livePollers(services, namespace, queue);
  return pollers.map(({ identity }) => identity ?? 'a worker without a name');
}

/** The builds of the deployment whose workers poll for workflows. */
export async function pollingBuilds(services: Services, namespace: string): Promise<Set<string>> {
  const pollers = await livePollers(services, namespace, { name: taskQueues.pipeline, type: 'workflow' });
  const builds = pollers.flatMap(({ deploymentOptions: options }) =>
    options?.deploymentName === deploymentName && options.buildId ? [options.buildId] : [],
  );
  return new Set(builds);
}

/** When a worker last asked for work on the queue, in milliseconds by the server's clock; 0 if the server knows of none. */
export async function newestPoll(services: Services, namespace: string, queue: TaskQueue): Promise<number> {
  const pollers = await knownPollers(services, namespace, queue);
  return Math.max(
    0,
    ...pollers.map(
      ({ lastAccessTime: time }) => Number(time?.seconds ?? 0) * 1000 + (time?.nanos ?? 0) / 1e6,
    ),
  );
}

async function knownPollers({ workflowService }: Services, namespace: string, { name, type }: TaskQueue) {
  const { pollers } = await workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name },
    taskQueueType: queueTypes[type],
  });
  return pollers;
}

async function livePollers(services: Services, namespace: string, queue: TaskQueue) {
  const pollers = await knownPollers(services, namespace, queue);
  const askedAt = pollers.map(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0));
  const since = serverSeconds(askedAt) - silenceSeconds;
  return pollers.filter((_, index) => askedAt[index]! >= since);
}

/** The server forgets a poller that has been silent for five minutes. */
const rememberedSeconds = 360;

/**
 * The server's current time, as far as its newest poll shows: a poller that it should have forgotten means that our
 * clock is ahead.
 */
function serverSeconds(askedAt: readonly number[]): number {
  const newest = Math.max(...askedAt);
  const ours = Date.now() / 1000;
  return askedAt.length > 0 && ours - newest > rememberedSeconds ? newest : ours;
}

/** How long the server keeps the history of an ended run. @throws if the namespace does not exist. */
export async function retentionSeconds({ workflowService }: Services, namespace: string): Promise<number> {
  const { config } = await workflowService.describeNamespace({ namespace });
  return Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
}

/** A changed id is a new namespace, whatever its name: the server has lost the old one. */
export async function namespaceId({ workflowService }: Services, namespace: string): Promise<string> {
  const { namespaceInfo } = await workflowService.describeNamespace({ namespace });
  return namespaceInfo?.id ?? '';
}
