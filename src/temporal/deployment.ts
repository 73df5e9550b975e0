import { isGrpcServiceError, type Connection } from '@temporalio/client';
import { deploymentName } from '../domain/names.ts';
import { pollingBuilds } from './pollers.ts';

/**
 * Worker deployment versioning: one deployment of both task queues, one version per workflow bundle. A run stays with
 * the version that it began on (PINNED), so a changed workflow never replays the history of another one.
 */

type Services = Pick<Connection, 'workflowService'>;

/** One version of the deployment, which is one workflow bundle. */
export interface Build {
  readonly id: string;
  /** When its first worker asked for work, in nanoseconds since 1970. */
  readonly createdAt: bigint;
}

export interface Deployment {
  /** The build that takes new runs; undefined before the first one. */
  readonly current: string | undefined;
  readonly builds: readonly Build[];
  /** Builds with a worker that asked for work lately. */
  readonly polling: ReadonlySet<string>;
  /** Of the state that was read: a change based on an older one is refused. */
  readonly conflictToken: Uint8Array;
}

/** `NOT_FOUND` of `google.rpc.Code`. */
const notFound: ReadonlySet<number> = new Set([5]);
/** `FAILED_PRECONDITION`, `ABORTED`, `NOT_FOUND`, `UNAVAILABLE`: a version that is just being registered. */
const comesLater: ReadonlySet<number> = new Set([5, 9, 10, 14]);
/** `PERMISSION_DENIED` where it is switched off, `UNIMPLEMENTED` of servers that do not know it. */
const unavailable: ReadonlySet<number> = new Set([7, 12]);

/** Whether the server knows worker deployments in this namespace, and lets us use them. */
export async function hasVersioning({ workflowService }: Services, namespace: string): Promise<boolean> {
  try {
    await workflowService.describeWorkerDeploymentVersion({
      namespace,
      deploymentVersion: { deploymentName, buildId: 'none' },
    });
    return true;
  } catch (error) {
    if (!isGrpcServiceError(error)) throw error;
    if (notFound.has(error.code)) return true;
    if (unavailable.has(error.code)) return false;
    throw error;
  }
}

/** The deployment as it stands; undefined where no versioned worker has ever come. */
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
    if (isGrpcServiceError(error) && notFound.has(error.code)) return undefined;
    throw error;
  }
}

/**
 * Routes new runs to a build. Refused by the server while that build has no worker on both queues.
 * @param ifUnchanged the deployment as it was when this was decided
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

type PinnedOverride = NonNullable<
  NonNullable<
    NonNullable<
      Parameters<
        Connection['workflowService']['updateWorkflowExecutionOptions']
      >[0]['workflowExecutionOptions']
    >['versioningOverride']
  >['pinned']
>;

/** `PINNED_OVERRIDE_BEHAVIOR_PINNED`; the SDK exports no name for it. */
const behaviors = { pinned: 1 } as object as Readonly<
  Record<'pinned', NonNullable<PinnedOverride['behavior']>>
>;

/** Lets another build go on with a run, from its next workflow task; what it starts and continues as goes with it. */
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
        pinned: { behavior: behaviors.pinned, version: { deploymentName, buildId: build } },
      },
    },
    updateMask: { paths: ['versioning_override'] },
  });
}

/** What a starting worker of a build does about new runs. */
export type Takeover =
  | { readonly kind: 'current' }
  | { readonly kind: 'take'; readonly because: 'none is' | 'newer' | 'the current one has no worker' }
  /** Its version is not there yet. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'leave'; readonly current: string | undefined };

export type DeployMode = 'auto' | 'manual';

export interface TakeoverTerms {
  readonly mode: DeployMode;
  /** Whether the build has taken new runs, or left them, since its worker started. */
  readonly settled: boolean;
}

/**
 * A build takes new runs as it starts: when none does, and when it is newer than the one that does. An older build that
 * comes back to finish its runs leaves them alone. Later on people decide, as by `client deploy`, and a worker takes them
 * only when nobody is left of the build that has them.
 */
export function takeoverOf(
  build: string,
  deployment: Deployment | undefined,
  { mode, settled }: TakeoverTerms,
): Takeover {
  const own = deployment?.builds.find(({ id }) => id === build);
  if (deployment === undefined || own === undefined) return { kind: 'wait' };
  const { current, builds, polling } = deployment;
  if (current === build) return { kind: 'current' };
  if (current === undefined)
    return settled ? { kind: 'leave', current } : { kind: 'take', because: 'none is' };
  if (mode === 'manual') return { kind: 'leave', current };
  const other = builds.find(({ id }) => id === current);
  const isNewer = other === undefined || own.createdAt > other.createdAt;
  if (isNewer && !settled) return { kind: 'take', because: 'newer' };
  return polling.has(current)
    ? { kind: 'leave', current }
    : { kind: 'take', because: 'the current one has no worker' };
}

/** Whether a refusal passes: the server has not seen the build's workers yet, or somebody else was quicker. */
export function isPassing(error: unknown): boolean {
  return isGrpcServiceError(error) && comesLater.has(error.code);
}

/** How many runs of a build are under way, as far as visibility knows. */
export async function runningOn(
  { workflowService }: Services,
  namespace: string,
  build: string,
): Promise<number> {
  const query = `ExecutionStatus = 'Running' AND TemporalWorkerDeploymentVersion = '${deploymentName}:${build}'`;
  const { count } = await workflowService.countWorkflowExecutions({ namespace, query });
  return Number(count);
}
