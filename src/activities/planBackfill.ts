import { dayInZone } from '../domain/dates.ts';
import { periodContaining, type Period } from '../domain/periods.ts';
import type { Ports } from '../ports.ts';
import type { ReportName } from '../reports/index.ts';
import { assertBegun } from './parts/assertBegun.ts';
import type { BackfillPlan } from './contracts.ts';

/** Plans how a backfill works through its periods. */
export function createPlanBackfill({ settings, clock }: Pick<Ports, 'settings' | 'clock'>) {
  return async function planBackfill(input: { report: ReportName; range: Period }): Promise<BackfillPlan> {
    const newest = periodContaining(input.report, input.range.to);
    assertBegun(newest, dayInZone(clock(), settings.timeZone));
    return {
      concurrency: settings.periodConcurrency,
      runTimeoutHours: settings.runTimeoutHours,
      periodsPerRun: settings.backfillPeriodsPerRun,
    };
  };
}
