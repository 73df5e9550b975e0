import { z } from 'zod';
import { exactly } from '../domain/inputs.ts';
import { outcomes, type Outcome, type RunCounts, type Versions } from '../domain/publication.ts';
import type { Ports } from '../ports.ts';
import type { RunEnd } from './contracts.ts';
import {
  accounting,
  codeVersion,
  count,
  decimal,
  instant,
  made,
  rejects,
  sha256,
  stepInput,
  warnings,
} from './inputSchemas.ts';

/** Records in the ledger how a run ended that did not change the tables. */
export function createRecordOutcome({ warehouse }: Pick<Ports, 'warehouse'>) {
  return async function recordOutcome(finished: RunEnd): Promise<void> {
    await warehouse.recordOutcome(finished);
  };
}

export const finishedRunInput = exactly<RunEnd>()({
  ...stepInput,
  outcome: z.enum(outcomes).exclude(['published']) satisfies z.ZodType<Exclude<Outcome, 'published'>>,
  failureType: z
    .string()
    .regex(/^\w{1,64}$/)
    .optional(),
  failureMessage: z.string().max(100_000).optional(),
  counts: exactly<RunCounts>()({
    accounting,
    movedToLincs: count,
    movedDollars: decimal.optional(),
    warnings,
    rejects,
  }).optional(),
  versions: exactly<Versions>()({ exportSha256: sha256, rulesSha256: sha256, codeVersion })
    .partial()
    .optional(),
  exportedAt: instant.optional(),
  files: made.partial().optional(),
});
