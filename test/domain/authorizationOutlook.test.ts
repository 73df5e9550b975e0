import { expect, test } from 'vitest';
import { authorizationOutlook, type AuthorizationFacts } from '../../src/domain/authorizationOutlook.ts';
import type { IsoDate } from '../../src/domain/dates.ts';

const day = (text: string) => text as IsoDate;

function facts(change: Partial<AuthorizationFacts> = {}): AuthorizationFacts {
  return {
    startDate: day('2026-09-01'),
    endDate: day('2026-12-31'),
    period: { from: day('2026-10-01'), to: day('2026-10-31') },
    asOf: day('2026-10-31'),
    authorizedCents: 1_264_428n,
    usedCents: 0n,
    loads: [],
    ...change,
  };
}

test('an authorization with half its time gone and nothing used is behind by half of it', () => {
  expect(authorizationOutlook(facts(), 'authorization')).toMatchObject({
    days: 122,
    daysGone: 61,
    daysLeft: 61,
    timeGone: 500_000n,
    shareUsed: 0n,
    offTargetCents: -632_214n,
    projectedFrom: '8 weeks',
    projectedUseCents: 0n,
    projectedUnspentCents: 1_264_428n,
    projectedExhaustion: null,
  });
});

test('as dollars of the month it is over with the month, and ends when it ends', () => {
  expect(authorizationOutlook(facts(), 'month')).toMatchObject({
    figureDays: { from: '2026-10-01', to: '2026-10-31' },
    days: 31,
    daysGone: 31,
    daysLeft: 61,
    offTargetCents: -1_264_428n,
  });
});

/** Of four weeks, where the one earlier load was on that day. */
function paceSince(loadDay: string) {
  const loads = [{ day: day(loadDay), authorizedCents: 1_264_428n, usedCents: 300n }];
  return authorizationOutlook(facts({ usedCents: 700n, loads }), 'authorization').perWeekOf4;
}

test('a load counts as that of four weeks ago for a week more, and no longer', () => {
  expect(paceSince('2026-10-04')).toBeNull();
  expect(paceSince('2026-10-03')).toEqual({ cents: 100n, days: 28 });
  expect(paceSince('2026-09-26')).toEqual({ cents: 80n, days: 35 });
  expect(paceSince('2026-09-25')).toBeNull();
});
