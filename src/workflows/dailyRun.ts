import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { IsoDate } from '../domain/dates.ts';
import { parseDailyRunInput } from '../domain/inputs.ts';
import { quick } from './activityProxies.ts';
import {
  assertDashboards,
  dashboardsFailures,
  dashboardsDetails,
  describeDashboards,
  tryDashboards,
  type DashboardsOutcome,
} from './dashboardsStep.ts';
import { labelOutcome } from './runLabels.ts';
import { assertAllDone, outcomeOf } from './periodsOutcome.ts';
import { addResult, describePeriods, newProgress, type PeriodsProgress } from './periodsProgress.ts';
import { withRunHandling } from './runHandling.ts';
import { runPeriods } from './runPeriods.ts';
import { describeTidy, tidyFailures, tryTidy, type TidyOutcome } from './retentionStep.ts';

export interface DailyRunResult extends PeriodsProgress {
  readonly day: IsoDate;
  /** The outcome of the dashboards; absent if they are off. */
  readonly dashboards?: DashboardsOutcome;
  /** The outcome of removing expired files; absent if pipeline.yaml has no section retention. */
  readonly tidy?: TidyOutcome;
}

// Set by the server on every run that a schedule starts, late and backfilled ones included.
const scheduledStartTime = defineSearchAttributeKey(
  'TemporalScheduledStartTime',
  SearchAttributeType.DATETIME,
);

/** What the schedule starts each day: every due report, and the recent periods that still change. */
export function dailyRun(input?: unknown): Promise<DailyRunResult> {
  let progress: PeriodsProgress | undefined;
  return withRunHandling({ input, progress: () => progress }, async () => {
    const { day, reports } = parseDailyRunInput(input);
    const plan = await quick.planDailyRun({ day, reports, instant: meantInstant() });
    const state = newProgress(plan.periods.length);
    progress = state;
    await runPeriods(plan.periods, plan, (result) => {
      addResult(state, result);
      setCurrentDetails(`Day ${plan.day}. ${describePeriods(state)}`);
    });
    // Even if periods failed: readers need what is published, and the pages say how old it is.
    const dashboards = await tryDashboards();
    setCurrentDetails(`Day ${plan.day}. ${describePeriods(state, describeDashboards(dashboards))}`);
    const tidy = await tryTidy();
    const alsoDone = [...describeDashboards(dashboards), ...describeTidy(tidy)];
    setCurrentDetails(`Day ${plan.day}. ${describePeriods(state, alsoDone)}`);
    assertAllDone(
      state,
      [...dashboardsFailures(dashboards), ...tidyFailures(tidy)],
      dashboardsDetails(dashboards),
    );
    assertDashboards(dashboards, state);
    labelOutcome(outcomeOf(state));
    return {
      day: plan.day,
      ...state,
      ...(dashboards.kind === 'off' ? {} : { dashboards }),
      ...(tidy.kind === 'off' ? {} : { tidy }),
    };
  });
}

/** The instant the run was meant for, which a late worker or a backfill of the schedule does not change. */
function meantInstant(): string {
  const { typedSearchAttributes, startTime } = workflowInfo();
  return (typedSearchAttributes.get(scheduledStartTime) ?? startTime).toISOString();
}
