import { describe, expect, test } from 'vitest';
import {
  assertDashboards,
  dashboardsFailures,
  describeDashboards,
  type DashboardsOutcome,
} from '../../src/workflows/dashboardsStep.ts';
import { addResult, newProgress } from '../../src/workflows/periodsProgress.ts';
import { assertAllDone } from '../../src/workflows/periodsOutcome.ts';

/** How a daily run fails: for its periods first, and never without a word of its dashboards. */
const full: DashboardsOutcome = { kind: 'failed', type: 'DashboardsNotWritten', message: 'no room (ENOSPC)' };
const written: DashboardsOutcome = { kind: 'written', folder: 'dashboards', files: 1, bytes: 5 };

function progress(failed: number) {
  const state = newProgress(2);
  for (let count = 0; count < failed; count += 1) {
    addResult(state, {
      kind: 'failed',
      id: 'notes:a',
      type: 'PortalUnavailable',
      message: 'away',
      blocksLogin: false,
      endedByPerson: false,
    });
  }
  return state;
}

function ending(failed: number, dashboards: DashboardsOutcome) {
  const state = progress(failed);
  assertAllDone(state, dashboardsFailures(dashboards));
  assertDashboards(dashboards, state);
}

describe('a daily run', () => {
  test('with periods and dashboards well does not fail', () => {
    expect(() => ending(0, written)).not.toThrow();
  });

  test('without its dashboards fails for them', () => {
    expect(() => ending(0, full)).toThrow(
      expect.objectContaining({
        type: 'DashboardsNotWritten',
        message: expect.stringContaining('stay as they are; only the dashboards were not written'),
      }),
    );
  });

  test('without a period fails for it', () => {
    expect(() => ending(1, written)).toThrow(
      expect.objectContaining({
        type: 'PortalUnavailable',
        message: '1 of 2 periods failed, 0 not attempted — notes:a PortalUnavailable: away',
      }),
    );
  });

  test('without a period and without its dashboards fails for the period and names both', () => {
    expect(() => ending(1, full)).toThrow(
      expect.objectContaining({
        type: 'PortalUnavailable',
        message:
          '1 of 2 periods failed, 0 not attempted — notes:a PortalUnavailable: away — the dashboards were not written either, DashboardsNotWritten: no room (ENOSPC)',
      }),
    );
  });
});

test.each([
  { mails: { sent: 3, sentBefore: 1, notSent: 0, why: [] }, says: '- mails: 3 sent, 1 sent before' },
  {
    mails: { sent: 0, sentBefore: 0, notSent: 2, why: ['recipients[0]: it answered 550'] },
    says: '**Not all pages were mailed** 0 sent, 2 not sent (recipients[0]: it answered 550)',
  },
])('the details of a daily run say: $says', ({ mails, says }) => {
  expect(describeDashboards({ ...written, mails })).toContain(says);
});
