import { describe, expect, test } from 'vitest';
import type { CleanMade } from '../../src/activities/contracts.ts';
import type { Period } from '../../src/domain/periods.ts';
import type { PublishResult } from '../../src/domain/publication.ts';
import type { RunIdentity } from '../../src/domain/runIdentity.ts';
import { addResult, describePeriods, newProgress } from '../../src/workflows/periodsProgress.ts';
import type { RunReportResult } from '../../src/workflows/runResult.ts';
import { describeRun, type MadeSoFar, type RunState } from '../../src/workflows/runProgress.ts';

const file = { uri: 'artifact:x', sha256: '0'.repeat(64), bytes: 10, rows: 240 };
const accounting = { read: 240, loaded: 231, excluded: 6, rejected: 3, dollars: {} };
const clean = {
  accounting,
  movedToLincs: 21,
  movedDollars: '136406.52',
  warnings: { 'over-authorized': 4 },
} as unknown as CleanMade;

const made: MadeSoFar = {
  export: { file, exportedAt: '2026-11-16T08:31:00.000Z' },
  clean,
  categorize: { rows: file, warnings: { 'days-differ-from-dates': 2 }, rulesSha256: '', codeVersion: '' },
  aggregate: { rollups: file, unknownServices: file, sums: {}, unknownRows: 9 },
};

const run: RunIdentity = {
  runId: '0197f3c2-5a1e-7c44-9d2b-6f0a1b2c3d4e',
  workflowId: 'notes:2026-10-16..2026-10-31',
  report: 'notes',
  period: { from: '2026-10-16', to: '2026-10-31' } as Period,
  source: 'portal',
  startedAt: '2026-11-16T08:30:00.000Z',
};

function loaded(published: PublishResult): RunState {
  return { kind: 'loaded', run, published };
}

describe('what a run says of itself in the Web UI', () => {
  const states: readonly { title: string; step: string; state: RunState; says: string }[] = [
    { title: 'under way', step: 'clean', state: { kind: 'under way' }, says: '**Step:** clean' },
    {
      title: 'published',
      step: 'done',
      state: loaded({ kind: 'published', rows: 231, replacedRows: 230 }),
      says: '**published**',
    },
    {
      title: 'cancelled',
      step: 'load',
      state: { kind: 'cancelled' },
      says: '**cancelled** in load',
    },
  ];

  test.each(states)('$title', ({ step, state, says }) => {
    expect(describeRun({ step, made: {} }, state).split('\n')[0]).toBe(says);
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

  test('held: why, what to look at, and the two commands that end it', () => {
    const reasons = [
      { gate: 'rows-far-from-last-load', message: 'no row is left of the 240 of the last load' },
    ];
    const details = describeRun({ step: 'done', made: {} }, loaded({ kind: 'held', reasons }));
    expect(details.split('\n').filter((line) => line.trim() !== '')).toEqual([
      '**Held: nothing was loaded, the earlier figures stay**',
      '- rows-far-from-last-load: no row is left of the 240 of the last load',
      '**What to do:** look at what would change, then load it or close it:',
      `- \`npm run client -- diff notes 2026-10-16 --run ${run.runId}\``,
      `- \`npm run client -- approve ${run.runId} --reason "…"\``,
      `- \`npm run client -- reject ${run.runId} --reason "…"\``,
    ]);
  });

  test('held: the counts stand apart from what to do', () => {
    const held = loaded({ kind: 'held', reasons: [{ gate: 'pinned', message: 'pinned' }] });
    const lines = describeRun({ step: 'done', made }, held).split('\n');
    expect(lines.indexOf('**Counted:**')).toBe(lines.indexOf('- exported: 240 records') - 2);
  });

  test('what has been counted so far', () => {
    const progress = { step: 'load', report: 'utilization', made } as const;
    expect(describeRun(progress, { kind: 'under way' }).split('\n').slice(2, -2)).toEqual([
      '- exported: 240 records',
      '- read 240 = kept 231 + left out 6 + rejected 3',
      '- moved to the LINCS QP by the supervisor rule: 21 rows, authorized dollars 136406.52',
      '- over-authorized: 4',
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

test('what a parent says of a held period: by which gate, and the command that loads it', () => {
  const progress = newProgress(1);
  const id = run.workflowId;
  const result = { outcome: 'held', run: run.runId, heldBecause: [{ gate: 'pinned', message: 'pinned' }] };
  addResult(progress, { kind: 'done', id, result: result as unknown as RunReportResult });
  expect(describePeriods(progress)).toContain(
    `**${id}** held (pinned): \`npm run client -- approve ${run.runId} --reason "…"\``,
  );
});
