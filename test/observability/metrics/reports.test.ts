import { expect, test } from 'vitest';
import { periodStates } from '../../../src/domain/periodState.ts';
import { PipelineMetrics } from '../../../src/observability/metrics/pipelineMetrics.ts';
import { samplesIn } from './samples.ts';

const published = {
  report: 'utilization',
  lastPublish: {
    at: '2026-11-16T08:31:00.500Z',
    periodStart: '2026-10-01',
    rows: 238,
    sums: { authorized_dollars: '1307998.12', billed_dollars: '-0.01', authorized_units: '12.2500' },
  },
  lastConfirmedAt: '2026-11-17T08:31:00.000Z',
  held: 1,
  states: { settled: 2, stale: 1 },
} as const;

async function shown(metrics: PipelineMetrics): Promise<Record<string, number>> {
  const samples = samplesIn(await metrics.registry.metrics());
  return Object.fromEntries(Array.from(samples).filter(([name]) => /^ehr_(last_|held_)/.test(name)));
}

test('what the ledger says is shown by report, dollars by column', async () => {
  const metrics = new PipelineMetrics({ codeVersion: '0' });
  metrics.showLedgers([
    {
      agency: undefined,
      reports: [
        published,
        { report: 'notes', lastPublish: null, lastConfirmedAt: null, held: 0, states: {} },
      ],
    },
  ]);
  expect(await shown(metrics)).toEqual({
    'ehr_last_publish_timestamp_seconds{report="utilization"}': Date.UTC(2026, 10, 16, 8, 31, 0, 500) / 1000,
    'ehr_last_publish_period_start_timestamp_seconds{report="utilization"}': Date.UTC(2026, 9, 1) / 1000,
    'ehr_last_publish_rows{report="utilization"}': 238,
    'ehr_last_publish_dollars{report="utilization",column="authorized_dollars"}': 1307998.12,
    'ehr_last_publish_dollars{report="utilization",column="billed_dollars"}': -0.01,
    'ehr_last_confirmed_timestamp_seconds{report="utilization"}': Date.UTC(2026, 10, 17, 8, 31) / 1000,
    'ehr_held_runs{report="utilization"}': 1,
    'ehr_held_runs{report="notes"}': 0,
  });
});

test('periods are counted by their state, 0 where none is in it', async () => {
  const metrics = new PipelineMetrics({ codeVersion: '0' });
  metrics.showLedgers([{ agency: undefined, reports: [published] }]);
  const samples = samplesIn(await metrics.registry.metrics());
  const periods = Object.fromEntries(Array.from(samples).filter(([name]) => name.startsWith('ehr_periods')));
  expect(periods).toEqual(
    Object.fromEntries(
      periodStates.map((state) => [
        `ehr_periods{report="utilization",state="${state}"}`,
        { settled: 2, stale: 1 }[state as string] ?? 0,
      ]),
    ),
  );
  metrics.showLedgers([{ agency: undefined, reports: undefined }]);
  expect(
    (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith('ehr_periods')),
  ).toEqual([]);
});

test('where the ledger cannot be read, nothing old is shown', async () => {
  const metrics = new PipelineMetrics({ codeVersion: '0' });
  metrics.showLedgers([{ agency: undefined, reports: [published] }]);
  metrics.showLedgers([{ agency: undefined, reports: undefined }]);
  expect(await shown(metrics)).toEqual({});
});

test('each agency has its own figures, and one that cannot be read says so', async () => {
  const metrics = new PipelineMetrics({ codeVersion: '0' });
  metrics.showLedgers([
    { agency: undefined, reports: [published] },
    { agency: 'acme', reports: [{ ...published, held: 3 }] },
    { agency: 'bolt', reports: undefined },
  ]);
  metrics.showSdk(true);
  const samples = samplesIn(await metrics.registry.metrics());
  const of = (name: string) => [...samples].filter(([sample]) => sample.startsWith(`${name}{`));
  expect(of('ehr_held_runs')).toEqual([
    ['ehr_held_runs{report="utilization"}', 1],
    ['ehr_held_runs{agency="acme",report="utilization"}', 3],
  ]);
  expect(of('ehr_metrics_source_up')).toEqual([
    ['ehr_metrics_source_up{source="ledger"}', 1],
    ['ehr_metrics_source_up{agency="acme",source="ledger"}', 1],
    ['ehr_metrics_source_up{agency="bolt",source="ledger"}', 0],
    ['ehr_metrics_source_up{source="sdk"}', 1],
  ]);
});
