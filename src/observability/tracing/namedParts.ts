import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';

/**
 * What a span may contain. The SDK puts everything that Temporal knows of a workflow on its spans, and the message and
 * stack of every error. Those are clean too, but a trace leaves the site: whatever is not in this list is dropped.
 */
const named: ReadonlySet<string> = new Set([
  // The SDK's, on workflows and steps.
  'attempt',
  'run_id',
  'runId',
  'taskQueue',
  'temporalActivityId',
  'temporalWorkflowId',
  'workflowId',
  'workflowType',
  // Ours, on steps.
  'ehr.attempt',
  'ehr.end',
  'ehr.failure_type',
  'ehr.period',
  'ehr.report',
  'ehr.run',
  // Only the class of an error.
  'exception.type',
]);

/** An exporter that passes on only the listed parts of each span. */
export function onlyNamedParts(exporter: SpanExporter): SpanExporter {
  return {
    export: (spans, done) => exporter.export(spans.map(withNamedParts), done),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}

function withNamedParts(span: ReadableSpan): ReadableSpan {
  const { code } = span.status;
  const events = span.events.map((event) => ({ ...event, attributes: namedOf(event.attributes ?? {}) }));
  // A span computes some of its fields, so it is wrapped rather than copied.
  return Object.create(span, {
    attributes: { value: namedOf(span.attributes) },
    events: { value: events },
    status: { value: { code } },
  }) as ReadableSpan;
}

function namedOf(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => named.has(name)));
}
