import { describe, expect, test } from 'vitest';
import { subjectOf } from '../../src/observability/stepObserver/subject.ts';

const period = { from: '2026-10-16', to: '2026-10-31' };
const runId = '019a9b1c-0000-7000-8000-000000000001';

describe('what a step works on is read from its input', () => {
  const cases = [
    {
      title: 'of a step of a run',
      input: { run: { runId, report: 'notes', period, source: 'portal' } },
      subject: { report: 'notes', period, run: runId },
    },
    {
      title: 'of a plan of a backfill',
      input: { report: 'utilization', range: period },
      subject: { report: 'utilization', period },
    },
    { title: 'of a report alone', input: { report: 'notes' }, subject: { report: 'notes' } },
  ];

  test.each(cases)('$title', ({ input, subject }) => {
    expect(subjectOf(input)).toEqual(subject);
  });
});

describe('nothing else is taken over', () => {
  const others = [
    { title: 'a decision, which names a run and no report', input: { kind: 'approve', run: runId } },
    { title: 'a report that is none', input: { report: 'Marlow, Agatha', from: '2026-10-16' } },
    { title: 'a missing input', input: undefined },
    { title: 'null', input: null },
    { title: 'a text', input: '/exports/marlow.csv' },
  ];

  test.each(others)('of $title', ({ input }) => {
    expect(subjectOf(input)).toBeUndefined();
  });

  const parts = [
    { title: 'days that are none', run: { report: 'notes', period: { from: 'Marlow', to: 'Agatha' } } },
    { title: 'an id that is none', run: { report: 'notes', runId: 'Marlow, Agatha' } },
  ];

  test.each(parts)('of $title but the report', ({ run }) => {
    expect(subjectOf({ run })).toEqual({ report: 'notes' });
  });
});
