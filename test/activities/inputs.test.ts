import { describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { checkInput, type Taking } from '../../src/activities/inputSchemas.ts';
import { activityInputs, type ActivityName as Step } from '../../src/activities/index.ts';
import type { AlertCondition } from '../../src/domain/alertConditions.ts';
import { PipelineError } from '../../src/domain/failures.ts';
import type { Period } from '../../src/domain/periods.ts';

const runId = '0197f3c2-5a1e-7c44-9d2b-6f0a1b2c3d4e';
const sha256 = 'a'.repeat(64);
const period = { from: '2026-10-16', to: '2026-10-31' };
const run = {
  runId,
  workflowId: 'notes:2026-10-16..2026-10-31',
  report: 'notes',
  period,
  source: 'portal',
  startedAt: '2026-11-16T08:30:00.000Z',
};
const ref = {
  uri: `artifact:notes/2026-10-16..2026-10-31/${runId}/clean-aaaaaaaaaaaa-rows.tsv`,
  sha256,
  bytes: 10,
  rows: 1,
};
const accounting = { read: 1, loaded: 1, excluded: 0, rejected: 0, dollars: {} };
const clean = {
  rows: ref,
  rejected: ref,
  excluded: ref,
  accounting,
  movedToLincs: 0,
  warnings: {},
  extraColumns: [],
  rulesSha256: sha256,
};
const categorize = { rows: ref, warnings: {}, rulesSha256: sha256, codeVersion: 'a'.repeat(16) };
const aggregate = { rollups: ref, unknownServices: ref, sums: { days_to_sign: '12' }, unknownRows: 0 };
const made = { export: { file: ref, exportedAt: run.startedAt }, clean, categorize, aggregate };

/** What the workflows hand to each step. */
const right: Readonly<Record<Step, unknown>> = {
  planRun: { run },
  planDailyRun: { day: '2026-11-16', reports: ['notes'], instant: run.startedAt },
  planBackfill: { report: 'notes', range: { from: '2026-01-01', to: '2026-10-31' } },
  takeFile: { run: { ...run, source: 'file' }, file: 'reportExport.csv' },
  clean: { run, export: ref },
  categorize: { run, clean },
  aggregate: { run, categorize },
  assess: { run, made },
  takeDecision: {
    kind: 'approve',
    run: runId,
    reason: 'checked with billing',
    workflow: { workflowId: `publish-held:${runId}`, runId, startedAt: run.startedAt },
  },
  load: { run, made, decision: { kind: 'rollback', by: 'jane', reason: 'why', restores: runId } },
  planSources: undefined,
  claimFiles: { source: 'vendor' },
  settleFile: {
    source: 'vendor',
    id: '0123456789abcdef',
    claimed: { bytes: 12, modifiedAt: 1_700_000_000_000 },
    end: { to: 'refused', type: 'ExportNotCsv', message: 'it is no CSV' },
  },
  recordOutcome: {
    run,
    outcome: 'failed',
    failureType: 'ExportTimedOut',
    failureMessage: 'too late',
    files: {},
  },
  awaitRun: { workflowId: run.workflowId },
  loginAndDownload: { run },
  writeDashboards: undefined,
  tidy: undefined,
  planAlerts: undefined,
  findAlerts: undefined,
  tellAlert: { channel: 'webhook', event: 'began', causes: [{ kind: 'schedule', state: 'paused' }] },
  tellDatabase: { channel: 'mail', event: 'over' },
};

const about = { report: 'notes', period: period as Period } as const;
const ended = { workflowId: run.workflowId, runId };
/** One of each kind that a round may find. */
const conditions: Readonly<Record<AlertCondition['kind'], AlertCondition>> = {
  failed: { kind: 'failed', ...about, ...ended, failureType: 'ExportTimedOut' },
  held: { kind: 'held', ...about, ...ended, gates: ['fewerRows'] },
  missing: { kind: 'missing', ...about, startsAt: run.startedAt },
  login: { kind: 'login', login: 'd2b3', failureType: null },
  schedule: { kind: 'schedule', state: 'absent' },
  stuck: { kind: 'stuck', ...ended, why: 'no-worker', detail: 'a build' },
  source: { kind: 'source', source: 'vendor' },
  pages: { kind: 'pages', ...ended, state: 'not-mailed' },
};

test.each(Object.values(conditions))('tellAlert takes an alert of the kind $kind', (condition) => {
  const notification = { channel: 'mail', event: 'began', causes: [condition] };
  expect(() => checkInput('tellAlert', activityInputs.tellAlert, [notification])).not.toThrow();
});

test('the compiler refuses a schema that does not take every value of its type', () => {
  type Input = { readonly to: 'done'; readonly of?: readonly string[] } | { readonly to: 'again' };
  const done = z.strictObject({ to: z.literal('done'), of: z.array(z.string()).optional() });
  const again = z.strictObject({ to: z.literal('again') });
  const whole = z.discriminatedUnion('to', [done, again]);
  expectTypeOf<Taking<Input, typeof whole>>().toBeUnknown();
  expectTypeOf<Taking<Input, typeof done>>().toBeNever();
  expectTypeOf<
    Taking<{ readonly inputs: readonly Input[] }, z.ZodObject<{ inputs: z.ZodArray<typeof done> }>>
  >().toBeNever();
});

const steps = Object.keys(activityInputs) as Step[];

function refusal(step: Step, ...args: unknown[]): PipelineError {
  try {
    checkInput(step, activityInputs[step], args);
  } catch (error) {
    if (error instanceof PipelineError) return error;
    throw error;
  }
  throw new Error(`${step} took it`);
}

test.each(['clean', 'categorize', 'aggregate'] as const)('%s takes no files of another period', (step) => {
  const given = JSON.stringify(right[step]).replaceAll(
    'artifact:notes/2026-10-16..2026-10-31/',
    'artifact:notes/2026-09-16..2026-09-30/',
  );
  expect(given).not.toBe(JSON.stringify(right[step]));
  expect(refusal(step, JSON.parse(given)).message).toContain('files of the very report and period');
});

test('categorize takes the rejects of a report with statuses of its own', () => {
  const statuses = ['Open', 'Billed', 'Paid', 'Denied'].map((status) => ({
    status,
    loaded: 2,
    sure: 0,
    possible: 1,
  }));
  const input = { run, clean: { ...clean, rejects: { kinds: [], statuses } } };
  expect(() => checkInput('categorize', activityInputs.categorize, [input])).not.toThrow();
});

/** Every place in a value that a hostile caller can change. */
function places(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, each]) => places(each, [...path, key]))];
}

function changed(value: unknown, [key, ...rest]: readonly (string | number)[], to: unknown): unknown {
  if (key === undefined) return to;
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[String(key)] = changed(copy[String(key)], rest, to);
  return copy;
}

const secret = 'Okonkwo, Adaeze';
const hostile: readonly (readonly [string, unknown])[] = [
  ['an object', { $ne: null, [secret]: secret }],
  ['a list', [[secret]]],
  ['a function of JSON', { toJSON: secret }],
  ['no number', Number.NaN],
  ['below zero', -1],
  ['a fraction', 1.5],
];

describe.each(steps)('%s', (step) => {
  test('takes what the workflows give it', () => {
    expect(() =>
      checkInput(step, activityInputs[step], right[step] === undefined ? [] : [right[step]]),
    ).not.toThrow();
  });

  test('takes no second argument', () => {
    expect(refusal(step, right[step], {}).message).toContain('more than one argument');
  });

  test('takes no key that nobody knows, and does not repeat it', () => {
    const error = refusal(step, { ...(right[step] as object), [`${secret}\u001B[2J`]: 1 });
    expect(error.type).toBe('InvalidInput');
    expect(error.message).not.toContain('Okonkwo');
    expect(error.message).not.toContain('\u001B');
  });

  test.each(hostile)('takes %s nowhere, and quotes nothing', (_what, value) => {
    for (const place of places(right[step])) {
      const input = changed(right[step], place, value);
      // Free keys: those of warnings, dollars and sums.
      if (place.length > 0 && JSON.stringify(input) === JSON.stringify(right[step])) continue;
      const error = refusal(step, input);
      expect({ place, type: error.type }).toEqual({ place, type: 'InvalidInput' });
      expect(error.message).not.toContain('Okonkwo');
    }
  });
});

describe('references', () => {
  test.each([
    'artifact:../../etc/passwd',
    'artifact:/etc/passwd',
    'artifact:notes/../../../etc/passwd',
    'artifact:notes/./x',
    'file:///etc/passwd',
    '/etc/passwd',
    'artifact:notes/a\u0000b',
    `artifact:notes/${'a'.repeat(600)}`,
    'artifact:notes/a b',
    'artifact:notes//b',
  ])('%j is none', (uri) => {
    expect(refusal('clean', { run, export: { ...ref, uri } }).message).toMatch(/export\.uri: /);
  });
});

describe('runs', () => {
  test.each([
    [
      'a period that is none',
      { period: { from: '2026-10-16', to: '2026-11-30' } },
      /run: must be about exactly one period/,
    ],
    [
      'a day that is none',
      { period: { from: '2026-02-30', to: '2026-03-15' } },
      /run\.period\.from: must be an existing day/,
    ],
    ['another report', { report: 'payroll' }, /run\.report: must be one of utilization, notes/],
    ['a run id with a path in it', { runId: '../../x' }, /run\.runId: must be the run id/],
    [
      'a time that is none',
      { startedAt: '2026-13-45T99:99:99Z' },
      /run\.startedAt: must be an existing instant/,
    ],
  ])('%s', (_what, change, says) => {
    expect(refusal('planRun', { run: { ...run, ...change } }).message).toMatch(says);
  });
});
