import { log, setCurrentDetails } from '@temporalio/workflow';
import type { Made, RunPlan } from '../activities/contracts.ts';
import type { RunReportInput } from '../domain/inputs.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import { lostStep } from './runFailure.ts';
import { describeRun, type MadeSoFar, type RunProgress } from './runProgress.ts';
import { aggregate, categorize, clean, loginAndDownload, takeFile } from './activityProxies.ts';

/** Where a run is now, for its details in the Web UI and for the query `progress`. */
export function at(progress: RunProgress, step: string): void {
  progress.step = step;
  setCurrentDetails(describeRun(progress, { kind: 'under way' }));
}

/** Everything before the load: the export, and what the steps make of it. What an earlier attempt made is kept. */
export async function prepare(
  request: RunReportInput,
  identity: RunIdentity,
  plan: RunPlan,
  progress: RunProgress,
): Promise<Made> {
  const { made } = progress;
  at(progress, request.file === undefined ? 'loginAndDownload' : 'takeFile');
  made.export ??=
    request.file === undefined
      ? await loginAndDownload(identity, plan)
      : await takeFile(identity, request.file);
  at(progress, 'clean');
  made.clean ??= await clean(identity, made.export);
  at(progress, 'categorize');
  made.categorize ??= await categorize(identity, made.clean);
  at(progress, 'aggregate');
  made.aggregate ??= await aggregate(identity, made.categorize);
  return {
    export: made.export,
    clean: made.clean,
    categorize: made.categorize,
    aggregate: made.aggregate,
  };
}

/** A step that does not find an earlier step's file says which; that step and those after it run again, once. */
export async function withLostFilesMadeAgain<Result>(
  made: MadeSoFar,
  steps: () => Promise<Result>,
): Promise<Result> {
  try {
    return await steps();
  } catch (error) {
    const lost = lostStep(error);
    if (lost === undefined) throw error;
    log.warn('a file was lost; the step that made it runs again', { step: lost });
    forgetFrom(lost, made);
    return steps();
  }
}

const stepOrder = ['export', 'clean', 'categorize', 'aggregate'] as const;

function forgetFrom(step: string, made: MadeSoFar): void {
  const from = stepOrder.findIndex((name) => name === step);
  // loginAndDownload and takeFile both make the export.
  for (const name of stepOrder.slice(Math.max(from, 0))) delete made[name];
}
