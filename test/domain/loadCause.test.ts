import { expect, test } from 'vitest';
import { loadCause, type Load } from '../../src/domain/loadCause.ts';

const madeOf = { export: 'a', rules: 'b', code: 'c' };
const load: Load = { source: 'portal', decision: null, madeOf: { ...madeOf, export: 'x' } };

test.each([
  { change: {}, before: null, why: 'first load of the period' },
  { change: {}, before: { madeOf }, why: 'the portal exported other rows' },
  { change: { source: 'file' }, before: { madeOf }, why: 'another file was handed in' },
  { change: { madeOf }, before: { madeOf }, why: 'loaded again from the same export' },
  {
    change: { madeOf: { export: 'a', rules: 'y', code: 'z' } },
    before: { madeOf },
    why: 'rules or name key changed; the pipeline was updated',
  },
  { change: {}, before: undefined, why: 'the run before it is no longer in the ledger' },
  {
    change: { decision: { kind: 'approve', by: 'ada', reason: 'checked with billing' } },
    before: { madeOf },
    why: 'approved by ada: checked with billing',
  },
  {
    change: { source: 'rollback', decision: { kind: 'rollback', by: 'ben', reason: 'cut off' } },
    before: { madeOf },
    why: 'earlier version put back by ben: cut off',
  },
] as const)('$why', ({ change, before, why }) => {
  expect(loadCause({ ...load, ...change }, before)).toBe(why);
});
