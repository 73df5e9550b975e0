import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { taskQueues } from '../../src/domain/temporalNames.ts';
import { periodText } from '../../src/domain/periods.ts';
import { goldenMonths } from '../golden/golden.ts';
import { recordedHistories, replayable } from '../histories/histories.ts';
import { leaksAt, privateTexts } from './leaks.ts';
import './quietRuntime.ts';
import { secretsOf, System } from './system.ts';
import { attributesOf, startTraceReceiver, type ReceivedSpan, type TraceReceiver } from './traceReceiver.ts';

const golden = goldenMonths.find(({ name }) => name === 'utilization-2026-09-01')!;
const { report, period } = golden;
const steps = ['planRun', 'takeFile', 'clean', 'categorize', 'aggregate', 'load'];
const daily = 'daily:traced';

let system: System;
let receiver: TraceReceiver;
let spans: ReceivedSpan[];
let tracedBundle: string;

beforeAll(async () => {
  receiver = await startTraceReceiver();
  system = await System.start({
    portal: { delays: { pageMs: 0, lateMs: 0, queryMs: 0, exportMs: 0 } },
  });
  tracedBundle = path.join(inject('built'), 'workflows-traced.cjs');

  // As `npm start` runs it, with the bundle that was built for traces.
  const worker = await system.startBuiltWorker({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint });
  await system.run('run', report, '--from', period.from, '--to', period.to, '--file', golden.exportPath);
  const missing = path.join(system.folder, 'missing.csv');
  await system.tryRun('run', 'notes', '--from', '2026-10-01', '--to', '2026-10-15', '--file', missing);
  const handle = await system.client.workflow.start('dailyRun', {
    workflowId: daily,
    taskQueue: taskQueues.pipeline,
    args: [{ day: '2026-11-16', reports: ['utilization'] }],
  });
  await handle.result();
  // What is left is sent before the end.
  await worker.stop();
  spans = receiver.spans();
});
afterAll(async () => {
  await system.stop();
  await receiver.close();
});

function named(name: string): ReceivedSpan[] {
  return spans.filter((span) => span.name === name);
}

function ofReport(wanted: string, name: string): ReceivedSpan[] {
  return named(name).filter(({ attributes }) => attributesOf(attributes)['ehr.report'] === wanted);
}

/** The names of a span and of those above it, innermost first. */
function lineageOf(span: ReceivedSpan): string[] {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return [span.name, ...(parent === undefined ? [] : lineageOf(parent))];
}

describe('the spans of a run by file', () => {
  test('are those of the workflow and of each of its steps, in one trace', () => {
    const [load] = ofReport(report, 'RunActivity:load');
    const inTrace = spans.filter(({ traceId }) => traceId === load!.traceId).map(({ name }) => name);
    expect(inTrace).toContain('RunWorkflow:runReport');
    for (const step of steps) expect(inTrace).toContain(`RunActivity:${step}`);
    expect(lineageOf(load!)).toEqual(['RunActivity:load', 'StartActivity:load', 'RunWorkflow:runReport']);
  });

  test('say what each step was about and how it ended', () => {
    for (const step of steps) {
      const [span] = ofReport(report, `RunActivity:${step}`);
      expect(attributesOf(span!.attributes)).toMatchObject({
        'ehr.report': report,
        'ehr.period': periodText(period),
        'ehr.end': 'done',
        'ehr.attempt': 1,
        'ehr.run': expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        temporalWorkflowId: `${report}:${periodText(period)}`,
      });
      expect(BigInt(span!.endTimeUnixNano)).toBeGreaterThan(BigInt(span!.startTimeUnixNano));
    }
  });

  test('come from a service with a name and a version', () => {
    expect(receiver.resource()).toMatchObject({
      'service.name': 'ehr-pipeline',
      'service.version': expect.stringMatching(/^[0-9a-f]{16}$/) as string,
    });
  });
});

test('a daily run and its children are one trace', () => {
  const [parent] = named('RunWorkflow:dailyRun');
  const children = spans.filter(
    ({ traceId, name }) => traceId === parent!.traceId && name === 'RunWorkflow:runReport',
  );
  expect(children).toHaveLength(2);
  expect(lineageOf(children[0]!)).toEqual([
    'RunWorkflow:runReport',
    'StartChildWorkflow:runReport',
    'RunWorkflow:dailyRun',
  ]);
});

describe('what goes over the wire', () => {
  test('of a failure is its type, not its words', () => {
    const failed = ofReport('notes', 'RunActivity:takeFile');
    expect(failed).toHaveLength(1);
    expect(attributesOf(failed[0]!.attributes)).toMatchObject({
      'ehr.end': 'failed',
      'ehr.failure_type': 'InvalidInput',
    });
    expect(failed[0]!.status).toEqual({ code: 2 });
    for (const body of receiver.bodies) {
      expect(body).not.toContain('missing.csv');
      expect(body).not.toContain('What to do');
    }
  });

  test('has no attributes but the named ones', () => {
    const keys = new Set(spans.flatMap(({ attributes }) => Object.keys(attributesOf(attributes))));
    expect([...keys].sort()).toEqual([
      'attempt',
      'ehr.attempt',
      'ehr.end',
      'ehr.failure_type',
      'ehr.period',
      'ehr.report',
      'ehr.run',
      'runId',
      'run_id',
      'taskQueue',
      'temporalActivityId',
      'temporalWorkflowId',
      'workflowId',
      'workflowType',
    ]);
  });

  test('names nobody', async () => {
    const secret = privateTexts([await readFile(golden.exportPath)], secretsOf(system.environment));
    const text = receiver.bodies.join('\n');
    expect(text.length).toBeGreaterThan(10_000);
    expect(leaksAt([{ place: 'traces', text }], secret)).toEqual([]);
  });
});

test('log lines of steps name the trace', async () => {
  const [log] = await system.workerLogs();
  const lines = log!.split('\n').filter((line) => line.includes('"load done"'));
  const [line] = lines.map((each) => JSON.parse(each) as Record<string, unknown>);
  expect(line!['trace_id']).toBe(ofReport(report, 'RunActivity:load')[0]!.traceId);
});

test('without a receiver runs go on, and one line says that no trace was sent', async () => {
  // Nobody listens on the discard port.
  const worker = await system.startWorker({
    EHR_WORKFLOW_BUNDLE: tracedBundle,
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
  });
  const printed = await system.run(
    'run',
    report,
    '--from',
    period.from,
    '--to',
    period.to,
    '--file',
    golden.exportPath,
    '--force',
    '--json',
  );
  expect(JSON.parse(printed)).toMatchObject({ result: { outcome: 'published' } });
  // The exporter tries a few times before it gives the spans up.
  const told = async () =>
    (await worker.log()).split('\n').filter((line) => line.includes('traces could not be sent'));
  await expect.poll(told, { timeout: 600_000, interval: 500 }).toHaveLength(1);
  expect(await worker.stop()).toBe(0);
});

async function replay(codePath: string, name: string, history: object): Promise<Error | undefined> {
  // Nothing is sent of what is replayed.
  const sinks = { exporter: { export: { fn: () => undefined } } };
  const options = { workflowBundle: { codePath }, sinks };
  const results = Worker.runReplayHistories(options, [{ workflowId: name, history }]);
  for await (const { error } of results) return error;
  throw new Error('nothing was replayed');
}

describe('runs that are under way when traces are turned on or off go on', () => {
  test.each(recordedHistories())('on: $name', async ({ events }) => {
    const { workflowId } = events[0]!['workflowExecutionStartedEventAttributes'] as { workflowId: string };
    expect(await replay(tracedBundle, workflowId, replayable(events))).toBeUndefined();
  });

  test.each([daily, `${report}:${periodText(period)}`])('off: %s', async (workflowId) => {
    const history = await system.client.workflow.getHandle(workflowId).fetchHistory();
    expect(await replay(inject('workflowBundle'), workflowId, history)).toBeUndefined();
  });
});
