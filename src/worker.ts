import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import {
  NativeConnection,
  Runtime,
  Worker,
  type ActivityInterceptorsFactory,
  type TelemetryOptions,
  type WorkerOptions,
} from '@temporalio/worker';
import { createAlertActivities } from './alerts/activities.ts';
import { activityInputs } from './wiring/activityInputs.ts';
import { FailureInterceptor } from './activities/failureInterceptor.ts';
import { createPipelineActivities, createPortalActivities } from './activities/index.ts';
import { InputInterceptor } from './activities/inputInterceptor.ts';
import type { Ports } from './ports.ts';
import type { StepObserver } from './observability/watch/stepAttempt.ts';
import { StepWatch } from './observability/watch/stepWatch.ts';
import { codeVersion } from './codeVersion.ts';
import {
  artifactsDirectory,
  ConfigError,
  configPath,
  databaseSettings,
  loginKey,
  deployMode,
  inboxDirectory,
  metricsSettings,
  nameKey,
  portalSettings,
  readPipelineConfig,
  temporalConnection,
  tracesEndpoint,
  workflowBundle,
} from './config.ts';
import { removeAbandoned } from './artifacts/abandoned.ts';
import { handedInFolder } from './artifacts/inbox.ts';
import { alertChannels, connectAlerts } from './wiring/connectAlerts.ts';
import { connectPorts, scratchFolder } from './wiring/connectPorts.ts';
import { createDashboardActivities } from './dashboard/activity.ts';
import { dailyDashboardPorts } from './wiring/dashboardPorts.ts';
import { deploymentName, taskQueues } from './domain/names.ts';
import { log, temporalLogger } from './observability/log.ts';
import type { MetricsEndpoint } from './wiring/metricsEndpoint.ts';
import type { SdkMetrics } from './observability/metrics/sdkMetrics.ts';
import { createMover } from './temporal/moveRuns.ts';
import { openPortalDesk } from './wiring/portalDesk.ts';
import { runWorkers } from './temporal/runWorkers.ts';
import { hasVersioning } from './temporal/deployment.ts';
import { whyBroken } from './temporal/health.ts';
import { ensureSearchAttributes } from './temporal/searchAttributes.ts';
import type { Tracing } from './observability/tracing/tracing.ts';
import { guardUncaughtExceptions, guardUnhandledRejections } from './observability/unhandledRejections.ts';
import { createUpkeep } from './temporal/upkeep.ts';
import { readLook } from './warehouse/alerts.ts';
import { openWarehouse } from './warehouse/connect.ts';
import { checkVersion } from './warehouse/migrate.ts';
import { readWorkflowCode, type WorkflowCode } from './temporal/workflowBundle.ts';

/**
 * The composition root: configuration → adapters → activities → workers. SIGTERM and SIGINT make the workers take
 * no more steps; those under way get the grace time, then the session is logged out and everything closed.
 */
async function main(): Promise<void> {
  guardUnhandledRejections();
  guardUncaughtExceptions();
  const metrics = await installRuntime();
  const tracing = await startTracing();
  const config = readPipelineConfig(configPath());
  const temporal = temporalConnection();
  const mode = deployMode();
  const secret = nameKey();
  const channels = await alertChannels(config);
  const folder = artifactsDirectory();
  await mkdir(scratchFolder(folder), { recursive: true, mode: 0o700 });
  await removeAbandoned(scratchFolder(folder));
  await removeAbandoned(path.join(inboxDirectory(), handedInFolder));

  const warehouse = await openWarehouse(databaseSettings());
  await checkVersion(warehouse);
  const desk = await openPortalDesk({
    config: config.portal,
    timeZone: config.organisation.timeZone,
    settings: portalSettings(),
    warehouse,
    secrets: { loginKey: loginKey(), nameKey: secret },
    folder,
    onExport: metrics?.timeExport,
  });
  const connection = await NativeConnection.connect(temporal.connectionOptions);
  const clientConnection = await Connection.connect(temporal.connectionOptions);
  await ensureSearchAttributes(clientConnection, temporal.namespace);
  const client = new Client({ connection: clientConnection, namespace: temporal.namespace });

  const ports = connectPorts({ config, secret, folder, inbox: inboxDirectory(), warehouse, desk, client });
  const activities = {
    ...createPipelineActivities(ports),
    ...createDashboardActivities(dailyDashboardPorts(config, warehouse)),
    ...createAlertActivities(connectAlerts({ config, warehouse, client, channels })),
  };
  const workflowCode = await readWorkflowCode({
    named: workflowBundle(),
    workflowModules: tracing?.workflowModules,
  });
  const versioned = await hasVersioning(clientConnection, temporal.namespace);
  if (!versioned) {
    log.warn(
      'this Temporal server has no worker versioning (1.28 or later has it): end all runs before the workflows change',
    );
  }
  const upkeep = createUpkeep({
    client,
    config,
    deploy: versioned
      ? { build: workflowCode.buildId, mode, moveRuns: createMover(client, workflowCode) }
      : undefined,
    alertsWereOn: async () => (await readLook(warehouse)) !== null,
  });
  const workers = await createWorkers(ports, activities, {
    connection,
    namespace: temporal.namespace,
    workflowCode,
    versioned,
    shutdownGraceTime: config.worker.shutdownGraceSeconds * 1000,
    shutdownForceTime: (config.worker.shutdownGraceSeconds + forcedAfterSeconds) * 1000,
    metrics,
    tracing,
  });
  const ended = new AbortController();
  try {
    const running = runWorkers(workers, {
      signal: ended.signal,
      whyBroken: () => whyBroken(clientConnection, temporal.namespace),
    });
    // Routed to only once they ask for work; a worker that cannot run ends the wait.
    await Promise.race([upkeep.settle(ended.signal), running]);
    await upkeep.round();
    void upkeep.keepOn(ended.signal);
    metrics?.watch({
      warehouse,
      connection: clientConnection,
      namespace: temporal.namespace,
      workers,
      missing: upkeep.missing,
    });
    log.info(
      {
        address: temporal.connectionOptions.address,
        namespace: temporal.namespace,
        build: workflowCode.buildId,
      },
      'the worker is ready',
    );
    await running;
  } finally {
    ended.abort();
    await desk.close();
    // Probes have heard for as long as it took that no step is taken any more.
    await metrics?.close();
    await warehouse.close();
    await clientConnection.close();
    // A worker that broke keeps hold of it until the process ends.
    if (workers.every((worker) => worker.getState() === 'STOPPED')) await connection.close();
    await tracing?.close();
    log.info('the worker has stopped; nothing is left running');
  }
}

// A step whose cancellation comes with the end of the grace time logs out and closes its browser within seconds.
const forcedAfterSeconds = 30;

/**
 * The SDK's one runtime per process, made before any connection, and with it the metrics where they are wanted: what
 * they need is loaded then only.
 */
async function installRuntime(): Promise<MetricsEndpoint | undefined> {
  const settings = metricsSettings();
  if (settings === undefined) {
    Runtime.install({ logger: temporalLogger(), telemetryOptions: { logging } });
    return undefined;
  }
  const { placeForSdkMetrics } = await import('./observability/metrics/sdkMetrics.ts');
  const { openMetricsEndpoint } = await import('./wiring/metricsEndpoint.ts');
  const sdkMetrics = await placeForSdkMetrics();
  Runtime.install({
    logger: temporalLogger(),
    telemetryOptions: { logging, metrics: prometheusOf(sdkMetrics) },
  });
  return openMetricsEndpoint(settings, sdkMetrics);
}

/** What the SDK's native part says goes through our log too, as one JSON object a line. */
const logging = { forward: {}, filter: { core: 'WARN', other: 'ERROR' } } as const;

/** The SDK's names as Prometheus wants them, like ours: seconds, `_total`. */
function prometheusOf({ bindAddress }: SdkMetrics): NonNullable<TelemetryOptions['metrics']> {
  return {
    prometheus: { bindAddress, countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true },
  };
}

async function startTracing(): Promise<Tracing | undefined> {
  const endpoint = tracesEndpoint();
  if (endpoint === undefined) return undefined;
  const tracing = await import('./observability/tracing/tracing.ts');
  return tracing.startTracing({
    endpoint,
    codeVersion: codeVersion(),
    onTrouble: (reason) => log.warn({ reason }, 'traces could not be sent'),
  });
}

type SharedOptions = Pick<
  WorkerOptions,
  'connection' | 'namespace' | 'shutdownGraceTime' | 'shutdownForceTime'
>;

interface Watchers {
  readonly metrics: MetricsEndpoint | undefined;
  readonly tracing: Tracing | undefined;
}

interface Versioned {
  readonly workflowCode: WorkflowCode;
  /** Whether the server knows worker deployments. */
  readonly versioned: boolean;
}

async function createWorkers(
  ports: Ports,
  activities: object,
  { metrics, tracing, workflowCode, versioned, ...shared }: SharedOptions & Watchers & Versioned,
): Promise<Worker[]> {
  const observers = [metrics?.observeStep, tracing?.observeStep].filter((each) => each !== undefined);
  const activity = activityInterceptors(observers, tracing);
  const options: Omit<WorkerOptions, 'taskQueue'> = {
    ...shared,
    // A cancellation reaches an activity with the answer to a heartbeat: within two seconds instead of up to 24.
    maxHeartbeatThrottleInterval: '2 s',
    interceptors: { activity },
    ...(versioned ? { workerDeploymentOptions: deploymentOf(workflowCode) } : {}),
  };
  const pipeline = await Worker.create({
    ...options,
    workflowBundle: { code: workflowCode.code },
    ...(tracing === undefined ? {} : { sinks: tracing.sinks }),
    taskQueue: taskQueues.pipeline,
    activities,
    // Each streams a file or loads a period; two cores are busy with a few.
    maxConcurrentActivityTaskExecutions: 8,
    // A cached run holds its history; runs are short and a daily run has a handful of children.
    maxCachedWorkflows: 200,
  });
  const portal = await Worker.create({
    ...options,
    taskQueue: taskQueues.portal,
    activities: createPortalActivities(ports),
    // One login, one browser. Across workers the lock in the database says the same.
    maxConcurrentActivityTaskExecutions: 1,
  });
  return [pipeline, portal];
}

/** From the outermost to the innermost: a span holds what is counted and logged of a step, all of it failures of the one list. */
function activityInterceptors(
  observers: readonly StepObserver[],
  tracing: Tracing | undefined,
): ActivityInterceptorsFactory[] {
  const watched: ActivityInterceptorsFactory = (context) => {
    const watch = new StepWatch(context, observers);
    return { inbound: watch, outbound: watch };
  };
  return [
    ...(tracing === undefined ? [] : [tracing.activityInterceptor]),
    watched,
    (context) => ({ inbound: new FailureInterceptor(context) }),
    (context) => ({ inbound: new InputInterceptor(context, activityInputs) }),
  ];
}

/** A run stays with the workflows that it began with; another bundle takes the new ones only. */
function deploymentOf({ buildId }: WorkflowCode): NonNullable<WorkerOptions['workerDeploymentOptions']> {
  return {
    version: { deploymentName, buildId },
    useWorkerVersioning: true,
    defaultVersioningBehavior: 'PINNED',
  };
}

try {
  await main();
} catch (error) {
  // What configuration and set-up say is meant for people; nothing there has seen a row yet.
  log.fatal(
    error instanceof ConfigError ? error.message : error instanceof Error ? error.message : 'unknown error',
  );
  // What had been opened before the failure, the database's connections for one, would keep the process alive for
  // ever, and whoever restarts workers waits for its end.
  process.exit(1);
}
