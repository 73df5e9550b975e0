import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import type { Context } from '@temporalio/activity';
import { asActivityFailure } from '../activities/failures.ts';

/** Turns whatever an activity throws into the failures of the one list. It always throws again. */
export class FailureInterceptor implements ActivityInboundCallsInterceptor {
  readonly #activity: string;

  constructor(context: Context) {
    this.#activity = context.info.activityType;
  }

  async execute(
    input: ActivityExecuteInput,
    next: Next<ActivityInboundCallsInterceptor, 'execute'>,
  ): Promise<unknown> {
    try {
      return await next(input);
    } catch (error) {
      throw asActivityFailure(error, this.#activity);
    }
  }
}
