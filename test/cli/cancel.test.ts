import { afterEach, describe, expect, test, vi } from 'vitest';
import { assertOurs } from '../../src/cli/cancel.ts';
import type { Description } from '../../src/cli/endedRuns.ts';

function aRun(run: Partial<Description>): Description {
  return {
    workflowId: 'notes:2026-10-16..2026-10-31',
    type: 'runReport',
    taskQueue: 'ehr-pipeline',
    searchAttributes: {},
    ...run,
  } as Description;
}

afterEach(() => vi.unstubAllEnvs());

describe('cancel', () => {
  test.each([
    { what: 'another type of workflow', run: { type: 'billing' } },
    { what: 'the same type on the queue of another program', run: { taskQueue: 'theirs' } },
    { what: 'a type that every object has', run: { type: 'constructor' } },
  ])('refuses $what', ({ run }) => {
    expect(() => assertOurs(aRun(run))).toThrow('is no run of this pipeline');
  });

  test('takes a run of the agency that the command acts for, and no other', () => {
    const labelled = { workflowId: 'by-hand', searchAttributes: { EhrAgency: ['acme'] } };
    const named = { workflowId: 'acme:notes:2026-10-16..2026-10-31' };
    for (const run of [labelled, named]) {
      expect(() => assertOurs(aRun(run))).toThrow('is a run of the agency acme');
    }
    // Started without an id of ours, as `temporal workflow start` does.
    assertOurs(aRun({ workflowId: '3f2a8c10-5b7e-4d21-9c4e-0f6d2b1a9e77' }));
    vi.stubEnv('EHR_AGENCY', 'acme');
    for (const run of [labelled, named]) assertOurs(aRun(run));
    expect(() => assertOurs(aRun({}))).toThrow('is no run of this agency');
  });
});
