import type { Context } from '@temporalio/activity';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import { agencyNamedIn } from '../../domain/agencyId.ts';
import { asActivityFailure } from './failureConversion.ts';

/** Converts whatever an activity throws into a failure of the one list, and throws that. */
export class FailureInterceptor implements ActivityInboundCallsInterceptor {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  async execute(
    input: ActivityExecuteInput,
    next: Next<ActivityInboundCallsInterceptor, 'execute'>,
  ): Promise<unknown> {
    try {
      return await next(input);
    } catch (error) {
      const { info, cancellationSignal } = this.#context;
      const agency = agencyNamedIn(input.args[0]);
      const cancelled = cancellationSignal.aborted;
      throw asActivityFailure(error, { activity: info.activityType, agency, cancelled });
    }
  }
}
