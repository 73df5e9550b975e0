import { expect, test } from 'vitest';
import { describeTidy, tidyFailures, type TidyOutcome } from '../../src/workflows/retentionStep.ts';

test.each<{ title: string; outcome: TidyOutcome; details: string[]; besides: string[] }>([
  { title: 'off', outcome: { kind: 'off' }, details: [], besides: [] },
  {
    title: 'none',
    outcome: { kind: 'tidied', files: {}, bytes: 0, more: false },
    details: [],
    besides: [],
  },
  {
    title: 'some',
    outcome: { kind: 'tidied', files: { exports: 2, evidence: 5 }, bytes: 9, more: false },
    details: ['- old files removed: 7'],
    besides: [],
  },
  {
    title: 'not all',
    outcome: { kind: 'tidied', files: { exports: 5000 }, bytes: 9, more: true },
    details: ['- old files removed: 5000, more with the next daily run'],
    besides: [],
  },
  {
    title: 'failed',
    outcome: { kind: 'failed', type: 'ArtifactStoreUnavailable', message: 'The disk is full.' },
    details: ['', '**Old files were not all removed** ArtifactStoreUnavailable: The disk is full.'],
    besides: ['old files were not removed either, ArtifactStoreUnavailable: The disk is full.'],
  },
])('a daily run that removed $title says so', ({ outcome, details, besides }) => {
  expect(describeTidy(outcome)).toEqual(details);
  expect(tidyFailures(outcome)).toEqual(besides);
});
