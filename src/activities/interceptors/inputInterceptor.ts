import type { Context } from '@temporalio/activity';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import type { z } from 'zod';
import { splitAgency } from '../../domain/agencyId.ts';
import { checkInput } from '../inputSchemas.ts';

/** Refuses an invalid input before the step sees it. */
export class InputInterceptor implements ActivityInboundCallsInterceptor {
  readonly #step: string;
  readonly #schemas: Readonly<Record<string, z.ZodType>>;

  constructor(context: Context, schemas: Readonly<Record<string, z.ZodType>>) {
    this.#step = context.info.activityType;
    this.#schemas = schemas;
  }

  async execute(
    input: ActivityExecuteInput,
    next: Next<ActivityInboundCallsInterceptor, 'execute'>,
  ): Promise<unknown> {
    // A step without a schema must not run; a test checks that each has one.
    const schema = Object.hasOwn(this.#schemas, this.#step) ? this.#schemas[this.#step] : undefined;
    if (schema === undefined) throw new Error(`no schema for ${this.#step}`);
    checkInput(this.#step, schema, splitAgency(input.args).args);
    return next(input);
  }
}
