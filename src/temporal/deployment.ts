import { status } from '@grpc/grpc-js';
import { isGrpcServiceError, type Connection } from '@temporalio/client';
import { deploymentName } from '../domain/temporalNames.ts';
import { pollingBuilds } from './pollers.ts';
import { PinnedOverrideBehavior } from './serverEnums.ts';

/**
 * Worker deployment versioning: one deployment for both task queues, one version per workflow bundle. A run stays on
 * the version that it began on (PINNED), so a changed workflow never replays another version's history.
 */

type Services = Pick<Connection, 'workflowService'>;

/** One version of the deployment, that is one workflow bundle. */
export interface Build {
  readonly id: string;
  /** When its first worker polled, in nanoseconds since 1970. */
  readonly createdAt: bigint;
}

export interface Deployment {
  /** The build that takes new runs; undefined before the first one. */
  readonly current: string | undefined;
  readonly builds: readonly Build[];
  /** Builds with a worker that polled recently. */
  readonly polling: ReadonlySet<string>;
  /** Identifies the state that was read: the server refuses a change based on an older one. */
  readonly conflictToken: Uint8Array;
}

/** Refusals that pass, such as those of a version that is still being registered. */
const comesLater: ReadonlySet<status> = new Set([
  status.NOT_FOUND,
  status.FAILED_PRECONDITION,
  status.ABORTED,
  status.UNAVAILABLE,
]);
/** Refusals of a server without versioning: it is switched off, or the server does not know it. */
const unavailable: ReadonlySet<status> = new Set([status.PERMISSION_DENIED, status.UNIMPLEMENTED]);

/** Whether the server supports worker deployments in this namespace, and allows us to use them. */
export async function hasVersioning({ workflowService }: Services, namespace: string): Promise<boolean> {
  try {
    await workflowService.describeWorkerDeploymentVersion({
      namespace,
      deploymentVersion: { deploymentName, buildId: 'none' },
    });
    return true;
  } catch (error) {
    if (!isGrpcServiceError(error)) throw error;
    if (error.code === status.NOT_FOUND) return true;
    if (unavailable.has(error.code)) return false;
    throw error;
  }
}

/** The current deployment; undefined if no versioned worker has ever polled. */
export async function readDeployment(services: Services, namespace: string): Promise<Deployment | undefined> {
  try {
    const { workerDeploymentInfo: info, conflictToken } =
      await services.workflowService.describeWorkerDeployment({ namespace, deploymentName });
    const current = info?.routingConfig?.currentDeploymentVersion?.buildId ?? undefined;
    return {
      current: current === '' ? undefined : current,
      builds: (info?.versionSummaries ?? []).map(({ deploymentVersion, createTime }) => ({
        id: deploymentVersion?.buildId ?? '',
        createdAt: BigInt(String(createTime?.seconds ?? 0)) * 1_000_000_000n + BigInt(createTime?.nanos ?? 0),
      })),
      polling: await pollingBuilds(services, namespace),
      conflictToken,
    };
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === status.NOT_FOUND) return undefined;
    throw error;
  }
}

/**
 * Routes new runs to a build. The server refuses while that build has no worker on both queues.
 * @param ifUnchanged the deployment on which this decision was based
 */
export async function setCurrentBuild(
  { workflowService }: Services,
  namespace: string,
  { build, ifUnchanged }: { readonly build: string; readonly ifUnchanged: Deployment },
): Promise<void> {
  await workflowService.setWorkerDeploymentCurrentVersion({
    namespace,
    deploymentName,
    buildId: build,
    conflictToken: ifUnchanged.conflictToken,
    identity: `${deploymentName} ${build}`,
  });
}

/** Moves a run to another build from its next workflow task on; what it starts and continues as moves with it. */
export async function pinTo(
  { workflowService }: Services,
  namespace: string,
  { run, build }: { readonly run: { workflowId: string; runId: string }; readonly build: string },
): Promise<void> {
  await workflowService.updateWorkflowExecutionOptions({
    namespace,
    workflowExecution: { workflowId: run.workflowId, runId: run.runId },
    workflowExecutionOptions: {
      versioningOverride: {
        pinned: {
          behavior: PinnedOverrideBehavior.PINNED_OVERRIDE_BEHAVIOR_PINNED,
          version: { deploymentName, buildId: build },
        },
      },
    },
    updateMask: { paths: ['versioning_override'] },
  });
}

/** What a starting worker's build does about new runs. */
export type Takeover =
  | { readonly kind: 'current' }
  | { readonly kind: 'take'; readonly because: 'none is' | 'newer' | 'the current one has no worker' }
  /** Its version is not registered yet. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'leave'; readonly current: string | undefined };

export type DeployMode = 'auto' | 'manual';

export interface TakeoverTerms {
  readonly mode: DeployMode;
  /** Whether the build has taken new runs, or left them, since its worker started. */
  readonly settled: boolean;
  /** The build that has had the new runs and no worker for longer than the server may forget who polls. */
  readonly desertedBefore: string | undefined;
}

/**
 * A starting build takes new runs if no build does, or if it is newer than the one that does. An older build that comes
 * back to finish its runs leaves them alone. Later on people decide, for example with `client deploy`, and a worker
 * takes new runs only if the build that has them has had no worker for a while, since the server forgets who polls when
 * it starts again or loads a queue again.
 */
export function takeoverOf(
  build: string,
  deployment: Deployment | undefined,
  { mode, settled, desertedBefore }: TakeoverTerms,
): Takeover {
  const own = deployment?.builds.find(({ id }) => id === build);
  if (deployment === undefined || own === undefined) return { kind: 'wait' };
  const { current, builds } = deployment;
  if (current === build) return { kind: 'current' };
  if (current === undefined)
    return settled ? { kind: 'leave', current } : { kind: 'take', because: 'none is' };
  if (mode === 'manual') return { kind: 'leave', current };
  const other = builds.find(({ id }) => id === current);
  const isNewer = other === undefined || own.createdAt > other.createdAt;
  if (isNewer && !settled) return { kind: 'take', because: 'newer' };
  return desertedBefore === current
    ? { kind: 'take', because: 'the current one has no worker' }
    : { kind: 'leave', current };
}

/** A build that takes new runs and has no worker, and when that was first seen. */
export interface Deserted {
  readonly build: string;
  /** Milliseconds of a clock that never jumps. */
  readonly since: number;
}

/** The deserted build as seen now; keeps the time of earlier looks if it is the same build. */
export function desertedNow(
  before: Deserted | undefined,
  deployment: Deployment | undefined,
  now: number,
): Deserted | undefined {
  const current = deployment?.current;
  if (current === undefined || deployment?.polling.has(current) === true) return undefined;
  return before?.build === current ? before : { build: current, since: now };
}

/** How long the server may not know a living worker: it ends a poll after a minute, and the worker polls again. */
const forgottenMilliseconds = 65_000;

/** The build that has certainly no worker: no look has seen one for longer than the server may have forgotten it. */
export function certainlyDeserted(deserted: Deserted | undefined, now: number): string | undefined {
  return deserted !== undefined && now - deserted.since >= forgottenMilliseconds ? deserted.build : undefined;
}

/** Whether a refusal is temporary: the server has not seen the build's workers yet, or another client was faster. */
export function isPassing(error: unknown): boolean {
  return isGrpcServiceError(error) && comesLater.has(error.code);
}

/** How many runs of a build are open, according to visibility. */
export async function runningOn(
  { workflowService }: Services,
  namespace: string,
  build: string,
): Promise<number> {
  const query = `ExecutionStatus = 'Running' AND TemporalWorkerDeploymentVersion = '${deploymentName}:${build}'`;
  const { count } = await workflowService.countWorkflowExecutions({ namespace, query });
  return Number(count);
}
