import { describe, expect, test } from 'vitest';
import type { CleanMade } from '../../src/activities/steps.ts';
import { describePeriods, newProgress } from '../../src/workflows/periodsProgress.ts';
import { describeRun, type MadeSoFar, type RunStanding } from '../../src/workflows/runProgress.ts';

const file = { uri: 'artifact:x', sha256: '0'.repeat(64), bytes: 10, rows: 240 };
const accounting = { read: 240, loaded: 231, excluded: 6, rejected: 3, dollars: {} };
const clean = { accounting, movedToLincs: 21 } as unknown as CleanMade;

const made: MadeSoFar = {
  export: file,
  clean,
  categorize: { rows: file, warnings: { 'days-differ-from-dates': 2 }, rulesSha256: '' },
  aggregate: { rollups: file, unknownServices: file, sums: {}, unknownRows: 9 },
};

describe('what a run says of itself in the Web UI', () => {
  const standings: readonly { title: string; step: string; standing: RunStanding; says: string }[] = [
    { title: 'under way', step: 'clean', standing: { kind: 'under way' }, says: '**Step:** clean' },
    {
      title: 'published',
      step: 'done',
      standing: { kind: 'ended', outcome: 'published' },
      says: '**published**',
    },
    {
      title: 'cancelled',
      step: 'load',
      standing: { kind: 'ended', outcome: 'cancelled' },
      says: '**cancelled** in load',
    },
  ];

  test.each(standings)('$title', ({ step, standing, says }) => {
    expect(describeRun({ step, made: {} }, standing).split('\n')[0]).toBe(says);
  });

  test('failed: the type, what happened, and what to do on a line of its own', () => {
    const failure = {
      type: 'PortalLocked',
      message: 'the account is locked. What to do: Unblock: npm run client -- portal unblock.',
      step: 'loginAndDownload',
      details: {},
    } as const;
    const details = describeRun({ step: 'loginAndDownload', made: {} }, { kind: 'failed', failure });
    expect(details.split('\n').slice(0, 5)).toEqual([
      '**Failed in loginAndDownload: PortalLocked**',
      '',
      'the account is locked.',
      '',
      // As code, or the page would show the two hyphens as a dash.
      '**What to do:** Unblock: `npm run client -- portal unblock`.',
    ]);
  });

  test('what has been counted so far', () => {
    expect(describeRun({ step: 'load', made }, { kind: 'under way' }).split('\n').slice(2, -2)).toEqual([
      '- exported: 240 records',
      '- read 240 = kept 231 + left out 6 + rejected 3',
      '- moved to the LINCS QP: 21',
      '- days-differ-from-dates: 2',
      '- rows of unknown services: 9',
    ]);
  });
});

test('what a parent says of its periods: how many, how they ended, and why some failed', () => {
  const progress = newProgress(24);
  progress.done['published'] = 20;
  progress.failed = 1;
  progress.notAttempted = 3;
  progress.failures.push({ id: 'notes:2026-07-01..2026-07-15', type: 'PortalLocked', message: 'locked' });
  expect(describePeriods(progress).split('\n').slice(0, -2)).toEqual([
    '**21 of 24 periods ended**',
    '',
    '- published: 20',
    '- failed: 1',
    '- not attempted: 3',
    '',
    '**notes:2026-07-01..2026-07-15** PortalLocked: locked',
  ]);
});
