import { PipelineError } from '../domain/failures.ts';

/** A call that the command refuses itself: what is wrong, and what to give instead. Ends with exit code 2. */
export function refused(message: string, hint: string, cause?: unknown): PipelineError {
  return new PipelineError('InvalidInput', message, { hint, cause });
}

/** Temporal does not answer, or refuses this user. Runs are not at fault, and those under way continue. */
export class TemporalUnusable extends Error {
  override readonly name = 'TemporalUnusable';
  readonly hint: string;

  constructor(message: string, { hint, cause }: { hint: string; cause: unknown }) {
    super(message, { cause });
    this.hint = hint;
  }
}

/** A run that a person or a time limit ended from outside, so that it could not report its own result. */
export class RunEnded extends Error {
  override readonly name = 'RunEnded';
  /** The class of Temporal's failure, such as TerminatedFailure. */
  readonly type: string;
  readonly hint: string;

  constructor(message: string, { type, hint, cause }: { type: string; hint: string; cause: unknown }) {
    super(message, { cause });
    this.type = type;
    this.hint = hint;
  }
}
