import { PipelineError } from '../../domain/failures.ts';

/**
 * All steps of a run must work under the same rules. If the configuration changes during a run, the earlier step's
 * result is treated as lost: it is made again under the new rules.
 */
export function assertSameRules(made: { step: string; rulesSha256: string }, currentSha256: string): void {
  if (made.rulesSha256 === currentSha256) return;
  throw new PipelineError('ArtifactMissing', `the rules have changed since ${made.step} ran`, {
    hint: 'The step runs again by itself under the new rules, once.',
    details: { madeBy: made.step },
  });
}
