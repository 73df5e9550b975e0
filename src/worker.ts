import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
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
import { FailureInterceptor } from './activities/failureInterceptor.ts';
import { createPipelineActivities, createPortalActivities } from './activities/index.ts';
import type { Ports } from './activities/ports.ts';
import { StepWatch, type StepObserver } from './watch/stepWatch.ts';
import { codeVersion } from './codeVersion.ts';
import {
  artifactsDirectory,
  ConfigError,
  configPath,
  databaseSettings,
  loginKey,
  metricsSettings,
  nameKey,
  portalSettings,
  readPipelineConfig,
  temporalConnection,
  tracesEndpoint,
  workflowBundle,
} from './config.ts';
import { removeAbandoned } from './artifacts/abandoned.ts';
import { alertChannels, connectAlerts } from './connectAlerts.ts';
import { connectPorts, scratchFolder } from './connectPorts.ts';
import { createDashboardActivities } from './dashboard/activity.ts';
import { dailyDashboardPorts } from './dashboardPorts.ts';
import { taskQueues } from './domain/names.ts';
import { log, temporalLogger } from './log.ts';
import type { MetricsEndpoint } from './metricsEndpoint.ts';
import type { SdkMetrics } from './metrics/sdkMetrics.ts';
import { openPortalDesk } from './portalDesk.ts';
import { ensureSearchAttributes } from './temporal/searchAttributes.ts';
import type { Tracing } from './tracing/tracing.ts';
import { guardUncaughtExceptions, guardUnhandledRejections } from './unhandledRejections.ts';
import { openWarehouse } from './warehouse/connect.ts';
import { checkVersion } from './warehouse/migrate.ts';

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
  const secret = nameKey();
  const channels = await alertChannels(config);
  const folder = artifactsDirectory();
  await mkdir(scratchFolder(folder), { recursive: true, mode: 0o700 });
  await removeAbandoned(scratchFolder(folder));

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
  await ensureSearchAttributes(connection, temporal.namespace);
  const client = new Client({ connection: clientConnection, namespace: temporal.namespace });

  const ports = connectPorts({ config, secret, folder, warehouse, desk, client });
  const activities = {
    ...createPipelineActivities(ports),
    ...createDashboardActivities(dailyDashboardPorts(config, warehouse)),
    ...createAlertActivities(connectAlerts({ config, warehouse, client, channels })),
  };
  const workers = await createWorkers(ports, activities, {
    connection,
    namespace: temporal.namespace,
    shutdownGraceTime: config.worker.shutdownGraceSeconds * 1000,
    shutdownForceTime: (config.worker.shutdownGraceSeconds + forcedAfterSeconds) * 1000,
    metrics,
    tracing,
  });
  metrics?.watch({ warehouse, connection: clientConnection, workers });
  log.info(
    { address: temporal.connectionOptions.address, namespace: temporal.namespace },
    'the worker is ready',
  );
  try {
    await Promise.all(workers.map((worker) => worker.run()));
  } finally {
    await desk.close();
    // Probes have heard for as long as it took that no step is taken any more.
    await metrics?.close();
    await warehouse.close();
    await clientConnection.close();
    await connection.close();
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
  const { placeForSdkMetrics } = await import('./metrics/sdkMetrics.ts');
  const { openMetricsEndpoint } = await import('./metricsEndpoint.ts');
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
  const tracing = await import('./tracing/tracing.ts');
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

async function createWorkers(
  ports: Ports,
  activities: object,
  { metrics, tracing, ...shared }: SharedOptions & Watchers,
): Promise<Worker[]> {
  const observers = [metrics?.observeStep, tracing?.observeStep].filter((each) => each !== undefined);
  const activity = activityInterceptors(observers, tracing);
  const options: Omit<WorkerOptions, 'taskQueue'> = {
    ...shared,
    // A cancellation reaches an activity with the answer to a heartbeat: within two seconds instead of up to 24.
    maxHeartbeatThrottleInterval: '2 s',
    interceptors: { activity },
  };
  const { code, workflowModules } = workflowCode(tracing);
  const pipeline = await Worker.create({
    ...options,
    ...code,
    interceptors: { activity, workflowModules },
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
  ];
}

/**
 * A worker that was built (`npm run build`) has its bundles beside it; one that runs from source makes its own now.
 * Spans of workflows need a bundle of their own; a bundle that the environment names is taken as it is.
 */
function workflowCode(tracing: Tracing | undefined): WorkflowCode {
  const built = beside(tracing === undefined ? '../workflows.cjs' : '../workflows-traced.cjs');
  const codePath = workflowBundle() ?? (isBuilt ? built : undefined);
  if (codePath !== undefined) return { code: { workflowBundle: { codePath } }, workflowModules: [] };
  return {
    code: { workflowsPath: beside('workflows/index.ts') },
    workflowModules: tracing?.workflowModules ?? [],
  };
}

interface WorkflowCode {
  readonly code: Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'>;
  /** To be bundled with it. */
  readonly workflowModules: string[];
}

const isBuilt = import.meta.url.endsWith('.js');

function beside(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
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
