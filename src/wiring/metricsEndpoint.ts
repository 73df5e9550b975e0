import type { Connection } from '@temporalio/client';
import type { Worker } from '@temporalio/worker';
import type { StepObserver } from '../observability/stepObserver/stepAttempt.ts';
import { codeVersion } from '../codeVersion.ts';
import { ConfigError, type MetricsSettings } from '../config.ts';
import { countSteps } from '../observability/metrics/countSteps.ts';
import { PipelineError } from '../domain/failures.ts';
import type { ReportName } from '../reports/index.ts';
import { PipelineMetrics, type End } from '../observability/metrics/pipelineMetrics.ts';
import { readiness, type Need } from '../observability/metrics/readiness.ts';
import type { SdkMetrics } from '../observability/metrics/sdkMetrics.ts';
import { listen, text, type Answer, type MetricsServer } from '../observability/metrics/server.ts';
import { shared } from '../observability/metrics/sharing.ts';
import { assertTemporalUsable } from '../temporal/health.ts';
import type { Warehouse } from '../warehouse/connect.ts';
import { DatabaseProbe } from '../warehouse/reportHealth.ts';
import { AgencyHealth } from './agencyHealth.ts';

export interface MetricsEndpoint {
  readonly observeStep: StepObserver;
  readonly timeExport: (report: ReportName, end: End, seconds: number) => void;
  /** Call when the worker has everything it needs; from then on readiness follows these parts. */
  watch(parts: WatchedParts): void;
  close(): Promise<void>;
}

interface WatchedParts {
  readonly warehouse: Warehouse;
  /** The reports that daily runs load. */
  readonly inUse: readonly ReportName[];
  readonly connection: Connection;
  readonly namespace: string;
  readonly workers: readonly Worker[];
  /** Other missing things, without which the worker still takes steps. */
  readonly missing: () => readonly string[];
}

/**
 * `/metrics`, `/healthz` and `/readyz`. Answers from the start, so that a supervisor sees a starting worker as alive.
 * @throws ConfigError if the address cannot be listened on
 */
export async function openMetricsEndpoint(
  settings: MetricsSettings,
  sdkMetrics: SdkMetrics,
): Promise<MetricsEndpoint> {
  const metrics = new PipelineMetrics({ codeVersion: codeVersion() });
  const agencies = new AgencyHealth();
  const closing = new AbortController();
  let database: DatabaseProbe | undefined;
  let needs: readonly Need[] = [() => Promise.resolve('the worker is starting')];
  let missing: WatchedParts['missing'] | undefined;
  const server = await listenOn(settings, {
    // Concurrent requests share one check, so that probes cannot overload the database.
    '/metrics': shared(() => scraped(metrics, { sdkMetrics, database, agencies })),
    '/healthz': () => Promise.resolve(text(200, 'alive')),
    '/readyz': shared(() => readiness(needs, missing?.())),
  });
  return {
    observeStep: countSteps(metrics, agencies),
    timeExport: (report, end, seconds) => metrics.timeExport(report, end, seconds),
    watch(parts) {
      database = new DatabaseProbe(parts.warehouse, parts.inUse);
      needs = needsOf(parts, database);
      ({ missing } = parts);
      void agencies.keepOn(closing.signal);
    },
    async close() {
      closing.abort();
      await server.close();
      await database?.close();
    },
  };
}

function needsOf({ connection, namespace, workers }: WatchedParts, database: DatabaseProbe): readonly Need[] {
  return [
    () => reasonOf(database.ping(), 'the database'),
    () => reasonOf(assertTemporalUsable(connection, namespace), 'Temporal'),
    () => Promise.resolve(notRunning(workers)),
  ];
}

async function listenOn(
  settings: MetricsSettings,
  routes: Parameters<typeof listen>[0],
): Promise<MetricsServer> {
  try {
    return await listen(routes, settings);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new ConfigError([
      `EHR_METRICS_PORT: got ${String(settings.port)}, which cannot be listened on at ${settings.host} (${code}), ` +
        'wanted a port that is free and allowed; each worker of a machine needs one of its own',
    ]);
  }
}

interface OtherSources {
  readonly sdkMetrics: SdkMetrics;
  readonly database: DatabaseProbe | undefined;
  readonly agencies: AgencyHealth;
}

/** Ours, then the SDK's. Sources that fail are left out, and `ehr_metrics_source_up` shows it. */
async function scraped(
  metrics: PipelineMetrics,
  { sdkMetrics, database, agencies }: OtherSources,
): Promise<Answer> {
  const [reports, sdk] = await Promise.all([
    orUndefined(database?.reports()),
    orUndefined(sdkMetrics.read()),
  ]);
  metrics.showLedgers([{ agency: undefined, reports }, ...agencies.all()]);
  metrics.showSdk(sdk !== undefined);
  const ours = await metrics.registry.metrics();
  return { status: 200, contentType: metrics.registry.contentType, body: `${ours}\n${sdk ?? ''}` };
}

async function orUndefined<Result>(asked: Promise<Result> | undefined): Promise<Result | undefined> {
  try {
    return await asked;
  } catch {
    return undefined;
  }
}

/** A driver's message may hold an address or more; codes and our own words do not. */
async function reasonOf(asked: Promise<void>, what: string): Promise<string | undefined> {
  try {
    await asked;
    return undefined;
  } catch (error) {
    if (error instanceof PipelineError) return error.message;
    const { code } = error as { code?: unknown };
    const named = typeof code === 'string' || typeof code === 'number' ? String(code) : 'unknown error';
    return `${what} does not answer (${named})`;
  }
}

/** The SDK calls a worker that was told to stop DRAINING or STOPPING, and one that broke FAILED. */
function notRunning(workers: readonly Worker[]): string | undefined {
  const others = workers.filter((worker) => worker.getState() !== 'RUNNING');
  if (others.length === 0) return undefined;
  const states = others.map((worker) => `${worker.options.taskQueue} is ${worker.getState()}`);
  return `the worker takes no new steps: ${states.join(', ')}`;
}
