import { assert, jsonValue, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PipelineError } from '../../src/domain/failures.ts';
import {
  parseBackfillInput,
  parseDailyRunInput,
  parseDecisionInput,
  parseRunReportInput,
  reportNamedIn,
} from '../../src/domain/inputs.ts';
import { reportNames } from '../../src/reports/index.ts';
import { keptExportOf, keptRunNamedBy } from '../../src/domain/runIdentity.ts';

/** What a parser refuses an input with; undefined where it takes it. */
function refusalOf(parse: () => unknown): PipelineError | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (error instanceof PipelineError) return error;
    throw error;
  }
}

function refusal(parse: () => unknown): PipelineError {
  const refused = refusalOf(parse);
  if (refused === undefined) throw new Error('the input was taken');
  return refused;
}

const october = { report: 'utilization', from: '2026-10-01', to: '2026-10-31' };
const cycle = { report: 'notes', from: '2026-10-16', to: '2026-10-31' };

const heldRun = '0197f3c2-5a1e-7c44-9d2b-6f0a1b2c3d4e';

const notAnObject = [
  { title: 'no input', input: undefined },
  { title: 'null', input: null },
  { title: 'a bare day', input: '2026-10-16' },
  { title: 'a number', input: 20261016 },
  { title: 'true', input: true },
  { title: 'a list', input: [cycle] },
];

const names = reportNames.join(', ');

const badPeriods = [
  {
    title: 'no report',
    input: { from: '2026-10-16', to: '2026-10-31' },
    says: `report: is missing; it must be one of ${names}`,
  },
  {
    title: 'an unknown report',
    input: { ...cycle, report: 'note' },
    says: `report: must be one of ${names}`,
  },
  {
    title: 'a report in capitals',
    input: { ...cycle, report: 'Notes' },
    says: `report: must be one of ${names}`,
  },
  {
    title: 'no from',
    input: { report: 'notes', to: '2026-10-31' },
    says: 'from: is missing; it must be an existing day written YYYY-MM-DD',
  },
  {
    title: 'no to',
    input: { report: 'notes', from: '2026-10-16' },
    says: 'to: is missing; it must be an existing day written YYYY-MM-DD',
  },
  {
    title: 'null for a day',
    input: { ...cycle, to: null },
    says: 'to: must be an existing day written YYYY-MM-DD',
  },
  {
    title: 'a number for a day',
    input: { ...cycle, from: 20261016 },
    says: 'from: must be an existing day written YYYY-MM-DD',
  },
  {
    title: 'a day in the American order',
    input: { ...cycle, from: '10/16/2026' },
    says: 'from: must be an existing day written YYYY-MM-DD',
  },
  {
    title: 'a time stamp',
    input: { ...cycle, from: '2026-10-16T00:00:00Z' },
    says: 'from: must be an existing day written YYYY-MM-DD',
  },
  {
    title: 'a day that does not exist',
    input: { ...cycle, to: '2026-02-29' },
    says: 'to: must be an existing day written YYYY-MM-DD',
  },
  {
    title: 'an unknown key',
    input: { ...cycle, until: '2026-10-31' },
    says: 'until: no such field',
  },
  {
    title: 'a key in capitals',
    input: { ...cycle, From: '2026-10-16' },
    says: 'From: no such field',
  },
  {
    title: 'to before from',
    input: { report: 'notes', from: '2026-10-31', to: '2026-10-16' },
    says: 'to: 2026-10-16 is before from: 2026-10-31',
  },
];

describe('what neither runReport nor backfill takes', () => {
  test.each(notAnObject)('$title', ({ input }) => {
    for (const parse of [parseRunReportInput, parseBackfillInput]) {
      const { type, retry, message, hint } = refusal(() => parse(input));
      expect({ type, retry }).toEqual({ type: 'InvalidInput', retry: false });
      expect(message).toContain('the input must be one JSON object {report, from, to');
      expect(hint).toContain('{"report":"notes","from":"2026-10-16","to":"2026-10-31"}');
    }
  });

  test.each(badPeriods)('$title: $says', ({ input, says }) => {
    for (const parse of [parseRunReportInput, parseBackfillInput]) {
      const { type, retry, message } = refusal(() => parse(input));
      expect({ type, retry }).toEqual({ type: 'InvalidInput', retry: false });
      expect(message).toBe(says);
    }
  });

  test('all mistakes are reported at once', () => {
    const { message } = refusal(() => parseRunReportInput({ report: 'x', from: 'y', until: 'z' }));
    expect(message.split('; ')).toEqual([
      `report: must be one of ${names}`,
      'from: must be an existing day written YYYY-MM-DD',
      'to: is missing',
      'it must be an existing day written YYYY-MM-DD',
      'until: no such field',
    ]);
  });
});

describe('runReport', () => {
  test.each([
    { title: 'a month', input: october },
    { title: 'a billing cycle', input: cycle },
    { title: 'a leap February', input: { report: 'utilization', from: '2024-02-01', to: '2024-02-29' } },
    {
      title: 'the second half of December',
      input: { report: 'notes', from: '2026-12-16', to: '2026-12-31' },
    },
  ])('takes $title', ({ input: { report, from, to } }) => {
    expect(parseRunReportInput({ report, from, to })).toEqual({ report, period: { from, to } });
  });

  test.each([
    { force: true, becomes: true },
    { force: false, becomes: false },
    { force: undefined, becomes: undefined },
  ])('takes force $force beside the period', ({ force, becomes }) => {
    expect(parseRunReportInput({ ...cycle, force }).force).toBe(becomes);
  });

  test.each([{ force: 'true' }, { force: 1 }, { force: null }])('does not take force $force', ({ force }) => {
    const { type, message } = refusal(() => parseRunReportInput({ ...cycle, force }));
    expect({ type, message }).toEqual({
      type: 'InvalidInput',
      message: 'force: must be true, to load again although nothing has changed, or false',
    });
  });

  test('takes a file beside the period', () => {
    expect(parseRunReportInput({ ...cycle, file: 'exports/october.csv' })).toMatchObject({
      file: 'exports/october.csv',
    });
  });

  test.each([
    { title: 'a month of which a day is missing', input: { ...october, to: '2026-10-30' }, nearest: october },
    { title: 'half a month of utilization', input: { ...october, from: '2026-10-16' }, nearest: october },
    { title: 'a single day of notes', input: { ...cycle, from: '2026-10-31' }, nearest: cycle },
    {
      title: 'a February that forgets the leap day',
      input: { report: 'notes', from: '2028-02-16', to: '2028-02-28' },
      nearest: { from: '2028-02-16', to: '2028-02-29' },
    },
    {
      title: 'days of two cycles',
      input: { report: 'notes', from: '2026-10-10', to: '2026-10-20' },
      nearest: { from: '2026-10-01', to: '2026-10-31' },
    },
  ])('does not take $title, and names the nearest whole range', ({ input, nearest: { from, to } }) => {
    const { type, message, hint, details } = refusal(() => parseRunReportInput(input));
    expect(type).toBe('InvalidInput');
    expect(message).toMatch(/^from, to: .* are no whole (calendar months|billing cycles)/);
    expect(hint).toBe(`The nearest whole range is ${from}..${to}.`);
    expect(details).toEqual({ nearest: { from, to } });
  });

  test.each([
    {
      title: 'two months',
      input: { ...october, from: '2026-09-01' },
      says: 'are several calendar months; runReport takes exactly one',
      last: '2026-10-01..2026-10-31',
    },
    {
      title: 'a month of notes, which is two cycles',
      input: { ...cycle, from: '2026-10-01' },
      says: 'are several billing cycles (days 1–15 and 16–end of month); runReport takes exactly one',
      last: '2026-10-16..2026-10-31',
    },
  ])('does not take $title, and names one period', ({ input, says, last }) => {
    const { message, hint } = refusal(() => parseRunReportInput(input));
    expect(message).toContain(says);
    expect(hint).toBe(`Start a backfill for all of them, or runReport for one, such as ${last}.`);
  });

  test.each([
    { title: 'an empty path', file: '' },
    { title: 'null', file: null },
    { title: 'a list', file: ['a.csv'] },
  ])('does not take $title as a file', ({ file }) => {
    expect(refusal(() => parseRunReportInput({ ...cycle, file })).message).toBe(
      'file: must be a file in the inbox (EHR_INBOX), named relative to it, or run:<run id> for the export that an earlier run has kept',
    );
  });

  test('does not take what only a backfill takes', () => {
    expect(refusal(() => parseRunReportInput({ ...cycle, concurrency: 2 })).message).toBe(
      'concurrency: no such field',
    );
  });
});

describe('file: names the export that an earlier run has kept', () => {
  test('as run: and the run’s id', () => {
    expect(keptExportOf(heldRun)).toBe(`run:${heldRun}`);
    expect(keptRunNamedBy(keptExportOf(heldRun))).toBe(heldRun);
  });

  test.each([
    { file: '/exports/notes.csv' },
    { file: heldRun },
    { file: `run:${heldRun}.csv` },
    { file: `run:${heldRun.toUpperCase()}` },
    { file: `./run:${heldRun}` },
    { file: 'run:' },
    { file: 'run:../../etc' },
  ])('else it is a path: $file', ({ file }) => {
    expect(keptRunNamedBy(file)).toBeUndefined();
  });
});

describe('publishHeld and rollback', () => {
  test('take a run, a reason and who decides, trimmed', () => {
    expect(parseDecisionInput({ run: heldRun, reason: ' checked with billing ', by: ' ops ' })).toEqual({
      run: heldRun,
      reason: 'checked with billing',
      by: 'ops',
    });
  });

  test('take a run and a reason alone', () => {
    const input = { run: heldRun, reason: 'r'.repeat(500) };
    expect(parseDecisionInput(input)).toEqual(input);
  });

  const wantedRun = 'the run id of a run, as the ledger and the Web UI show it';
  const wantedReason = 'why, in words that name no patient, at most 500 characters';
  const input = { run: heldRun, reason: 'checked' };

  test.each([
    { title: 'no run', given: { reason: 'checked' }, says: `run: is missing; it must be ${wantedRun}` },
    {
      title: 'a workflow id',
      given: { ...input, run: 'notes:2026-10-16' },
      says: `run: must be ${wantedRun}`,
    },
    { title: 'an id and more', given: { ...input, run: `${heldRun}\n` }, says: `run: must be ${wantedRun}` },
    { title: 'no reason', given: { run: heldRun }, says: `reason: is missing; it must be ${wantedReason}` },
    { title: 'a blank reason', given: { ...input, reason: ' ' }, says: `reason: must be ${wantedReason}` },
    {
      title: 'a novel',
      given: { ...input, reason: 'r'.repeat(501) },
      says: `reason: must be ${wantedReason}`,
    },
    { title: 'nobody', given: { ...input, by: '' }, says: 'by: must be the name of the person who decides' },
    {
      title: 'a crowd',
      given: { ...input, by: 'b'.repeat(161) },
      says: 'by: must be the name of the person who decides',
    },
    { title: 'more', given: { ...input, force: true }, says: 'force: no such field' },
  ])('do not take $title', ({ given, says }) => {
    expect(refusal(() => parseDecisionInput(given))).toMatchObject({ type: 'InvalidInput', message: says });
  });

  test.each(notAnObject)('do not take $title, and show what they take', ({ input: given }) => {
    const { message, hint } = refusal(() => parseDecisionInput(given));
    expect(message).toBe('the input must be one JSON object {run, reason, by?}');
    expect(hint).toContain('"reason":"checked with billing"');
  });
});

describe('dailyRun', () => {
  test.each([
    { title: 'no input', input: undefined },
    { title: 'null', input: null },
    { title: 'an empty object', input: {} },
  ])('takes $title as today and all reports', ({ input }) => {
    expect(parseDailyRunInput(input)).toEqual({});
  });

  test('takes a day and reports', () => {
    const input = { day: '2028-02-29', reports: ['notes', 'utilization'] };
    expect(parseDailyRunInput(input)).toEqual(input);
  });

  test.each([
    { title: 'a bare day', input: '2026-10-16', says: 'the input must be one JSON object {day?, reports?}' },
    { title: 'a list', input: ['notes'], says: 'the input must be one JSON object {day?, reports?}' },
    {
      title: 'a day that does not exist',
      input: { day: '2026-02-29' },
      says: 'day: must be an existing day written YYYY-MM-DD',
    },
    {
      title: 'a number for a day',
      input: { day: 20261016 },
      says: 'day: must be an existing day written YYYY-MM-DD',
    },
    {
      title: 'the key of another tool',
      input: { date: '2026-10-16' },
      says: 'date: no such field',
    },
    {
      title: 'a report that is no list',
      input: { reports: 'notes' },
      says: `reports: must be a list of reports, each once: ["${reportNames.join('", "')}"]`,
    },
    {
      title: 'no reports',
      input: { reports: [] },
      says: `reports: must be a list of reports, each once: ["${reportNames.join('", "')}"]`,
    },
    {
      title: 'a report twice',
      input: { reports: ['notes', 'notes'] },
      says: `reports: must be a list of reports, each once: ["${reportNames.join('", "')}"]`,
    },
    {
      title: 'an unknown report',
      input: { reports: ['notes', 'payroll'] },
      says: `reports.1: must be one of ${names}`,
    },
  ])('does not take $title: $says', ({ input, says }) => {
    const { type, retry, message } = refusal(() => parseDailyRunInput(input));
    expect({ type, retry, message }).toEqual({ type: 'InvalidInput', retry: false, message: says });
  });
});

describe('backfill', () => {
  test.each([
    { title: 'one period', input: cycle },
    { title: 'half a year of cycles', input: { report: 'notes', from: '2026-01-01', to: '2026-06-30' } },
    { title: 'months over a year end', input: { ...october, from: '2025-12-01' } },
    { title: '30 years', input: { report: 'notes', from: '1997-01-01', to: '2026-12-31' } },
  ])('takes $title', ({ input: { report, from, to } }) => {
    expect(parseBackfillInput({ report, from, to })).toEqual({ report, range: { from, to } });
  });

  test.each([
    {
      title: 'a range that begins in mid-cycle',
      input: { report: 'notes', from: '2026-01-10', to: '2026-06-30' },
      nearest: { from: '2026-01-01', to: '2026-06-30' },
    },
    {
      title: 'a range that ends in mid-month',
      input: { ...october, from: '2026-01-01', to: '2026-10-15' },
      nearest: { from: '2026-01-01', to: '2026-10-31' },
    },
  ])('does not take $title, and names the nearest whole range', ({ input, nearest: { from, to } }) => {
    const { message, hint, details } = refusal(() => parseBackfillInput(input));
    expect(message).toContain('are no whole');
    expect(hint).toContain(`${from}..${to}`);
    expect(details).toEqual({ nearest: { from, to } });
  });

  test('does not take centuries: that is a slip in the year', () => {
    const { type, message } = refusal(() =>
      parseBackfillInput({ report: 'notes', from: '1026-01-01', to: '2026-06-30' }),
    );
    expect(type).toBe('InvalidInput');
    expect(message).toBe(
      'from, to: 1026-01-01..2026-06-30 are 1001 years of notes; a backfill takes at most 30',
    );
  });

  test.each([{ concurrency: 0 }, { concurrency: 21 }, { concurrency: 1.5 }, { concurrency: '2' }])(
    'does not take $concurrency periods at a time',
    ({ concurrency }) => {
      expect(refusal(() => parseBackfillInput({ ...cycle, concurrency })).message).toBe(
        'concurrency: must be a whole number from 1 to 20',
      );
    },
  );

  test('carries its own progress when it continues as new', () => {
    const progress = {
      next: '2026-10-01',
      done: { published: 3 },
      failures: [{ id: 'notes:2026-10-16..2026-10-31', type: 'PortalUnavailable', message: 'it was away' }],
      failed: 1,
      held: [{ id: 'notes:2026-10-01..2026-10-15', run: heldRun, gates: ['too-many-rejects'] }],
    };
    expect(parseBackfillInput({ ...cycle, progress })).toMatchObject({ progress });
  });
});

test.each([
  { title: 'a good input', input: cycle, report: 'notes' },
  {
    title: 'an input that is wrong elsewhere',
    input: { report: 'utilization', until: 1 },
    report: 'utilization',
  },
  { title: 'an unknown report', input: { report: 'payroll' }, report: undefined },
  { title: 'no object', input: 'notes', report: undefined },
  { title: 'null', input: null, report: undefined },
])('the report named in $title is $report', ({ input, report }) => {
  expect(reportNamedIn(input)).toBe(report);
});

test('whatever JSON is given, it is taken or refused as InvalidInput, and never quoted', () => {
  const secret = 'FERNHOLLOW';
  const taken = { type: 'InvalidInput', message: '', hint: '', details: {} };
  const checked = property(jsonValue(), (value) => {
    const inputs = [value, { report: secret, from: value, to: secret }, { ...cycle, file: [secret, value] }];
    for (const input of inputs) {
      for (const parse of [parseRunReportInput, parseDailyRunInput, parseBackfillInput, parseDecisionInput]) {
        const { type, message, hint, details } = refusalOf(() => parse(input)) ?? taken;
        expect(type).toBe('InvalidInput');
        expect(`${message} ${hint} ${JSON.stringify(details)}`).not.toContain(secret);
      }
    }
  });
  expect(() => assert(checked)).not.toThrow();
});
