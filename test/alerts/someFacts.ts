import type { AlertFacts } from '../../src/alerts/openConditions.ts';
import type { EndedRun, HeldRun } from '../../src/domain/alertConditions.ts';
import type { IsoDate } from '../../src/domain/dates.ts';
import { periodContaining } from '../../src/domain/periods.ts';
import type { ReportName } from '../../src/reports/index.ts';
import { shippedReports } from '../shippedReports.ts';

/** Noon in New York: the daily run of 03:30 has been due for long. */
const noon = new Date('2026-11-16T17:00:00Z');

/** A run of the period that was due on that day, at 03:35 of it, published unless the test says otherwise. */
export function anEndedRun(changes: Partial<EndedRun> & { report: ReportName; day?: string }): EndedRun {
  const { day = changes.report === 'notes' ? '2026-11-01' : '2026-10-01', ...others } = changes;
  return {
    period: periodContaining(changes.report, day as IsoDate),
    outcome: 'published',
    finishedAt: '2026-11-16T08:35:00.000Z',
    failureType: others.outcome === 'failed' ? 'PortalUnavailable' : null,
    workflowId: `${changes.report}:run`,
    runId: '0197f3c2-5a1e-7c44-9d2b-6f0a1b2c3d4e',
    ...others,
  };
}

export function aHeldRun(changes: Partial<HeldRun> = {}): HeldRun {
  const { report, period, workflowId, runId } = anEndedRun({ report: 'notes' });
  return { report, period, workflowId, runId, gates: ['rows-far-from-last-load'], ...changes };
}

/** All is well: both due periods were seen to this morning. */
export function someFacts(changes: Partial<AlertFacts> = {}): AlertFacts {
  return {
    now: noon,
    timeZone: 'America/New_York',
    dailyAt: '03:30',
    missingAfterHours: 3,
    lastRuns: [anEndedRun({ report: 'utilization' }), anEndedRun({ report: 'notes' })],
    held: [],
    blockedLogins: [],
    schedule: { state: 'active', createdAt: '2026-01-01T00:00:00.000Z' },
    hanging: [],
    unreachable: [],
    reports: shippedReports,
    ...changes,
  };
}
