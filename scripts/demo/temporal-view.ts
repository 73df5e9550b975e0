import { Client, defaultPayloadConverter, WorkflowNotFoundError } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PeriodsProgress } from '../../src/workflows/periodsProgress.ts';
import { scheduleId } from '../../src/domain/temporalNames.ts';
import { programEnvironment, type DemoEnvironment } from './environment.ts';
import { connectTo } from '../../src/temporal/connection.ts';

/**
 * A triggered schedule starts its run within a second or two. Where a demo was interrupted in a daily run, the new
 * run waits for that one (overlap BUFFER_ONE), which took about a minute.
 */
const scheduleSeconds = 900;

/** What the demo asks of Temporal: only facts that the server holds. */
export class TemporalView {
  readonly #client: Client;

  private constructor(client: Client) {
    this.#client = client;
  }

  static async connect(environment: DemoEnvironment): Promise<TemporalView> {
    const variables = Object.entries(programEnvironment(environment)).filter(
      ([, value]) => value !== undefined,
    );
    const { connectionOptions, namespace = 'default' } = loadClientConnectConfig({
      overrideEnvVars: Object.fromEntries(variables) as Record<string, string>,
    });
    const connection = await connectTo(connectionOptions);
    return new TemporalView(new Client({ connection, namespace }));
  }

  close(): Promise<void> {
    return this.#client.connection.close();
  }

  /** Whether a worker has asked for workflow tasks since then. */
  async hasPollers(taskQueue: string, since: Date): Promise<boolean> {
    const { pollers } = await this.#client.workflowService.describeTaskQueue({
      namespace: this.#client.options.namespace,
      taskQueue: { name: taskQueue },
    });
    return (pollers ?? []).some(
      ({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) >= Math.floor(since.getTime() / 1000),
    );
  }

  /** The id of the run that the schedule started after `since`. */
  async scheduledRun(since: Date, stop: AbortSignal): Promise<string> {
    const deadline = Date.now() + scheduleSeconds * 1000;
    while (Date.now() < deadline) {
      stop.throwIfAborted();
      const { info } = await this.#client.schedule.getHandle(scheduleId).describe();
      const newest = info.recentActions.at(-1);
      // Second precision on one side: a run triggered now may seem to be a moment earlier.
      if (newest !== undefined && newest.takenAt.getTime() >= since.getTime() - 1000) {
        if (newest.action.type === 'startWorkflow') return newest.action.workflow.workflowId;
      }
      await sleep(300);
    }
    throw new Error(`The schedule ${scheduleId} started no run within ${String(scheduleSeconds)} s.`);
  }

  async isRunning(workflowId: string): Promise<boolean> {
    return this.statusOf(workflowId).then(
      (status) => status === 'RUNNING',
      (error: unknown) => {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      },
    );
  }

  async statusOf(workflowId: string): Promise<string> {
    const description = await this.#client.workflow.getHandle(workflowId).describe();
    return description.status.name;
  }

  /** What a parent says of its periods; undefined while it has not planned them, or is too busy to answer. */
  async progressOf(workflowId: string): Promise<PeriodsProgress | undefined> {
    const handle = this.#client.workflow.getHandle(workflowId);
    return handle.query<PeriodsProgress | undefined>('progress').catch(() => undefined);
  }

  /** The ids of a parent's running children. */
  async runningChildren(workflowId: string): Promise<string[]> {
    const query = `ParentWorkflowId = '${workflowId}' AND ExecutionStatus = 'Running'`;
    const children: string[] = [];
    for await (const child of this.#client.workflow.list({ query })) children.push(child.workflowId);
    return children;
  }

  /** What a running workflow waits for, in the words of its own heartbeats where it sends them. */
  async doing(workflowId: string): Promise<string> {
    const description = await this.#client.workflow.getHandle(workflowId).describe();
    const activity = description.raw.pendingActivities?.[0];
    if (activity === undefined) return '';
    const beat = activity.heartbeatDetails?.payloads?.[0];
    const words = beat === undefined ? '' : wordsOf(defaultPayloadConverter.fromPayload(beat));
    const attempt = (activity.attempt ?? 1) > 1 ? `, attempt ${String(activity.attempt)}` : '';
    return `${words || (activity.activityType?.name ?? '')}${attempt}`;
  }

  /** Why a run failed, as its history says it: the innermost cause with words. */
  async failureOf(workflowId: string): Promise<string> {
    try {
      await this.#client.workflow.getHandle(workflowId).result();
      return '';
    } catch (error) {
      return innermostMessage(error);
    }
  }
}

/** A heartbeat is a sentence, or an object with one in it. */
function wordsOf(beat: unknown): string {
  if (typeof beat === 'string') return beat;
  if (typeof beat !== 'object' || beat === null) return '';
  return Object.values(beat)
    .filter((value) => typeof value === 'string' || typeof value === 'number')
    .join(' ');
}

function innermostMessage(error: unknown): string {
  let current = error;
  // Temporal nests a failure a few levels deep: run, child, activity, cause.
  for (let depth = 0; depth < 8; depth += 1) {
    if (!(current instanceof Error) || !(current.cause instanceof Error)) break;
    current = current.cause;
  }
  return current instanceof Error ? current.message : String(current);
}
