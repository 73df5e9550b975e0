import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { deploymentName, taskQueues } from '../domain/temporalNames.ts';
import { asNamespaceError } from './namespaceError.ts';
import { TaskQueueType } from './serverEnums.ts';

type Services = Pick<Connection, 'workflowService'>;

const queueTypes = {
  workflow: TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
  activity: TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
} as const;

export interface TaskQueue {
  readonly name: string;
  readonly type: 'workflow' | 'activity';
}

/** Silence after which a worker counts as gone: a poll takes a minute at most, but the server remembers it for five. */
const silenceSeconds = 90;

/** The workers of one task queue. */
export interface QueueWorkers {
  readonly queue: TaskQueue;
  /** Identities of the workers that are there: `pid@host`. */
  readonly present: readonly string[];
  /**
   * The worker that asked for work last, if none is there and the server still remembers it, which it does for five
   * minutes.
   */
  readonly gone?: { readonly identity: string; readonly silentSeconds: number };
}

/** Long enough for every poll of a busy worker to have come back. */
const presentSeconds = 30;
/** The server ends a poll after a minute, and a worker asks again at once. */
const longestPollSeconds = 65;
const lookAgainMilliseconds = 2_000;

/**
 * Finds out which workers are there. An idle worker polls once a minute, so for one that has been silent for half a
 * minute this waits until its next poll is overdue: half a minute at most.
 */
export async function workersOf(
  services: Services,
  namespace: string,
  queues: readonly TaskQueue[],
  pause: (milliseconds: number) => Promise<unknown> = sleep,
): Promise<QueueWorkers[]> {
  const look = () => Promise.all(queues.map((queue) => knownPollers(services, namespace, queue)));
  const first = newestByIdentity((await look()).flat());
  const deadline = Date.now() + (longestPollSeconds - presentSeconds) * 1000;
  for (;;) {
    const pollers = await look();
    const present = presentIn(first, newestByIdentity(pollers.flat()));
    const workers = queues.map((queue, index) => workersIn(queue, pollers[index]!, present));
    const isSettled = workers.every(({ present: some, gone }) => some.length > 0 || isOverdue(gone));
    if (isSettled || Date.now() >= deadline) return workers;
    await pause(lookAgainMilliseconds);
  }
}

type Poller = Awaited<ReturnType<typeof knownPollers>>[number];

function identityOf({ identity }: Poller): string {
  return identity ?? 'a worker without a name';
}

/** When each worker last polled, on any of the queues: one that is exporting does not poll the portal's. */
function newestByIdentity(pollers: readonly Poller[]): Map<string, number> {
  const newest = new Map<string, number>();
  for (const poller of pollers) {
    const identity = identityOf(poller);
    newest.set(identity, Math.max(newest.get(identity) ?? 0, pollSeconds(poller)));
  }
  return newest;
}

/** The workers that polled within half a minute, or since the first look, which needs no clocks that agree. */
function presentIn(
  first: ReadonlyMap<string, number>,
  now: ReadonlyMap<string, number>,
): ReadonlySet<string> {
  const since = serverSeconds([...now.values()]) - presentSeconds;
  const isPresent = ([identity, at]: [string, number]) => at >= since || at > (first.get(identity) ?? 0);
  return new Set([...now].filter(isPresent).map(([identity]) => identity));
}

function workersIn(queue: TaskQueue, pollers: readonly Poller[], present: ReadonlySet<string>): QueueWorkers {
  const newest = [...newestByIdentity(pollers)].sort(([, one], [, other]) => other - one);
  const here = newest.map(([identity]) => identity).filter((identity) => present.has(identity));
  const [last] = newest;
  if (here.length > 0 || last === undefined) return { queue, present: here };
  const now = serverSeconds(newest.map(([, at]) => at));
  return { queue, present: here, gone: { identity: last[0], silentSeconds: Math.round(now - last[1]) } };
}

function isOverdue(gone: QueueWorkers['gone']): boolean {
  return gone === undefined || gone.silentSeconds >= longestPollSeconds;
}

/** The builds of the deployment whose workers poll for workflows. */
export async function pollingBuilds(services: Services, namespace: string): Promise<Set<string>> {
  const pollers = await livePollers(services, namespace, { name: taskQueues.pipeline, type: 'workflow' });
  const builds = pollers.flatMap(({ deploymentOptions: options }) =>
    options?.deploymentName === deploymentName && options.buildId ? [options.buildId] : [],
  );
  return new Set(builds);
}

/** When a worker last asked for work on the queue, in seconds by the server's clock; 0 if the server knows of none. */
export async function newestPoll(services: Services, namespace: string, queue: TaskQueue): Promise<number> {
  const pollers = await knownPollers(services, namespace, queue);
  return Math.max(0, ...pollers.map(pollSeconds));
}

function pollSeconds({ lastAccessTime: time }: Poller): number {
  return Number(time?.seconds ?? 0) + (time?.nanos ?? 0) / 1e9;
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
  const askedAt = pollers.map(pollSeconds);
  const since = serverSeconds(askedAt) - silenceSeconds;
  return pollers.filter((_, index) => askedAt[index]! >= since);
}

/** Longer than the five minutes for which the server remembers a silent poller. */
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

/** How long the server keeps the history of an ended run. @throws NamespaceNotFoundError */
export async function retentionSeconds({ workflowService }: Services, namespace: string): Promise<number> {
  try {
    const { config } = await workflowService.describeNamespace({ namespace });
    return Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
  } catch (error) {
    throw asNamespaceError(error, namespace);
  }
}

/** The namespace's id. A changed id is a new namespace, whatever its name: the server has lost the old one. */
export async function namespaceId({ workflowService }: Services, namespace: string): Promise<string> {
  const { namespaceInfo } = await workflowService.describeNamespace({ namespace });
  return namespaceInfo?.id ?? '';
}
