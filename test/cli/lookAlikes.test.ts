import { expect, test } from 'vitest';
import { lookAlikesAmong } from '../../src/cli/lookAlikes.ts';
import { resultWords } from '../../src/cli/watch.ts';

function aName(column: string, name: string) {
  return {
    column,
    name,
    code: 'INENU',
    key: name.length.toString(16),
    rows: 1,
    first: '2026-10-01',
    last: '2026-10-01',
  };
}

test('look-alikes are those of one column', () => {
  const [one, other] = [aName('client', 'NÚÑEZ, INÉS'), aName('client', 'NUNEZ, INES')];
  const elsewhere = aName('qp', 'NUNEZ, INES');
  expect(lookAlikesAmong([one, elsewhere, other, aName('client', 'ELSE, SOMEBODY')])).toEqual([[one, other]]);
});

test('a run says what of its rows has to be looked at, a line each', () => {
  const warnings = {
    'unknown-service': 3,
    'html-entities:client': 1,
    'negative-days': 1,
    'over-authorized': 2,
  };
  expect(resultWords({ outcome: 'published', warnings }).split('\n')).toEqual([
    'published',
    'warning unknown-service: 3 (rows of services that no group of pipeline.yaml names: they count in group 0)',
    'warning html-entities:client: 1 (rows with HTML entities such as &eacute; in this column; decodeHtmlEntities in pipeline.yaml decodes them)',
    'warning negative-days: 1 (notes with negative days to sign: they count as signed in time)',
    'warning over-authorized: 2',
  ]);
});

test('a daily run says in words how its periods ended', () => {
  const held = [{ id: 'notes:2026-10-16..2026-10-31', run: 'r', gates: ['pinned'] }];
  const ended = { total: 4, done: { published: 2, held: 1 }, failed: 1, notAttempted: 0, failures: [], held };
  expect(resultWords({ day: '2026-11-23', ...ended, dashboards: { kind: 'nothing loaded' } })).toBe(
    '2 published, 1 held, 1 failed, of 4 periods due on 2026-11-23; dashboards: nothing loaded\nnotes:2026-10-16..2026-10-31 is held by pinned',
  );
  const none = { day: '2026-11-23', total: 0, done: {}, failed: 0, notAttempted: 0 };
  expect(resultWords(none)).toBe('no period due on 2026-11-23');
  const tidied = { kind: 'tidied', files: { exports: 2 }, bytes: 9, more: false };
  expect(resultWords({ ...none, tidy: tidied })).toBe('no period due on 2026-11-23');
  const failed = { kind: 'failed', type: 'ArtifactStoreUnavailable', message: 'The disk is full.' };
  expect(resultWords({ ...none, tidy: failed })).toBe(
    'no period due on 2026-11-23\nold files were not all removed, ArtifactStoreUnavailable: The disk is full.',
  );
});

test('a run says in words how it ended, and what the supervisor rule moved', () => {
  const rows = { rowsRead: 450, rowsLoaded: 447, rowsExcluded: 0, rowsRejected: 3 };
  expect(resultWords({ outcome: 'published', run: 'r', ...rows })).toBe(
    'published: 450 read, 447 loaded, 0 excluded, 3 rejected (run r)',
  );
  const moved = { rowsMoved: 12, dollarsMoved: '1234.50' };
  expect(resultWords({ outcome: 'published', run: 'r', ...rows, ...moved })).toBe(
    'published: 450 read, 447 loaded, 0 excluded, 3 rejected, 12 moved by the supervisor rule (1234.50 dollars) (run r)',
  );
});

test('a held run says what an approval would load', () => {
  const result = {
    outcome: 'held',
    run: 'r',
    rowsRead: 151,
    rowsLoaded: 0,
    rowsHeld: 149,
    rowsExcluded: 0,
    rowsRejected: 2,
  };
  expect(resultWords(result)).toBe('held: 151 read, 0 loaded, 149 held, 0 excluded, 2 rejected (run r)');
});
