import { continueAsNew, setCurrentDetails } from '@temporalio/workflow';
import { parseBackfillInput, type BackfillInput } from '../domain/inputs.ts';
import { periodsNewestFirst, type Period } from '../domain/periods.ts';
import { quick } from './activityProxies.ts';
import { labelOutcome, labelPeriod } from './runLabels.ts';
import { assertAllDone, outcomeOf } from './periodsOutcome.ts';
import { addResult, describePeriods, newProgress, type PeriodsProgress } from './periodsProgress.ts';
import { withRunHandling } from './runHandling.ts';
import { runPeriods } from './runPeriods.ts';

/** Runs every period of a range, newest first; goes on past a failed one and fails at the end if any did. */
export function backfill(input?: unknown): Promise<PeriodsProgress> {
  let progress: PeriodsProgress | undefined;
  return withRunHandling({ input, progress: () => progress }, async () => {
    const request = parseBackfillInput(input);
    const { report, range } = request;
    labelPeriod({ report, period: range });
    const plan = await quick.planBackfill({ report, range });
    const state = resumed(request);
    progress = state;
    const remaining = remainingPeriods(request);
    const now = remaining.slice(0, plan.periodsPerRun);
    await runPeriods(
      now.map((period) => ({ report, period })),
      { ...plan, concurrency: request.concurrency ?? plan.concurrency },
      (result) => {
        addResult(state, result);
        setCurrentDetails(describePeriods(state));
      },
    );
    if (state.notAttempted > 0) state.notAttempted += remaining.length - now.length;
    else await goOn(request, state, remaining.slice(now.length));
    assertAllDone(state);
    labelOutcome(outcomeOf(state));
    return state;
  });
}

function remainingPeriods({ report, range, progress }: BackfillInput): Period[] {
  const periods = periodsNewestFirst(report, range);
  return progress === undefined ? periods : periods.filter((period) => period.from <= progress.next);
}

function resumed({ report, range, progress }: BackfillInput): PeriodsProgress {
  const fresh = newProgress(periodsNewestFirst(report, range).length);
  if (progress === undefined) return fresh;
  return {
    ...fresh,
    done: { ...progress.done },
    failed: progress.failed,
    failures: [...progress.failures],
    held: [...progress.held],
  };
}

/** Continues a long backfill in a fresh history, while no child is in flight. */
async function goOn(
  { report, range, concurrency, agency }: BackfillInput,
  state: PeriodsProgress,
  remaining: readonly Period[],
): Promise<void> {
  const [next] = remaining;
  if (next === undefined) return;
  const { done, failures, failed, held } = state;
  await continueAsNew({
    report,
    ...range,
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(agency === undefined ? {} : { agency }),
    progress: { next: next.from, done, failures, failed, held },
  });
}
