import { z } from 'zod';
import type { RejectCounts, RejectKind, StatusDoubt } from '../domain/rejects.ts';
import type { Accounting, MoneyAccount } from '../domain/accounting.ts';
import type { ArtifactRef } from '../domain/artifacts.ts';
import { PipelineError } from '../domain/failures.ts';
import { exactly, inputProblem, periodSchema, reportSchema, runIdSchema } from '../domain/inputs.ts';
import { isWholePeriod } from '../domain/periods.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import type { AggregateMade, CategorizeMade, CleanMade, ExportMade, Made } from './contracts.ts';

/**
 * The parts of activities' inputs. Anyone who reaches the Temporal server can send an activity any input, so each is
 * checked as strictly as a workflow's input, before the activity sees it.
 */

export const instant = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/, 'must be an instant, ISO 8601 in UTC')
  .refine((text) => !Number.isNaN(Date.parse(text)), 'must be an existing instant');
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256, 64 hex digits');
export const codeVersion = z.string().regex(/^[0-9a-f]{16}$/, 'must be 16 hex digits');
export const count = z.number().int().min(0);
export const decimal = z.string().regex(/^-?\d{1,30}(\.\d{1,10})?$/, 'must be a decimal number as text');
/** Names of columns, rules, statuses and kinds of warnings. */
const name = z.string().min(1).max(100);
export const workflowId = z.string().min(1).max(1000);
export const reason = z.string().min(1).max(500);
/** A person's name as given, or a Temporal identity. */
export const who = z.string().min(1).max(1000);

const runIdentity = exactly<RunIdentity>()({
  runId: runIdSchema,
  workflowId,
  report: reportSchema,
  period: periodSchema,
  source: z.enum(['portal', 'file', 'rollback']),
  startedAt: instant,
}).refine((run) => isWholePeriod(run.report, run.period), 'must be about exactly one period of its report');

export const artifactRef = exactly<ArtifactRef>()({
  // The store checks the rest; this check only stops path traversal and hidden characters.
  uri: z
    .string()
    .max(500)
    .regex(
      /^[a-z0-9]+:(?!\/)[\w.-]+(\/(?!\.\.?(\/|$))[\w.-]+)*$/,
      'must be a reference that a step has made',
    ),
  sha256,
  bytes: count,
  rows: count,
});

const moneyAccount = exactly<MoneyAccount>()({
  read: decimal,
  loaded: decimal,
  excluded: decimal,
  rejected: decimal,
  unreadable: count,
});
export const accounting = exactly<Accounting>()({
  read: count,
  loaded: count,
  excluded: count,
  rejected: count,
  dollars: z.record(name, moneyAccount),
});
export const warnings = z.record(name, count);
export const rejects = exactly<RejectCounts>()({
  kinds: z.array(exactly<RejectKind>()({ column: name, rule: name, rows: count })).max(100),
  statuses: z
    .array(
      exactly<StatusDoubt>()({
        status: name,
        loaded: count,
        sure: count,
        possible: count,
      }),
    )
    .max(100),
  form: z.string().max(10_000).optional(),
}).optional();

const exportMade = exactly<ExportMade>()({ file: artifactRef, exportedAt: instant });
export const cleanMade = exactly<CleanMade>()({
  rows: artifactRef,
  rejected: artifactRef,
  excluded: artifactRef,
  accounting,
  movedToLincs: count,
  movedDollars: decimal.optional(),
  warnings,
  extraColumns: z.array(z.string().max(500)).max(100),
  rejects,
  rulesSha256: sha256,
});
export const categorizeMade = exactly<CategorizeMade>()({
  rows: artifactRef,
  warnings,
  rulesSha256: sha256,
  codeVersion,
});
const aggregateMade = exactly<AggregateMade>()({
  rollups: artifactRef,
  unknownServices: artifactRef,
  sums: z.record(name, decimal),
  unknownRows: count,
  warnings: warnings.optional(),
  namedWarnings: artifactRef.optional(),
});
export const made = exactly<Made>()({
  export: exportMade,
  clean: cleanMade,
  categorize: categorizeMade,
  aggregate: aggregateMade,
});
/** A manual call of a step must not make one period's figures from another one's rows. */
export const anotherPeriods = 'must be given files of the very report and period';

/** A value as a schema's type has it: lists and objects that may be written. */
type Writable<Value> = Value extends string | number
  ? Value
  : Value extends object
    ? { -readonly [Key in keyof Value]: Writable<Value[Key]> }
    : Value;

/**
 * `unknown` if the schema takes every value of the type, each member of a union too; else `never`, so that the compiler
 * refuses the schema. `exactly` compares keys alone.
 */
export type Taking<Value, Schema extends z.ZodType> =
  Writable<Value> extends z.input<Schema> ? unknown : never;

/** The input of every step of a run. */
export const stepInput = { run: runIdentity };

/** For a step without input. */
export const nothing = z.undefined();

/** @throws PipelineError InvalidInput that names fields and never their values */
export function checkInput(step: string, schema: z.ZodType, args: readonly unknown[]): void {
  const given = args.length === 1 && args[0] === null ? undefined : args[0];
  const result = schema.safeParse(given);
  if (result.success && args.length <= 1) return;
  const problems = result.success ? 'more than one argument' : inputProblem(result.error);
  throw new PipelineError('InvalidInput', `${step} was given what it does not take: ${problems}`, {
    hint: 'Start workflows; steps are called by them. If a workflow did call it so, hand this to a developer.',
  });
}
