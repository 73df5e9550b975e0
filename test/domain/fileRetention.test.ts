import { describe, expect, test } from 'vitest';
import {
  daysOfStray,
  filesOfRun,
  removableFiles,
  type RunWithFiles,
  type Retention,
} from '../../src/domain/fileRetention.ts';

const rule = { days: 30, versions: 1 };
const retention: Retention = {
  exports: { days: 60, versions: 2 },
  intermediates: rule,
  rejects: rule,
  ledgerDetail: rule,
  refused: { days: 7 },
};

function ref(uri: string) {
  return { uri, sha256: '', bytes: 1, rows: 1 };
}

/** A run with an export and a row file of its own, published so many days ago. */
function aRun(runId: string, age: number, change: Partial<RunWithFiles> = {}): RunWithFiles {
  const at = daysAgo(age);
  return {
    runId,
    outcome: 'published',
    finishedAt: at,
    publishedAt: at,
    historyDue: false,
    files: {
      exports: [ref(`${runId}/export`)],
      intermediates: [ref(`${runId}/rows`)],
      rejects: [],
      ledgerDetail: [],
    },
    ...change,
  };
}

function daysAgo(days: number): string {
  return new Date(Date.UTC(2026, 10, 27) - days * 86_400_000).toISOString();
}

function going(runs: readonly RunWithFiles[], shown: string | null): string[] {
  return removableFiles(runs, { retention, shown, daysAgo }).map(({ uri }) => uri);
}

describe('the files of a period that go', () => {
  test.each<{ title: string; runs: RunWithFiles[]; shown: string | null; goes: string[] }>([
    {
      title: 'are those older than the days of their class, beyond its versions',
      runs: [aRun('a', 90), aRun('b', 61), aRun('c', 40), aRun('d', 31)],
      shown: 'd',
      goes: ['a/export', 'a/rows', 'b/export', 'b/rows', 'c/rows'],
    },
    { title: 'are none of a young run', runs: [aRun('a', 29), aRun('b', 1)], shown: 'b', goes: [] },
    {
      title: 'are none of what is shown, whatever came later',
      runs: [aRun('a', 900), aRun('b', 400), aRun('c', 300)],
      shown: 'a',
      goes: ['b/rows'],
    },
    {
      title: 'are none of a held run, and all of a rejected one',
      runs: [
        aRun('a', 900),
        aRun('h', 300, { outcome: 'held', publishedAt: null }),
        aRun('r', 300, { outcome: 'rejected', publishedAt: null }),
      ],
      shown: 'a',
      goes: ['r/export', 'r/rows'],
    },
    {
      title: 'are the row files of a run without changes at once, but not its export',
      runs: [aRun('a', 3), aRun('u', 1, { outcome: 'unchanged', publishedAt: null })],
      shown: 'a',
      goes: ['u/rows'],
    },
    {
      title: 'are no row files of which the history has no days yet',
      runs: [
        aRun('a', 90, { historyDue: true }),
        aRun('b', 80),
        aRun('c', 70),
        aRun('u', 1, { outcome: 'unchanged', publishedAt: null, historyDue: true }),
      ],
      shown: 'c',
      goes: ['a/export', 'b/rows'],
    },
    {
      title: 'are none that a shown rollback shares',
      runs: [aRun('a', 90), aRun('b', 80), aRun('back', 70, { files: aRun('a', 0).files })],
      shown: 'back',
      goes: ['b/rows'],
    },
    {
      title: 'go once where two old runs share them',
      runs: [aRun('a', 90), aRun('again', 80, { files: aRun('a', 0).files }), aRun('c', 70), aRun('d', 65)],
      shown: 'd',
      goes: ['a/export', 'a/rows', 'c/rows'],
    },
    {
      title: 'are none that serve another class of a run that keeps it',
      runs: [
        aRun('a', 90),
        aRun('b', 1, {
          files: {
            ...aRun('b', 1).files,
            ledgerDetail: [ref('a/rows')],
          },
        }),
        aRun('c', 1),
      ],
      shown: 'c',
      goes: ['a/export'],
    },
  ])('$title', ({ runs, shown, goes }) => {
    expect(going(runs, shown)).toEqual(goes);
    expect(going(runs.toReversed(), shown).sort()).toEqual(goes);
  });
});

test('a run that did not get far has the files that it made', () => {
  expect(filesOfRun(null)).toEqual({ exports: [], intermediates: [], rejects: [], ledgerDetail: [] });
  expect(filesOfRun({ export: { file: ref('e') } }, ref('d'))).toEqual({
    exports: [ref('e')],
    intermediates: [],
    rejects: [],
    ledgerDetail: [ref('d')],
  });
});

test.each([
  ['artifact:notes/p/r/loginAndDownload-0-refused.csv', { class: 'refused', days: 7 }],
  ['artifact:notes/p/r/takeFile-0-export.csv', { class: 'exports', days: 60 }],
  ['artifact:notes/p/r/clean-0-rows.tsv', { class: 'intermediates', days: 30 }],
])('the stray %s stays as long as its class', (uri, expected) => {
  expect(daysOfStray(uri, retention)).toEqual(expected);
});
