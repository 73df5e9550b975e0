import type { Connection } from '@temporalio/client';

type Services = Pick<Connection, 'workflowService'>;

type QueueType = NonNullable<
  Parameters<Connection['workflowService']['describeTaskQueue']>[0]['taskQueueType']
>;

/** `TASK_QUEUE_TYPE_WORKFLOW` and `_ACTIVITY` of temporal/api/enums/v1/task_queue.proto; the SDK exports no names for them. */
const queueTypes = { workflow: 1, activity: 2 } as object as Readonly<Record<TaskQueue['type'], QueueType>>;

export interface TaskQueue {
  readonly name: string;
  readonly type: 'workflow' | 'activity';
}

/** Asks for work for at most a minute at a time; the server remembers one that has gone for five. */
const silenceSeconds = 90;

/** The identities, `pid@host`, of those who take work from the queue. */
export async function pollersOf(
  { workflowService }: Services,
  namespace: string,
  { name, type }: TaskQueue,
): Promise<string[]> {
  const { pollers } = await workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name },
    taskQueueType: queueTypes[type],
  });
  const since = Date.now() / 1000 - silenceSeconds;
  return pollers
    .filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) >= since)
    .map(({ identity }) => identity ?? 'somebody without a name');
}

/** For how long the server keeps the history of a run that has ended. @throws where there is no such namespace. */
export async function retentionSeconds({ workflowService }: Services, namespace: string): Promise<number> {
  const { config } = await workflowService.describeNamespace({ namespace });
  return Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
}
