import type { FailureType } from '../../domain/failures.ts';
import type { Subject } from './subject.ts';

/** How one attempt at a step ended. */
export type StepEnd =
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly type: FailureType }
  | { readonly kind: 'cancelled' };

/** One attempt at a step, once it is over. */
export interface StepAttempt {
  /** The activity's name, such as `clean`. */
  readonly step: string;
  readonly subject: Subject | undefined;
  /** Counts from 1. */
  readonly attempt: number;
  readonly seconds: number;
  /** The step's one argument. */
  readonly input: unknown;
  readonly end: StepEnd;
}

export type StepObserver = (attempt: StepAttempt) => void;
