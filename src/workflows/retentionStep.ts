import { patched } from '@temporalio/workflow';
import type { TidyResult } from '../activities/contracts.ts';
import { tidying } from './activityProxies.ts';
import { messageInDetails } from './webUiDetails.ts';
import { orFailed, type FailedStep } from './runFailure.ts';

/** The outcome of removing expired files. */
export type TidyOutcome = TidyResult | FailedStep;

/** Removes expired files. Never fails the daily run: no figure depends on it, and the next run removes what is left. */
export async function tryTidy(): Promise<TidyOutcome> {
  // Daily runs that were under way before there was this step end without it.
  if (!patched('tidy')) return { kind: 'off' };
  return orFailed(tidying.tidy());
}

/** Added to the message of a daily run that fails for something else. */
export function tidyFailures(outcome: TidyOutcome): string[] {
  return outcome.kind === 'failed'
    ? [`old files were not removed either, ${outcome.type}: ${outcome.message}`]
    : [];
}

/** Lines of the daily run's current details, as Markdown; none if nothing was to be removed. */
export function describeTidy(outcome: TidyOutcome): string[] {
  switch (outcome.kind) {
    case 'off':
      return [];
    case 'tidied': {
      const files = Object.values(outcome.files).reduce((sum, count) => sum + count, 0);
      const more = outcome.more ? ', more with the next daily run' : '';
      return files === 0 ? [] : [`- old files removed: ${String(files)}${more}`];
    }
    case 'failed':
      return ['', `**Old files were not all removed** ${outcome.type}: ${messageInDetails(outcome.message)}`];
  }
}
