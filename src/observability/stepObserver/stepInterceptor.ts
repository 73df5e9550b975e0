import type { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type {
  ActivityExecuteInput,
  ActivityInboundCallsInterceptor,
  ActivityOutboundCallsInterceptor,
  GetLogAttributesInput,
  Next,
} from '@temporalio/worker';
import { agencyNamedIn, type Agency } from '../../domain/agencyId.ts';
import { isFailureType } from '../../domain/failures.ts';
import { periodText } from '../../domain/periods.ts';
import type { StepEnd, StepObserver } from './stepAttempt.ts';
import { factsOf } from './stepFacts.ts';
import { subjectOf, type Subject } from './subject.ts';

/**
 * Sees every attempt at every step: logs a line when it is over, adds agency, report, period and run to every line
 * of the attempt, and calls the observers. It is outside of the FailureInterceptor, so that failures have their
 * type.
 */
export class StepInterceptor implements ActivityInboundCallsInterceptor, ActivityOutboundCallsInterceptor {
  readonly #context: Context;
  readonly #observers: readonly StepObserver[];
  #agency: Agency;
  #subject: Subject | undefined;

  constructor(context: Context, observers: readonly StepObserver[]) {
    this.#context = context;
    this.#observers = observers;
  }

  async execute(
    input: ActivityExecuteInput,
    next: Next<ActivityInboundCallsInterceptor, 'execute'>,
  ): Promise<unknown> {
    const [argument] = input.args;
    this.#agency = agencyNamedIn(argument);
    this.#subject = subjectOf(argument);
    const began = performance.now();
    const over = (end: StepEnd) => this.#notify(argument, end, (performance.now() - began) / 1000);
    try {
      const result = await next(input);
      over({ kind: 'done', result });
      return result;
    } catch (error) {
      over(this.#endOf(error));
      throw error;
    }
  }

  /** The SDK's own lines about the attempt pass through here too. */
  getLogAttributes(
    input: GetLogAttributesInput,
    next: Next<ActivityOutboundCallsInterceptor, 'getLogAttributes'>,
  ): Record<string, unknown> {
    // The attempt is already named in plain words, so the token is dropped.
    const { taskToken: _, isLocal: __, ...attributes } = next(input);
    const { report, period, run } = this.#subject ?? {};
    return {
      ...attributes,
      ...(this.#agency === undefined ? {} : { agency: this.#agency }),
      ...(report === undefined ? {} : { report }),
      ...(period === undefined ? {} : { period: periodText(period) }),
      ...(run === undefined ? {} : { run }),
    };
  }

  #endOf(error: unknown): StepEnd {
    if (error instanceof ApplicationFailure) {
      return { kind: 'failed', type: isFailureType(error.type) ? error.type : 'InternalError' };
    }
    return this.#context.cancellationSignal.aborted
      ? { kind: 'cancelled' }
      : { kind: 'failed', type: 'InternalError' };
  }

  #notify(input: unknown, end: StepEnd, seconds: number): void {
    const { log, info } = this.#context;
    const step = info.activityType;
    const over = { step, subject: this.#subject, attempt: info.attempt, seconds, input, end };
    try {
      // The SDK itself logs a failure, with its message.
      if (end.kind !== 'failed')
        log.info(`${step} ${end.kind}`, { seconds: rounded(seconds), ...factsOf(over) });
      for (const observe of this.#observers) observe(over);
    } catch (error) {
      // A failure to count must not undo the step.
      log.warn('a step could not be counted', { class: error instanceof Error ? error.name : typeof error });
    }
  }
}

/** To the millisecond. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
