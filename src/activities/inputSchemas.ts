import { z } from 'zod';
import { PipelineError } from '../domain/failures.ts';
import {
  daySchema,
  exactly,
  inputProblem,
  periodSchema,
  reportSchema,
  runIdSchema,
} from '../domain/inputs.ts';
import type { ArtifactRef } from '../domain/artifacts.ts';
import { isWholePeriod } from '../domain/periods.ts';
import {
  outcomes,
  type Decision,
  type FinishedRun,
  type Outcome,
  type RunCounts,
  type Versions,
} from '../domain/publication.ts';
import type { Accounting, MoneyAccount } from '../domain/accounting.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import type { RejectCounts, RejectKind, StatusDoubt } from '../domain/rejectCounts.ts';
import { reportNames } from '../domain/reports.ts';
import { isOwnFile } from './assertDecided.ts';
import type { DecisionInput } from './takeDecision.ts';
import type { PipelineActivities, PortalActivities } from './index.ts';
import type { DailyPlanInput } from './plans.ts';
import type { AggregateMade, CategorizeMade, CleanMade, ExportMade, LoadInput, Made } from './contracts.ts';

/**
 * What each step takes. Whoever reaches the Temporal server can hand a step any input, so each is checked as strictly as
 * the workflows check theirs, before the step sees it.
 */

const instant = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/, 'must be an instant, ISO 8601 in UTC')
  .refine((text) => !Number.isNaN(Date.parse(text)), 'must be an existing instant');
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256, 64 hex digits');
const codeVersion = z.string().regex(/^[0-9a-f]{16}$/, 'must be 16 hex digits');
const count = z.number().int().min(0);
const decimal = z.string().regex(/^-?\d{1,30}(\.\d{1,10})?$/, 'must be a decimal number as text');
/** Names of columns, rules and kinds of warnings. */
const name = z.string().min(1).max(100);
const workflowId = z.string().min(1).max(1000);
const reason = z.string().min(1).max(500);
/** A name that somebody gives, or an identity of Temporal's. */
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
  // What a store makes of it, it checks for itself; here only that nothing climbs and nothing is hidden in it.
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
        status: z.enum(['On Time', 'Late', 'Unbillable']),
        loaded: count,
        sure: count,
        possible: count,
      }),
    )
    .max(3),
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
const decision = exactly<Decision>()({
  kind: z.enum(['approve', 'rollback']),
  by: who,
  reason,
  restores: runIdSchema.optional(),
});

/** Whoever calls steps by hand must not make one period's figures of another one's rows. */
const anotherPeriods = 'must be given files of the very report and period';

const run = { run: runIdentity };
const load = exactly<LoadInput>()({
  ...run,
  made,
  decision: decision.optional(),
  force: z.literal(true).optional(),
});

const finishedRun = exactly<FinishedRun>()({
  ...run,
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

/** For each step that a worker registers, what it takes. */
export const pipelineInputs = {
  planRun: z.strictObject(run),
  planDailyRun: exactly<DailyPlanInput>()({
    day: daySchema.optional(),
    reports: z.array(reportSchema).min(1).max(reportNames.length).optional(),
    instant,
  }),
  planBackfill: z.strictObject({ report: reportSchema, range: periodSchema }),
  takeFile: z.strictObject({ ...run, file: z.string().min(1).max(4096) }),
  clean: z
    .strictObject({ ...run, export: artifactRef })
    .refine((input) => isOwnFile(input.run, input.export), anotherPeriods),
  categorize: z
    .strictObject({ ...run, clean: cleanMade })
    .refine((input) => isOwnFile(input.run, input.clean.rows), anotherPeriods),
  aggregate: z
    .strictObject({ ...run, categorize: categorizeMade })
    .refine((input) => isOwnFile(input.run, input.categorize.rows), anotherPeriods),
  assess: load,
  takeDecision: exactly<DecisionInput>()({
    kind: z.enum(['approve', 'rollback']),
    run: runIdSchema,
    reason,
    by: who.optional(),
    workflow: exactly<DecisionInput['workflow']>()({ workflowId, runId: runIdSchema, startedAt: instant }),
  }),
  load,
  recordOutcome: finishedRun,
  awaitRun: z.strictObject({ workflowId }),
  loginAndDownload: z.strictObject(run),
} satisfies Readonly<Record<keyof (PipelineActivities & PortalActivities), z.ZodType>>;

/** What a step takes that takes nothing. */
export const nothing = z.undefined();

/** @throws PipelineError InvalidInput that names fields and never what was in them */
export function checkInput(step: string, schema: z.ZodType, args: readonly unknown[]): void {
  const given = args.length === 1 && args[0] === null ? undefined : args[0];
  const result = schema.safeParse(given);
  if (result.success && args.length <= 1) return;
  const problems = result.success ? 'more than one argument' : inputProblem(result.error);
  throw new PipelineError('InvalidInput', `${step} was given what it does not take: ${problems}`, {
    hint: 'Start workflows; steps are called by them. If a workflow did call it so, hand this to a developer.',
  });
}
