import { PipelineError } from '../domain/failures.ts';

/**
 * A run's steps must all work under the same rules. When someone changes the configuration in the middle of a
 * run, what the earlier step made is as good as lost: it is made again under the new rules.
 */
export function assertSameRules(made: { step: string; rulesSha256: string }, currentSha256: string): void {
  if (made.rulesSha256 === currentSha256) return;
  throw new PipelineError('ArtifactMissing', `the rules have changed since ${made.step} ran`, {
    hint: 'The step runs again by itself under the new rules, once.',
    details: { madeBy: made.step },
  });
}
