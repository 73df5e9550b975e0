import { Client } from '@temporalio/client';
import { NativeConnection, Runtime, type TelemetryOptions } from '@temporalio/worker';
import { codeVersion } from './codeVersion.ts';
import {
  assertAgencyNames,
  browsersPerWorker,
  ConfigError,
  deployMode,
  enterEnvFile,
  metricsSettings,
  reportsInUse,
  temporalConnection,
  tracesEndpoint,
  workflowBundle,
} from './config.ts';
import { alertsWereOn } from './wiring/connectAlerts.ts';
import { AgencyPool, browserPlaces, opening } from './wiring/agencyPool.ts';
import { agencyRegistry } from './wiring/agencyRegistry.ts';
import { createWorkers } from './wiring/createWorkers.ts';
import { log } from './observability/log.ts';
import { showSourcePlaces } from './observability/sourcePlaces.ts';
import { temporalLogger } from './observability/temporalLog.ts';
import type { MetricsEndpoint } from './wiring/metricsEndpoint.ts';
import type { SdkMetrics } from './observability/metrics/sdkMetrics.ts';
import { createMover } from './temporal/moveRuns.ts';
import { openAgency } from './wiring/openAgency.ts';
import { runWorkers } from './temporal/runWorkers.ts';
import { hasVersioning } from './temporal/deployment.ts';
import { whyBroken } from './temporal/health.ts';
import { ensureSearchAttributes } from './temporal/searchAttributes.ts';
import type { Tracing } from './observability/tracing/tracing.ts';
import { guardUncaughtExceptions, guardUnhandledRejections } from './observability/unhandledRejections.ts';
import { createUpkeep } from './temporal/upkeep.ts';
import { readWorkflowCode } from './temporal/workflowBundle.ts';
import { connectTo } from './temporal/connection.ts';

/**
 * The composition root: configuration → adapters → activities → workers. On SIGTERM and SIGINT the workers take no more
 * steps; those in progress get the grace time, then the session logs out and everything closes.
 */
async function main(): Promise<void> {
  showSourcePlaces();
  guardUnhandledRejections();
  guardUncaughtExceptions();
  enterEnvFile();
  const metrics = await installRuntime();
  const tracing = await startTracing();
  assertAgencyNames();
  const temporal = temporalConnection();
  const mode = deployMode();
  const onExport = metrics?.timeExport;
  const browsers = browsersPerWorker();
  const places = browserPlaces(browsers);
  const home = await openAgency({ agency: undefined, env: process.env, onExport, places });
  const { config, warehouse } = home;
  const connection = await NativeConnection.connect(temporal.connectionOptions);
  const clientConnection = await connectTo(temporal.connectionOptions);
  await ensureSearchAttributes(clientConnection, temporal.namespace);
  const client = new Client({ connection: clientConnection, namespace: temporal.namespace });

  const agencies = new AgencyPool(home.portsWith(client), opening({ client, onExport, places }));
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
    registry: agencyRegistry(warehouse),
    alertsWereOn: () => alertsWereOn(warehouse),
  });
  const workers = await createWorkers(agencies.use, {
    connection,
    namespace: temporal.namespace,
    workflowCode,
    versioned,
    browsers,
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
    // The server routes to workers only once they poll; a worker that cannot run ends the wait.
    await Promise.race([upkeep.settle(ended.signal), running]);
    await upkeep.round();
    void upkeep.keepOn(ended.signal);
    metrics?.watch({
      warehouse,
      inUse: reportsInUse(config),
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
    await agencies.close();
    await home.signOut();
    // Closed late, so that probes see until now that no more steps are taken.
    await metrics?.close();
    await home.close();
    await clientConnection.close();
    // A worker that broke holds the connection until the process ends.
    if (workers.every((worker) => worker.getState() === 'STOPPED')) await connection.close();
    await tracing?.close();
    log.info('the worker has stopped; nothing is left running');
  }
}

// A step that is cancelled at the end of the grace time logs out and closes its browser within seconds.
const forcedAfterSeconds = 30;

/**
 * Installs the SDK's one runtime per process, before any connection, with the metrics if they are configured: only then
 * are their modules loaded.
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

/** Sends the log of the SDK's native part through ours, as one JSON object a line. */
const logging = { forward: {}, filter: { core: 'WARN', other: 'ERROR' } } as const;

/** Gives the SDK's metrics Prometheus names like ours: seconds, `_total`. */
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

try {
  await main();
} catch (error) {
  // Messages of configuration and set-up are written for people; no row has been read yet.
  log.fatal(
    error instanceof ConfigError ? error.message : error instanceof Error ? error.message : 'unknown error',
  );
  // Open resources, such as the database's connections, would keep the process alive forever, and a supervisor waits
  // for its end.
  process.exit(1);
}
