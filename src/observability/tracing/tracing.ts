import { trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { setGlobalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResourcesSync, envDetectorSync, Resource } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import {
  makeWorkflowExporter,
  OpenTelemetryActivityInboundInterceptor,
  OpenTelemetryActivityOutboundInterceptor,
} from '@temporalio/interceptors-opentelemetry';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import pTimeout from 'p-timeout';
import type { OpenTelemetrySinks } from '@temporalio/interceptors-opentelemetry/lib/workflow/definitions.js';
import type { StepObserver } from '../stepObserver/stepAttempt.ts';
import { periodText } from '../../domain/periods.ts';
import { withoutTrailingSlashes } from '../../domain/trailingSlashes.ts';
import { onlyNamedParts } from './namedParts.ts';
import { tracedWorkflowModules } from './workflowModules.ts';

export interface TracingOptions {
  /** Base address of the receiver, without `/v1/traces`. */
  readonly endpoint: string;
  readonly codeVersion: string;
  /** Called at most once a minute with the reason why spans were not accepted: a class or a code. */
  readonly onTrouble: (reason: string) => void;
}

export interface Tracing {
  /** Must come before all other interceptors, so that their work belongs to the span. */
  readonly activityInterceptor: ActivityInterceptorsFactory;
  /** Modules to bundle with the workflows. */
  readonly workflowModules: string[];
  /** The sinks of the worker that runs workflows. */
  readonly sinks: InjectedSinks<OpenTelemetrySinks>;
  /** Records on the step's span what it was about and how it ended. */
  readonly observeStep: StepObserver;
  /** Sends the remaining spans, for at most some seconds. */
  close(): Promise<void>;
}

// The worker has stopped by then, and its restart waits for it.
const flushSeconds = 5;

/** Spans of workflows and steps, sent by OTLP over HTTP. If the receiver fails, spans are dropped; no step waits. */
export function startTracing({ endpoint, codeVersion, onTrouble }: TracingOptions): Tracing {
  setGlobalErrorHandler(atMostOnceAMinute((error) => onTrouble(reasonOf(error))));
  const exporter = new OTLPTraceExporter({ url: `${withoutTrailingSlashes(endpoint)}/v1/traces` });
  const processor = new BatchSpanProcessor(onlyNamedParts(exporter));
  const resource = new Resource({ 'service.name': 'ehr-pipeline', 'service.version': codeVersion }).merge(
    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES.
    detectResourcesSync({ detectors: [envDetectorSync] }),
  );
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
  provider.register({
    contextManager: new AsyncLocalStorageContextManager(),
    propagator: new W3CTraceContextPropagator(),
  });
  return {
    activityInterceptor: (context) => {
      const outbound = new OpenTelemetryActivityOutboundInterceptor(context);
      return {
        inbound: new OpenTelemetryActivityInboundInterceptor(context),
        // Log lines get trace and span ids. Metrics do not: each trace would become a time series of its own.
        outbound: { getLogAttributes: (input, next) => outbound.getLogAttributes(input, next) },
      };
    },
    workflowModules: tracedWorkflowModules,
    sinks: { exporter: makeWorkflowExporter(processor, resource) },
    observeStep,
    close: () => withinSeconds(provider.shutdown()),
  };
}

const observeStep: StepObserver = ({ subject, attempt, end }) => {
  const { report, period, run } = subject ?? {};
  trace.getActiveSpan()?.setAttributes({
    'ehr.attempt': attempt,
    'ehr.end': end.kind,
    ...(end.kind === 'failed' ? { 'ehr.failure_type': end.type } : {}),
    ...(report === undefined ? {} : { 'ehr.report': report }),
    ...(period === undefined ? {} : { 'ehr.period': periodText(period) }),
    ...(run === undefined ? {} : { 'ehr.run': run }),
  });
};

/** The exporter's message may hold the address with its credentials. */
function reasonOf(error: unknown): string {
  const { code, name } = Object(error) as { code?: unknown; name?: unknown };
  if (typeof code === 'string' || typeof code === 'number') return String(code);
  return typeof name === 'string' ? name : typeof error;
}

function atMostOnceAMinute(tell: (error: unknown) => void): (error: unknown) => void {
  let lastTold = -Infinity;
  return (error) => {
    if (Date.now() - lastTold < 60_000) return;
    lastTold = Date.now();
    tell(error);
  };
}

async function withinSeconds(work: Promise<void>): Promise<void> {
  await pTimeout(work, { milliseconds: flushSeconds * 1000, message: false }).catch(() => undefined);
}
