import { setCurrentDetails } from '@temporalio/workflow';
import type { Assessment, Made } from '../activities/contracts.ts';
import { parseRunReportInput } from '../domain/inputs.ts';
import { warehouse } from './activityProxies.ts';
import { labelPeriod } from './runLabels.ts';
import { withRunHandling } from './runHandling.ts';
import { describeRun, identify, newRunProgress } from './runProgress.ts';
import { runSteps } from './runReport.ts';

/** What a run would load, with the files to look at. */
export interface PreviewResult {
  readonly assessment: Assessment;
  readonly made: Made;
}

/** Does what `runReport` does, except the load: nothing reaches the tables or the ledger. */
export function preview(input?: unknown): Promise<PreviewResult> {
  const progress = newRunProgress('planRun');
  return withRunHandling({ input, progress: () => progress }, async () => {
    const request = parseRunReportInput(input);
    const run = identify(request);
    progress.report = run.report;
    labelPeriod(run);
    const { made, end: assessment } = await runSteps({ request, run, progress, last: warehouse.assess });
    progress.step = 'done';
    setCurrentDetails(describeRun(progress, { kind: 'assessed', assessment }));
    return { made, assessment };
  });
}
