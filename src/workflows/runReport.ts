import type { LoadInput, Made } from '../activities/contracts.ts';
import { parseRunReportInput, type RunReportInput } from '../domain/inputs.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import { quick, transform, warehouse } from './activityProxies.ts';
import { exportWhenFree } from './exportWhenFree.ts';
import { labelPeriod } from './runLabels.ts';
import { forgetLostFile } from './lostFiles.ts';
import { withRunHandling } from './runHandling.ts';
import { identify, newRunProgress, stepsOf, type RunProgress } from './runProgress.ts';
import { conclude, recordFailure, type RunReportResult } from './runResult.ts';

/** Brings one report for one period from the portal (or a file saved by hand) to the tables. */
export function runReport(input?: unknown): Promise<RunReportResult> {
  const progress = newRunProgress('planRun');
  return withRunHandling({ input, progress: () => progress }, async () => {
    const request = parseRunReportInput(input);
    const run = identify(request);
    progress.report = run.report;
    labelPeriod(run);
    try {
      const { end: published } = await runSteps({ request, run, progress, last: warehouse.load });
      return conclude(run, published, progress);
    } catch (error) {
      await recordFailure(run, progress, error);
      throw error;
    }
  });
}

interface Procedure<End> {
  readonly request: RunReportInput;
  readonly run: RunIdentity;
  readonly progress: RunProgress;
  /** The last step: `load`, or `assess` in a preview. */
  readonly last: (input: LoadInput) => Promise<End>;
}

/**
 * Runs the steps: loginAndDownload or takeFile, clean, categorize, aggregate, load. If a step cannot find the file of
 * an earlier one, that earlier step and all after it run again, once.
 */
export async function runSteps<End>({
  request,
  run,
  progress,
  last,
}: Procedure<End>): Promise<{ made: Made; end: End }> {
  const { file, force } = request;
  const { made } = progress;
  const step = stepsOf(progress);
  const plan = await quick.planRun({ run });
  const steps = async () => {
    made.export ??= await (file === undefined
      ? exportWhenFree({ run, plan, progress })
      : step(transform.takeFile, { run, file }));
    made.clean ??= await step(transform.clean, { run, export: made.export.file });
    made.categorize ??= await step(transform.categorize, { run, clean: made.clean });
    made.aggregate ??= await step(transform.aggregate, { run, categorize: made.categorize });
    const all = {
      export: made.export,
      clean: made.clean,
      categorize: made.categorize,
      aggregate: made.aggregate,
    };
    return { made: all, end: await step(last, { run, made: all, ...(force === true ? { force } : {}) }) };
  };
  try {
    return await steps();
  } catch (error) {
    if (!forgetLostFile(made, error)) throw error;
    return steps();
  }
}
