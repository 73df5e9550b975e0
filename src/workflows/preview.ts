import { setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { Assessment, Made } from '../activities/contracts.ts';
import { parseRunReportInput } from '../domain/inputs.ts';
import { workflowFailure } from './runFailure.ts';
import { labelFailure, labelPeriod } from './labels.ts';
import { at, prepare, withLostFilesMadeAgain } from './prepare.ts';
import { describeRun, type RunProgress } from './runProgress.ts';
import { identify, runProgressQuery } from './runReport.ts';
import { assess, planRun } from './activityProxies.ts';

/** What a run would load, with the files to look at. */
export interface PreviewResult {
  readonly assessment: Assessment;
  readonly made: Made;
}

/** All that `runReport` does but the load: nothing of it reaches the tables or the ledger. */
export async function preview(input?: unknown): Promise<PreviewResult> {
  const progress: RunProgress = { step: 'planRun', made: {} };
  setHandler(runProgressQuery, () => progress);
  try {
    const request = parseRunReportInput(input);
    const identity = identify(request);
    labelPeriod(identity);
    const plan = await planRun(identity);
    const result = await withLostFilesMadeAgain(progress.made, async () => {
      const made = await prepare(request, identity, plan, progress);
      at(progress, 'assess');
      return {
        made,
        assessment: await assess({ run: identity, made, ...(request.force === true ? { force: true } : {}) }),
      };
    });
    at(progress, 'done');
    setCurrentDetails(describeRun(progress, { kind: 'assessed', assessment: result.assessment }));
    return result;
  } catch (error) {
    labelFailure(error, input);
    throw workflowFailure(error);
  }
}
