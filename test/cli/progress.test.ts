import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { beatFacts, type PeriodsNow, type RunNow } from '../../src/cli/progressNow.ts';
import { durationWords, periodsWords, runWords, stepsDone } from '../../src/cli/progressWords.ts';
import { TimeLeft } from '../../src/cli/timeLeft.ts';

const begin = new Date('2026-11-16T08:30:00Z');

function after(seconds: number): Date {
  return new Date(begin.getTime() + seconds * 1000);
}

function aRun(run: Partial<RunNow> = {}): RunNow {
  return { id: 'notes:2026-10-16..2026-10-31', startedAt: begin, attempt: 1, ...run };
}

describe('what a run is at', () => {
  const runs: readonly { words: string; run: Partial<RunNow>; done: number | undefined }[] = [
    { words: 'between two steps', run: {}, done: undefined },
    { words: 'planRun', run: { step: 'planRun' }, done: 0 },
    {
      words: 'loginAndDownload: save the export, 45 %',
      run: { step: 'loginAndDownload', doing: 'save the export', percent: 45 },
      done: 1.45,
    },
    {
      words: 'loginAndDownload: the portal login, in use elsewhere (12 s)',
      run: { step: 'loginAndDownload', doing: 'the portal login, in use elsewhere (12 s)' },
      done: 1,
    },
    { words: 'takeFile: attempt 2', run: { step: 'takeFile', attempt: 2 }, done: 1 },
    {
      words: 'clean: 400,000 of 1,000,000 rows',
      run: { step: 'clean', doing: 'cleaning', rows: 400_000, allRows: 1_000_000 },
      done: 2.4,
    },
    {
      words: 'clean: 40,000 rows, attempt 3',
      run: { step: 'clean', rows: 40_000, attempt: 3 },
      done: 2.99,
    },
    {
      words: 'load: 1,200 rows',
      run: { step: 'load', doing: 'comparing', rows: 1_200, allRows: 492 },
      done: 5.99,
    },
    { words: 'awaitRun', run: { step: 'awaitRun' }, done: undefined },
  ];

  test.each(runs)('$words', ({ words, run, done }) => {
    expect(runWords(aRun(run))).toBe(words);
    expect(stepsDone(aRun(run))?.toFixed(2)).toBe(done?.toFixed(2));
  });
});

describe('what a heartbeat says', () => {
  test.each([
    { beat: { waitingFor: 'save the export: 45 %' }, facts: { doing: 'save the export', percent: 45 } },
    { beat: { waitingFor: 'open the reports' }, facts: { doing: 'open the reports' } },
    { beat: { doing: 'cleaning', records: 20_000 }, facts: { doing: 'cleaning', rows: 20_000 } },
    { beat: undefined, facts: {} },
    { beat: null, facts: {} },
    { beat: 'portal', facts: {} },
  ])('$beat', ({ beat, facts }) => {
    expect(beatFacts(beat)).toEqual(facts);
  });
});

function periods(
  now: Partial<PeriodsNow['progress']> | undefined,
  running: readonly string[] = [],
): PeriodsNow {
  const progress = { total: 6, done: {}, failed: 0, notAttempted: 0, ...now };
  return {
    running: running.map((id) => aRun({ id })),
    ...(now === undefined ? {} : { progress }),
  };
}

describe('what a backfill is at', () => {
  test.each([
    { words: 'being planned', now: periods(undefined), left: undefined },
    { words: 'periods', now: periods({}, ['a']), left: undefined },
    { words: 'periods, 1 failed, about 4 min left', now: periods({ failed: 1 }, ['a']), left: 241 },
    { words: 'periods, writeDashboards', now: { ...periods({}), step: 'writeDashboards' }, left: undefined },
  ])('$words', ({ words, now, left }) => {
    expect(periodsWords(now, left)).toBe(words);
  });

  test.each([
    { seconds: 0, words: '1 s' },
    { seconds: 59.4, words: '59 s' },
    { seconds: 60, words: '1 min' },
    { seconds: 3_599, words: '1 h 00 min' },
    { seconds: 11_100, words: '3 h 05 min' },
  ])('$seconds s are $words', ({ seconds, words }) => {
    expect(durationWords(seconds)).toBe(words);
  });
});

describe('the time left', () => {
  test('is not known before a period has ended, nor once all have', () => {
    const left = new TimeLeft();
    expect(left.see(periods({}, ['a', 'b']), after(10))).toBeUndefined();
    expect(left.see(periods({ done: { published: 6 } }), after(60))).toBeUndefined();
  });

  test('is the median of a period times those that wait, by as many as are at work', () => {
    const left = new TimeLeft();
    left.see(periods({}, ['a', 'b']), after(0));
    // a took 30 s; of b's 30 s all are over; three periods wait for two lanes, one of them begun just now.
    const now: PeriodsNow = {
      ...periods({ done: { published: 1 } }),
      running: [aRun({ id: 'b' }), aRun({ id: 'c', startedAt: after(30) })],
    };
    expect(left.see(now, after(30))).toBe((0 + 30 + 3 * 30) / 2);
  });

  test('is not led astray by one period that waited for an hour', () => {
    const left = new TimeLeft();
    const seen = ['a', 'b', 'c'].map((id) => aRun({ id }));
    left.see({ ...periods({ total: 4 }), running: seen }, after(0));
    left.see({ ...periods({ total: 4, done: { published: 1 } }), running: seen.slice(1) }, after(20));
    left.see({ ...periods({ total: 4, done: { published: 2 } }), running: seen.slice(2) }, after(30));
    const last: PeriodsNow = {
      ...periods({ total: 4, done: { published: 3 } }),
      running: [aRun({ id: 'd', startedAt: after(3_600) })],
    };
    expect(left.see(last, after(3_600))).toBe(30);
  });
});

/** Draws on what it takes for a terminal, and goes on until somebody ends it. */
const drawing = `
  import { PassThrough } from 'node:stream';
  import { ProgressBars } from './src/cli/progressBars.ts';
  const bars = new ProgressBars(Object.assign(new PassThrough(), { isTTY: true, columns: 100 }));
  bars.show({ kind: 'run', run: { id: 'x', startedAt: new Date(), attempt: 1, step: 'clean' } });
  setTimeout(() => process.exit(), 30_000);
  console.log('drawn');
`;

test.each(['SIGINT', 'SIGTERM'] as const)('bars do not keep %s from ending the program', async (signal) => {
  const program = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', drawing], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(program, 'close');
  await once(program.stdout, 'data');
  program.kill(signal);
  expect(await ended).toEqual([null, signal]);
});
