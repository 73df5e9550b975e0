import { status } from '@grpc/grpc-js';
import { isGrpcServiceError, type Connection } from '@temporalio/client';
import { deploymentName, taskQueues } from '../domain/temporalNames.ts';
import { pollingBuilds } from './pollers.ts';
import { VersioningBehavior, WorkflowTaskFailedCause } from './serverEnums.ts';

/** A run that is open in Temporal and makes no progress. */
export interface StuckRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly why:
    /** Pinned to a build that has no polling worker. */
    | { readonly kind: 'no-worker'; readonly build: string }
    /** Its workflow task fails again and again; `cause` is the server's name for it. */
    | { readonly kind: 'task-fails'; readonly cause: string; readonly attempt: number };
}

type Services = Pick<Connection, 'workflowService'>;

/** The most that the server lists at once, newest first. */
const mostListed = 1000;
/** Runs to examine, the oldest first: a run that hangs has been open for long, and a hundred that hang are enough. */
const mostExamined = 100;

/** Attempts after which a task counts as failing: a single failure may be a worker that was stopped. */
const failingAttempts = 3;

/** Runs of the pipeline that hang, newest first; examines the hundred oldest of a thousand open runs. */
export async function stuckRuns(services: Services, namespace: string): Promise<StuckRun[]> {
  const { executions } = await services.workflowService.listWorkflowExecutions({
    namespace,
    pageSize: mostListed,
    query: `ExecutionStatus = 'Running' AND TaskQueue = '${taskQueues.pipeline}'`,
  });
  if (executions.length === 0) return [];
  const polling = await pollingBuilds(services, namespace);
  const found: StuckRun[] = [];
  for (const { execution } of executions.slice(-mostExamined)) {
    const { workflowId, runId } = execution ?? {};
    if (typeof workflowId !== 'string' || typeof runId !== 'string') continue;
    const why = await whyStuck(services, { namespace, workflowId, runId, polling });
    if (why !== undefined) found.push({ workflowId, runId, why });
  }
  return found;
}

interface Run {
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
}

async function whyStuck(
  { workflowService }: Services,
  { polling, ...run }: Run & { readonly polling: ReadonlySet<string> },
): Promise<StuckRun['why'] | undefined> {
  const { namespace, ...execution } = run;
  try {
    const { workflowExecutionInfo, pendingWorkflowTask } = await workflowService.describeWorkflowExecution({
      namespace,
      execution,
    });
    const { behavior, versioningOverride, deploymentVersion } = workflowExecutionInfo?.versioningInfo ?? {};
    const version =
      versioningOverride?.pinned?.version ??
      (behavior === VersioningBehavior.VERSIONING_BEHAVIOR_PINNED ? deploymentVersion : undefined);
    const build = version?.deploymentName === deploymentName ? version.buildId : undefined;
    if (typeof build === 'string' && build !== '' && !polling.has(build)) return { kind: 'no-worker', build };
    const attempt = pendingWorkflowTask?.attempt ?? 0;
    if (attempt < failingAttempts) return undefined;
    return { kind: 'task-fails', attempt, cause: await failureCause(workflowService, run) };
  } catch (error) {
    // It has ended and been removed since.
    if (isGrpcServiceError(error) && error.code === status.NOT_FOUND) return undefined;
    throw error;
  }
}

/** Events to read: the failure is at the end of the history, since attempts after the first leave no event. */
const lastEvents = 5;

async function failureCause(
  workflowService: Services['workflowService'],
  { namespace, ...execution }: Run,
): Promise<string> {
  const { history } = await workflowService.getWorkflowExecutionHistoryReverse({
    namespace,
    execution,
    maximumPageSize: lastEvents,
  });
  const failed = history?.events?.find(
    (event) => event.workflowTaskFailedEventAttributes,
  )?.workflowTaskFailedEventAttributes;
  return failed?.cause === undefined || failed.cause === null
    ? 'unknown'
    : (WorkflowTaskFailedCause[failed.cause]?.replace('WORKFLOW_TASK_FAILED_CAUSE_', '') ??
        `cause ${String(failed.cause)}`);
}
