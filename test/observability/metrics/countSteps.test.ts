import { expect, test } from 'vitest';
import { countSteps } from '../../../src/observability/metrics/countSteps.ts';
import { reportNames } from '../../../src/reports/index.ts';
import { PipelineMetrics } from '../../../src/observability/metrics/pipelineMetrics.ts';
import type { StepAttempt, StepEnd } from '../../../src/observability/stepObserver/stepAttempt.ts';
import { samplesIn } from './samples.ts';

const done = (result?: unknown): StepEnd => ({ kind: 'done', result });

function anAttempt(changes: Partial<StepAttempt>): StepAttempt {
  return {
    step: 'clean',
    subject: { report: 'notes' },
    attempt: 1,
    seconds: 2,
    input: {},
    end: done(),
    ...changes,
  };
}

/** Agencies whose ledgers have changed. */
const ended: string[] = [];

/** What differs from the figures of a worker that has done nothing yet. */
async function countedOf(...attempts: StepAttempt[]): Promise<Record<string, number>> {
  const metrics = new PipelineMetrics({ codeVersion: '0123456789abcdef' });
  const observe = countSteps(metrics, { has: (id) => id === 'acme', runEnded: (id) => void ended.push(id) });
  for (const attempt of attempts) observe(attempt);
  const samples = samplesIn(await metrics.registry.metrics());
  return Object.fromEntries(
    Array.from(samples).filter(
      ([name, value]) => value !== 0 && /^ehr_(?!build_info)/.test(name) && !name.includes('_bucket'),
    ),
  );
}

/** What `recordOutcome` takes of a run that failed; by default of the portal, refused before it had an export. */
function failedRun({
  failureType = 'InvalidInput',
  source = 'portal',
  from = '2026-10-16',
  exportSha256,
}: {
  failureType?: string;
  source?: 'portal' | 'file';
  from?: string;
  exportSha256?: string;
}) {
  const versions = exportSha256 === undefined ? {} : { versions: { exportSha256 } };
  return { run: { source, period: { from, to: from } }, outcome: 'failed', failureType, ...versions };
}

const duration = (step: string, end = 'done') => ({
  [`ehr_step_duration_seconds_count{step="${step}",end="${end}"}`]: 1,
  [`ehr_step_duration_seconds_sum{step="${step}",end="${end}"}`]: 2,
});

const accounting = { read: 10, loaded: 6, excluded: 1, rejected: 3, dollars: {} };

test.each([
  {
    title: 'a cleaned export counts as read, whatever becomes of it',
    attempts: [anAttempt({ end: done({ accounting }) })],
    counted: {
      ...duration('clean'),
      'ehr_rows_read_total{report="notes"}': 10,
      'ehr_rows_excluded_total{report="notes"}': 1,
      'ehr_rows_rejected_total{report="notes"}': 3,
    },
  },
  {
    title: 'rows are loaded when they are published',
    attempts: [anAttempt({ step: 'load', end: done({ kind: 'published', rows: 6, replacedRows: 5 }) })],
    counted: {
      ...duration('load'),
      'ehr_rows_loaded_total{report="notes"}': 6,
      'ehr_runs_total{report="notes",outcome="published"}': 1,
    },
  },
  {
    title: 'a held run loads none',
    attempts: [anAttempt({ step: 'load', end: done({ kind: 'held', reasons: [] }) })],
    counted: { ...duration('load'), 'ehr_runs_total{report="notes",outcome="held"}': 1 },
  },
  {
    title: 'a failed attempt counts by its type, and is no failed run yet',
    attempts: [anAttempt({ step: 'load', end: { kind: 'failed', type: 'WarehouseUnavailable' } })],
    counted: {
      ...duration('load', 'failed'),
      'ehr_step_failures_total{step="load",type="WarehouseUnavailable"}': 1,
    },
  },
  {
    title: 'a cancelled attempt is no failure',
    attempts: [anAttempt({ end: { kind: 'cancelled' } })],
    counted: duration('clean', 'cancelled'),
  },
  {
    title: 'a failed run counts once, even where the ledger takes its entry at the second attempt',
    attempts: [
      anAttempt({
        step: 'recordOutcome',
        input: failedRun({ failureType: 'PortalLocked' }),
        end: { kind: 'failed', type: 'WarehouseUnavailable' },
      }),
      anAttempt({
        step: 'recordOutcome',
        attempt: 2,
        input: failedRun({ failureType: 'PortalLocked' }),
      }),
    ],
    counted: {
      ...duration('recordOutcome', 'failed'),
      ...duration('recordOutcome'),
      'ehr_step_failures_total{step="recordOutcome",type="WarehouseUnavailable"}': 1,
      'ehr_runs_total{report="notes",outcome="failed"}': 1,
      'ehr_run_failures_total{report="notes",type="PortalLocked"}': 1,
    },
  },
  {
    title: 'a run that was refused for its file or its future period is none',
    attempts: [
      anAttempt({ step: 'recordOutcome', input: failedRun({ source: 'file' }) }),
      anAttempt({ step: 'recordOutcome', input: failedRun({ from: '2999-01-01' }) }),
    ],
    counted: {
      'ehr_step_duration_seconds_count{step="recordOutcome",end="done"}': 2,
      'ehr_step_duration_seconds_sum{step="recordOutcome",end="done"}': 4,
    },
  },
  {
    title: 'a recipe that cannot be used, and a file that was read, are failures',
    attempts: [
      anAttempt({ step: 'recordOutcome', input: failedRun({}) }),
      anAttempt({ step: 'recordOutcome', input: failedRun({ source: 'file', exportSha256: 'ab' }) }),
    ],
    counted: {
      'ehr_step_duration_seconds_count{step="recordOutcome",end="done"}': 2,
      'ehr_step_duration_seconds_sum{step="recordOutcome",end="done"}': 4,
      'ehr_runs_total{report="notes",outcome="failed"}': 2,
      'ehr_run_failures_total{report="notes",type="InvalidInput"}': 2,
    },
  },
  {
    title: 'a cancelled run has no type of failure',
    attempts: [anAttempt({ step: 'recordOutcome', input: { outcome: 'cancelled' } })],
    counted: { ...duration('recordOutcome'), 'ehr_runs_total{report="notes",outcome="cancelled"}': 1 },
  },
  {
    title: 'a step of no report is timed',
    attempts: [anAttempt({ step: 'planDailyRun', subject: undefined })],
    counted: duration('planDailyRun'),
  },
])('$title', async ({ attempts, counted }) => {
  expect(await countedOf(...attempts)).toEqual(counted);
});

test('an agency counts for itself, from zero on; one that is not there makes no series', async () => {
  const loaded = done({ kind: 'published', rows: 6, replacedRows: 5 });
  ended.length = 0;
  const metrics = new PipelineMetrics({ codeVersion: '0' });
  const observe = countSteps(metrics, { has: (id) => id === 'acme', runEnded: (id) => void ended.push(id) });
  observe(anAttempt({ step: 'planRun', input: { agency: 'acme' } }));
  observe(anAttempt({ step: 'load', end: loaded, input: { agency: 'acme' } }));
  observe(anAttempt({ step: 'load', end: loaded, input: { agency: 'nobody' } }));
  observe(anAttempt({ step: 'load', end: loaded }));
  const samples = samplesIn(await metrics.registry.metrics());
  expect(samples.get('ehr_rows_loaded_total{agency="acme",report="notes"}')).toBe(6);
  expect(samples.get('ehr_rows_loaded_total{report="notes"}')).toBe(6);
  expect(samples.get('ehr_run_failures_total{agency="acme",report="utilization",type="PortalLocked"}')).toBe(
    0,
  );
  const named = [...samples.keys()].filter((name) => name.includes('agency='));
  expect(named.filter((name) => !name.includes('agency="acme"'))).toEqual([]);
  // docs/metrics.md names the number of series that an agency adds with the reports that the product comes with.
  expect(named.length).toBeLessThan(40 * reportNames.length);
  expect(ended).toEqual(['acme']);
});
