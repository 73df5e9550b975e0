import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { DrawnLines } from '../../src/cli/drawnLines.ts';
import { noWorkerWords, printedProgress, ProgressLines } from '../../src/cli/progressDisplay.ts';
import { beatFacts, type PeriodsNow, type ProgressNow, type RunNow } from '../../src/cli/progressNow.ts';
import { durationWords, periodsWords, runWords } from '../../src/cli/progressWords.ts';
import { TimeLeft } from '../../src/cli/timeLeft.ts';

const begin = new Date('2026-11-16T08:30:00Z');

function after(seconds: number): Date {
  return new Date(begin.getTime() + seconds * 1000);
}

function aRun(run: Partial<RunNow> = {}): RunNow {
  return { id: 'notes:2026-10-16..2026-10-31', startedAt: begin, attempt: 1, ...run };
}

const away = 'WarehouseUnavailable: the database at db/ehr cannot be reached';

describe('what a run is at', () => {
  const runs: readonly { words: string; run: Partial<RunNow> }[] = [
    { words: 'starting', run: {} },
    { words: 'planRun', run: { step: 'planRun' } },
    {
      words: 'loginAndDownload: save the export, 45 %',
      run: { step: 'loginAndDownload', doing: 'save the export', percent: 45 },
    },
    {
      words: 'loginAndDownload: waits for a free worker',
      run: { step: 'loginAndDownload', isWaiting: true },
    },
    { words: 'takeFile: attempt 2 of 5', run: { step: 'takeFile', attempt: 2, mostAttempts: 5 } },
    {
      words: 'clean: cleaning, 400,000 of 1,000,000 rows',
      run: { step: 'clean', doing: 'cleaning', rows: 400_000, allRows: 1_000_000 },
    },
    {
      words: 'load: comparing, 1,200 rows',
      run: { step: 'load', doing: 'comparing', rows: 1_200, allRows: 492 },
    },
    { words: 'load: is being cancelled', run: { step: 'load', isCancelling: true } },
    {
      words: `load: attempt 1 of 14 failed, tries again in 40 s; ${away}`,
      run: {
        step: 'load',
        attempt: 2,
        mostAttempts: 14,
        lastFailure: away,
        nextAttemptAt: after(40),
        isWaiting: true,
      },
    },
    {
      words: `load: bringing in, 20 rows, attempt 2 of 14; the last one failed with ${away}`,
      run: {
        step: 'load',
        doing: 'bringing in',
        rows: 20,
        attempt: 2,
        mostAttempts: 14,
        lastFailure: away,
      },
    },
  ];

  test.each(runs)('$words', ({ words, run }) => {
    expect(runWords(aRun(run), begin)).toBe(words);
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
    own: { attempt: 1 },
    ...(now === undefined ? {} : { progress }),
  };
}

describe('what a backfill is at', () => {
  test.each([
    { words: 'being planned', now: periods(undefined), left: undefined },
    { words: '0 of 6 periods ended', now: periods({}, ['a']), left: undefined },
    {
      words: '3 of 6 periods ended: 2 published, 1 failed; about 4 min left',
      now: periods({ done: { published: 2 }, failed: 1 }, ['a']),
      left: 241,
    },
    {
      words: '0 of 6 periods ended; writeDashboards',
      now: { ...periods({}), own: { step: 'writeDashboards', attempt: 1 } },
      left: undefined,
    },
  ])('$words', ({ words, now, left }) => {
    expect(periodsWords(now, left, begin)).toBe(words);
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

/** The lines for these states, one after the other. */
function shown(states: readonly ProgressNow[], noWorker = false): string[][] {
  const lines = new ProgressLines();
  return states.map((now) =>
    lines.lines(now, { title: 'backfill notes', noWorker, at: begin }).map(({ words }) => words),
  );
}

function ofRun(run: Partial<RunNow>): ProgressNow {
  return { kind: 'run', run: aRun(run), answered: true };
}

function ofPeriods(now: PeriodsNow): ProgressNow {
  return { kind: 'periods', periods: now, answered: now.progress !== undefined };
}

describe('the lines', () => {
  const cleaning = { step: 'clean', doing: 'cleaning', allRows: 100 };

  test('are one for all periods and one for each that is under way', () => {
    const [lines] = shown([ofPeriods(periods({}, ['notes:2026-10-16..2026-10-31', 'acme:notes:x']))]);
    expect(lines).toEqual([
      'backfill notes: 0 of 6 periods ended',
      'notes 2026-10-16..2026-10-31 starting',
      'acme notes x starting',
    ]);
  });

  test('hold a count that comes back late, and begin anew with the next attempt', () => {
    const counts = shown([
      ofRun({ ...cleaning, rows: 60 }),
      ofRun({ ...cleaning, rows: 40 }),
      ofRun({}),
      ofRun({ ...cleaning, rows: 80 }),
      ofRun({ ...cleaning, attempt: 2, rows: 20 }),
    ]).map(([line]) => /, (\d+) of 100 rows(?:, attempt (\d))?/.exec(line!)?.slice(1));
    expect(counts).toEqual([
      ['60', undefined],
      ['60', undefined],
      ['60', undefined],
      ['80', undefined],
      ['20', '2'],
    ]);
  });

  test('keep the count of the periods while no worker answers', () => {
    const [, second] = shown([ofPeriods(periods({ done: { published: 2 } })), ofPeriods(periods(undefined))]);
    expect(second).toEqual(['backfill notes: 2 of 6 periods ended: 2 published']);
  });

  test('say that no worker is running', () => {
    expect(shown([ofRun({})], true)).toEqual([['notes 2026-10-16..2026-10-31 starting', noWorkerWords]]);
  });
});

test('without a terminal there is a line for each change, and none for a count', () => {
  const lines = new ProgressLines();
  const printed: string[] = [];
  const display = printedProgress((line) => printed.push(line));
  const failed = { step: 'load', attempt: 2, mostAttempts: 14, lastFailure: away };
  for (const [run, noWorker] of [
    [{}, false],
    [{}, true],
    [{ step: 'clean', doing: 'cleaning', rows: 20 }, false],
    [{ step: 'clean', doing: 'cleaning', rows: 40 }, false],
    [{}, false],
    [{ ...failed, nextAttemptAt: after(40) }, false],
    [{ ...failed, nextAttemptAt: after(39) }, false],
    [failed, false],
  ] as const) {
    display.show(lines.lines(ofRun(run), { title: '', noWorker, at: begin }));
  }
  expect(printed).toEqual([
    'notes 2026-10-16..2026-10-31 starting',
    noWorkerWords,
    'notes 2026-10-16..2026-10-31 clean: cleaning, 20 rows',
    `notes 2026-10-16..2026-10-31 load: attempt 1 of 14 failed, tries again in 40 s; ${away}`,
    `notes 2026-10-16..2026-10-31 load: attempt 2 of 14; the last one failed with ${away}`,
  ]);
});

test('drawn lines fit the terminal, and are written again only if they changed', () => {
  const stream = new PassThrough();
  const drawn = new DrawnLines(
    Object.assign(stream, { isTTY: true, columns: 12, rows: 3 }) as unknown as NodeJS.WriteStream,
  );
  const written = () => String(stream.read() ?? '');
  drawn.draw(['a line that is too long', 'two', 'three']);
  expect(written()).toBe('a line tha…\ntwo\n');
  drawn.draw(['a line that is too long', 'two', 'three']);
  expect(written()).toBe('');
  drawn.draw(['one']);
  expect(written()).toBe('\u001B[2A\u001B[1G\u001B[0Jone\n');
  drawn.clear();
  expect(written()).toBe('\u001B[1A\u001B[1G\u001B[0J');
});
