import { z } from 'zod';
import type { Notification } from '../alerts/notifications.ts';
import { channelNames, type AlertCondition } from '../domain/alertConditions.ts';
import type { RejectCounts, RejectKind, StatusDoubt } from '../domain/rejects.ts';
import type { Accounting, MoneyAccount } from '../domain/accounting.ts';
import type { ArtifactRef } from '../domain/artifacts.ts';
import { failureTypes, PipelineError, type FailureType } from '../domain/failures.ts';
import { fileIdPattern, sourceNamePattern, type FileFacts } from '../domain/fileSources.ts';
import {
  daySchema,
  exactly,
  inputProblem,
  periodSchema,
  reportSchema,
  runIdSchema,
} from '../domain/inputs.ts';
import { isWholePeriod } from '../domain/periods.ts';
import {
  outcomes,
  type Decision,
  type Outcome,
  type RunCounts,
  type Versions,
} from '../domain/publication.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import { reportNames } from '../reports/index.ts';
import type {
  AggregateMade,
  CategorizeMade,
  CleanMade,
  ExportMade,
  LoadInput,
  Made,
  RunEnd,
} from './contracts.ts';
import { isOwnFile } from './parts/assertDecided.ts';
import type { DailyPlanInput } from './planDailyRun.ts';
import type { SettleInput } from './settleFile.ts';
import type { TakeDecisionInput } from './takeDecision.ts';

/**
 * The input of each activity, and the parts of it. Anyone who reaches the Temporal server can send an activity any
 * input, so each is checked as strictly as a workflow's input, before the activity sees it.
 */

const instant = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/, 'must be an instant, ISO 8601 in UTC')
  .refine((text) => !Number.isNaN(Date.parse(text)), 'must be an existing instant');
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256, 64 hex digits');
const codeVersion = z.string().regex(/^[0-9a-f]{16}$/, 'must be 16 hex digits');
const count = z.number().int().min(0);
const decimal = z.string().regex(/^-?\d{1,30}(\.\d{1,10})?$/, 'must be a decimal number as text');
/** Names of columns, rules, statuses and kinds of warnings. */
const name = z.string().min(1).max(100);
const failureTypeSchema = z.enum(Object.keys(failureTypes) as [FailureType, ...FailureType[]]);
const workflowId = z.string().min(1).max(1000);
const reason = z.string().min(1).max(500);
/** A person's name as given, or a Temporal identity. */
const who = z.string().min(1).max(1000);

const runIdentity = exactly<RunIdentity>()({
  runId: runIdSchema,
  workflowId,
  report: reportSchema,
  period: periodSchema,
  source: z.enum(['portal', 'file', 'rollback']),
  startedAt: instant,
}).refine((run) => isWholePeriod(run.report, run.period), 'must be about exactly one period of its report');

const artifactRef = exactly<ArtifactRef>()({
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
const accounting = exactly<Accounting>()({
  read: count,
  loaded: count,
  excluded: count,
  rejected: count,
  dollars: z.record(name, moneyAccount),
});
const warnings = z.record(name, count);
const rejects = exactly<RejectCounts>()({
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
const cleanMade = exactly<CleanMade>()({
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
const categorizeMade = exactly<CategorizeMade>()({
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
const made = exactly<Made>()({
  export: exportMade,
  clean: cleanMade,
  categorize: categorizeMade,
  aggregate: aggregateMade,
});
/**
 * The message for files of another period: a manual call of a step must not make one period's figures from another's
 * rows.
 */
const anotherPeriods = 'must be given files of the very report and period';

/** The input of every step of a run. */
const stepInput = { run: runIdentity };

/** The input of a step that takes none. */
export const nothing = z.undefined();

/** The input of every step of a run that needs nothing else. */
export const runInput = z.strictObject(stepInput);

export const dailyPlanInput = exactly<DailyPlanInput>()({
  day: daySchema.optional(),
  reports: z.array(reportSchema).min(1).max(reportNames.length).optional(),
  instant,
});

export const backfillPlanInput = z.strictObject({ report: reportSchema, range: periodSchema });

export const takeFileInput = z.strictObject({ ...stepInput, file: z.string().min(1).max(4096) });

export const cleanInput = z
  .strictObject({ ...stepInput, export: artifactRef })
  .refine((input) => isOwnFile(input.run, input.export), anotherPeriods);

export const categorizeInput = z
  .strictObject({ ...stepInput, clean: cleanMade })
  .refine((input) => isOwnFile(input.run, input.clean.rows), anotherPeriods);

export const aggregateInput = z
  .strictObject({ ...stepInput, categorize: categorizeMade })
  .refine((input) => isOwnFile(input.run, input.categorize.rows), anotherPeriods);

/** The input of `load` and of `assess`. */
export const loadInput = exactly<LoadInput>()({
  ...stepInput,
  made,
  decision: exactly<Decision>()({
    kind: z.enum(['approve', 'rollback']),
    by: who,
    reason,
    restores: runIdSchema.optional(),
  }).optional(),
  force: z.literal(true).optional(),
});

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

export const decisionInput = exactly<TakeDecisionInput>()({
  kind: z.enum(['approve', 'rollback']),
  run: runIdSchema,
  reason,
  by: who.optional(),
  workflow: exactly<TakeDecisionInput['workflow']>()({ workflowId, runId: runIdSchema, startedAt: instant }),
});

export const awaitedRunInput = z.strictObject({ workflowId });

const sourceInput = z.string().regex(sourceNamePattern, 'must be the name of a source');

export const claimInput = z.strictObject({ source: sourceInput });

export const settleInput = exactly<SettleInput>()({
  source: sourceInput,
  id: z.string().regex(fileIdPattern, 'must be 16 hex digits'),
  claimed: exactly<FileFacts>()({ bytes: z.int().min(0), modifiedAt: z.int().min(0) }),
  end: z.discriminatedUnion('to', [
    z.strictObject({ to: z.literal('done') }),
    z.strictObject({ to: z.literal('again') }),
    z.strictObject({
      to: z.literal('refused'),
      type: failureTypeSchema,
      message: z.string().max(100_000),
    }),
  ]),
});

const shortText = z.string().max(200);

type Of<Kind extends AlertCondition['kind']> = Extract<AlertCondition, { kind: Kind }>;

const aPeriod = { report: reportSchema, period: periodSchema };
const oneRun = { workflowId, runId: runIdSchema };

const condition = z.discriminatedUnion('kind', [
  exactly<Of<'failed'>>()({
    kind: z.literal('failed'),
    ...aPeriod,
    ...oneRun,
    failureType: failureTypeSchema,
  }),
  exactly<Of<'held'>>()({
    kind: z.literal('held'),
    ...aPeriod,
    ...oneRun,
    gates: z.array(shortText).max(100),
  }),
  exactly<Of<'missing'>>()({ kind: z.literal('missing'), ...aPeriod, startsAt: shortText }),
  exactly<Of<'login'>>()({
    kind: z.literal('login'),
    login: shortText,
    failureType: failureTypeSchema.nullable(),
  }),
  exactly<Of<'schedule'>>()({ kind: z.literal('schedule'), state: z.enum(['paused', 'absent']) }),
  exactly<Of<'stuck'>>()({
    kind: z.literal('stuck'),
    ...oneRun,
    why: z.enum(['no-worker', 'task-fails']),
    detail: shortText,
  }),
  exactly<Of<'source'>>()({ kind: z.literal('source'), source: sourceInput }),
  exactly<Of<'pages'>>()({
    kind: z.literal('pages'),
    ...oneRun,
    state: z.enum(['not-written', 'not-mailed']),
  }),
]);

export const notificationInput = exactly<Notification>()({
  channel: z.enum(channelNames),
  event: z.enum(['began', 'lasts', 'over']),
  causes: z.array(condition).min(1).max(10_000),
});

export const databaseNotificationInput = z.strictObject({
  channel: z.enum(channelNames),
  event: z.enum(['began', 'over']),
});

/** A value without `readonly`, as a schema's type has it. */
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
