import { describe, expect, test } from 'vitest';
import { assertDecided, assertOwnFiles } from '../../src/activities/parts/assertDecided.ts';
import type { LoadInput } from '../../src/activities/contracts.ts';
import type { LedgerRun } from '../../src/domain/publication.ts';

/** A decision in an input is only a claim; what the ledger has of the run decides. */
const runId = '0197f3c2-5a1e-7c44-9d2b-6f0a1b2c3d4e';
const other = '0197f3c2-5a1e-7c44-9d2b-6f0a1b2c3d4f';
const run = { runId, report: 'notes', period: { from: '2026-10-16', to: '2026-10-31' } };

function filesAt(place: string) {
  const ref = { uri: `artifact:${place}/${runId}/x-aaaaaaaaaaaa-rows.tsv`, sha256: 'a', bytes: 1, rows: 1 };
  return {
    export: { file: ref, exportedAt: '2026-11-01T00:00:00Z' },
    clean: { rows: ref, rejected: ref, excluded: ref },
    categorize: { rows: ref },
    aggregate: { rollups: ref, unknownServices: ref },
  };
}

const made = filesAt('notes/2026-10-16..2026-10-31');

function asked(decision: object | undefined, changes: object = {}): LoadInput {
  return { run, made, ...(decision === undefined ? {} : { decision }), ...changes } as unknown as LoadInput;
}

function ledger(entry: object | undefined) {
  const found = entry === undefined ? undefined : { run, files: made, decision: null, ...entry };
  return { findRun: () => Promise.resolve(found as unknown as LedgerRun | undefined) };
}

const approve = { kind: 'approve', by: 'jane', reason: 'why' };
const rollback = { kind: 'rollback', by: 'jane', reason: 'why', restores: other };

describe('is carried out', () => {
  test.each([
    ['no decision at all', undefined, undefined],
    ['an approval of a held run', approve, { outcome: 'held' }],
    ['an approval asked for once more', approve, { outcome: 'published', decision: { kind: 'approve' } }],
    ['a version put back', rollback, { outcome: 'published' }],
  ])('%s', async (_what, decision, entry) => {
    await expect(assertDecided(asked(decision), ledger(entry))).resolves.toBeUndefined();
  });
});

describe('is refused', () => {
  test.each([
    ['a run that the ledger does not know', approve, undefined, /knows no such run/],
    ['a run that nobody held', approve, { outcome: 'failed' }, /it is failed/],
    ['one that was published without a word', approve, { outcome: 'published' }, /it is published/],
    ['one that was rejected', approve, { outcome: 'rejected' }, /it is rejected/],
    ['a version that never was one', rollback, { outcome: 'held' }, /it is held/],
    ['a rollback to nowhere', { ...rollback, restores: undefined }, { outcome: 'published' }, /names no run/],
    [
      'an approval that restores',
      { ...approve, restores: other },
      { outcome: 'held' },
      /puts no other run back/,
    ],
    [
      'other files',
      approve,
      { outcome: 'held', files: filesAt('notes/2026-10-01..2026-10-15') },
      /its files are not/,
    ],
    [
      'another period',
      approve,
      { outcome: 'held', run: { ...run, period: { from: '2026-10-01', to: '2026-10-15' } } },
      /it was for notes 2026-10-01/,
    ],
  ])('%s', async (_what, decision, entry, says) => {
    await expect(assertDecided(asked(decision), ledger(entry))).rejects.toMatchObject({
      type: 'InvalidInput',
      retry: false,
      message: expect.stringMatching(says) as string,
    });
  });

  test.each([
    'notes/2026-10-01..2026-10-15',
    'utilization/2026-10-16..2026-10-31',
    'x/notes/2026-10-16..2026-10-31',
  ])('files of %s', (place) => {
    expect(() => assertOwnFiles(asked(undefined, { made: filesAt(place) }))).toThrow(
      /is not one of notes 2026-10-16/,
    );
  });

  test('nothing of the run itself', () => {
    expect(() => assertOwnFiles(asked(undefined))).not.toThrow();
  });
});
