import { expect, test } from 'vitest';
import {
  certainlyDeserted,
  desertedNow,
  takeoverOf,
  type DeployMode,
  type Deployment,
} from '../../src/temporal/deployment.ts';

/** `old` came before `newer`. */
function deployment(current: string | undefined, ...polling: string[]): Deployment {
  return {
    current,
    builds: [
      { id: 'old', createdAt: 1n },
      { id: 'newer', createdAt: 2n },
    ],
    polling: new Set(polling),
    conflictToken: new Uint8Array(),
  };
}

/** As looks without a worker for more than a minute leave it. */
function longDeserted(deployed: Deployment | undefined): string | undefined {
  return certainlyDeserted(desertedNow(undefined, deployed, 0), 65_000);
}

const cases: readonly [string, string, Deployment | undefined, DeployMode, object][] = [
  ['nobody has come yet', 'old', undefined, 'auto', { kind: 'wait' }],
  ['the server has not seen this one', 'other', deployment('old'), 'auto', { kind: 'wait' }],
  ['the first takes them', 'old', deployment(undefined, 'old'), 'auto', { kind: 'take', because: 'none is' }],
  [
    'the first does so by hand too',
    'old',
    deployment(undefined, 'old'),
    'manual',
    { kind: 'take', because: 'none is' },
  ],
  ['it has them', 'old', deployment('old', 'old'), 'auto', { kind: 'current' }],
  [
    'a newer one takes them',
    'newer',
    deployment('old', 'old', 'newer'),
    'auto',
    { kind: 'take', because: 'newer' },
  ],
  [
    'a newer one waits for a word',
    'newer',
    deployment('old', 'newer'),
    'manual',
    { kind: 'leave', current: 'old' },
  ],
  [
    'an older one leaves them',
    'old',
    deployment('newer', 'old', 'newer'),
    'auto',
    { kind: 'leave', current: 'newer' },
  ],
  [
    'an older one takes them where nobody is left',
    'old',
    deployment('newer', 'old'),
    'auto',
    { kind: 'take', because: 'the current one has no worker' },
  ],
];

test.each(cases)('%s', (_what, build, deployed, mode, takeover) => {
  const desertedBefore = longDeserted(deployed);
  expect(takeoverOf(build, deployed, { mode, settled: false, desertedBefore })).toEqual(takeover);
});

test.each([undefined, 'old'])(
  'a build that had a worker at the look before keeps them, as one whose server has just started: %s',
  (desertedBefore) => {
    const deployed = deployment('newer', 'old');
    expect(takeoverOf('old', deployed, { mode: 'auto', settled: true, desertedBefore })).toEqual({
      kind: 'leave',
      current: 'newer',
    });
  },
);

const later: readonly [string, string, Deployment, object][] = [
  [
    'what a person gave back to an older build',
    'newer',
    deployment('old', 'old', 'newer'),
    { kind: 'leave', current: 'old' },
  ],
  [
    'what a person gave to workers without a version',
    'newer',
    deployment(undefined, 'newer'),
    { kind: 'leave', current: undefined },
  ],
  ['what it has', 'newer', deployment('newer', 'newer'), { kind: 'current' }],
  [
    'what has no worker any more',
    'newer',
    deployment('old', 'newer'),
    { kind: 'take', because: 'the current one has no worker' },
  ],
];

test.each(later)('once settled: %s', (_what, build, deployed, takeover) => {
  const desertedBefore = longDeserted(deployed);
  expect(takeoverOf(build, deployed, { mode: 'auto', settled: true, desertedBefore })).toEqual(takeover);
});

test('a build is deserted once no look has seen a worker of it for more than a minute', () => {
  const nobody = deployment('newer', 'old');
  const first = desertedNow(undefined, nobody, 1000);
  const next = desertedNow(first, nobody, 1200);
  expect(certainlyDeserted(next, 1200)).toBeUndefined();
  expect(certainlyDeserted(desertedNow(next, nobody, 61_000), 61_000)).toBeUndefined();
  expect(certainlyDeserted(desertedNow(next, nobody, 121_000), 121_000)).toBe('newer');
});

test.each([deployment('newer', 'newer'), deployment('old', 'old'), deployment('other', 'old'), undefined])(
  'a look that saw a worker, another build or nothing begins anew',
  (between) => {
    const nobody = deployment('newer', 'old');
    const before = desertedNow(undefined, nobody, 0);
    const after = desertedNow(desertedNow(before, between, 60_000), nobody, 120_000);
    expect(certainlyDeserted(after, 120_000)).toBeUndefined();
  },
);
