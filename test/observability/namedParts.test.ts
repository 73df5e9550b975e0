import { SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';
import { onlyNamedParts } from '../../src/observability/tracing/namedParts.ts';

function exportedBy(fill: (exporter: SpanExporter) => void): ReadableSpan[] {
  const memory = new InMemorySpanExporter();
  fill(onlyNamedParts(memory));
  return memory.getFinishedSpans();
}

test('a span leaves the worker with nothing but what the list names', () => {
  const [span] = exportedBy((exporter) => {
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    const one = provider.getTracer('test').startSpan('RunActivity:clean');
    one.setAttributes({ 'ehr.report': 'notes', memo: 'Marlow, Agatha', file: '/exports/marlow.csv' });
    one.recordException(new TypeError('Marlow, Agatha'));
    one.setStatus({ code: SpanStatusCode.ERROR, message: 'Marlow, Agatha' });
    one.end();
  });
  expect(span!.name).toBe('RunActivity:clean');
  expect(span!.spanContext().traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(span!.duration).toHaveLength(2);
  expect(span!.attributes).toEqual({ 'ehr.report': 'notes' });
  expect(span!.status).toEqual({ code: SpanStatusCode.ERROR });
  expect(span!.events.map(({ name, attributes }) => ({ name, attributes }))).toEqual([
    { name: 'exception', attributes: { 'exception.type': 'TypeError' } },
  ]);
});
