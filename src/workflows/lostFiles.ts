import { log } from '@temporalio/workflow';
import { knownFailure } from './runFailure.ts';
import type { MadeSoFar } from './runProgress.ts';

/**
 * If a step missed a file of an earlier one, forgets what that step and those after it made, so that they run
 * again.
 * @returns whether a lost file was the error
 */
export function forgetLostFile(made: MadeSoFar, error: unknown): boolean {
  const lost = lostStep(error);
  if (lost === undefined) return false;
  log.warn('a file was lost; the step that made it runs again', { step: lost });
  forgetFrom(lost, made);
  return true;
}

function lostStep(error: unknown): string | undefined {
  const { type, details } = knownFailure(error);
  if (type !== 'ArtifactMissing') return undefined;
  return typeof details['madeBy'] === 'string' ? details['madeBy'] : undefined;
}

const stepOrder = ['export', 'clean', 'categorize', 'aggregate'] as const;

function forgetFrom(step: string, made: MadeSoFar): void {
  const from = stepOrder.findIndex((name) => name === step);
  // loginAndDownload and takeFile both make the export.
  for (const name of stepOrder.slice(Math.max(from, 0))) delete made[name];
}
