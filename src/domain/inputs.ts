import { z } from 'zod';
import { isAgencyId, wantedAgencyId, type Agency } from './agencyId.ts';
import { parseIsoDate, partsOf, type IsoDate } from './dates.ts';
import { PipelineError } from './failures.ts';
import { displayKey } from './plainKeys.ts';
import { isWholePeriod, periodContaining, periodText, wholeRangeAround, type Period } from './periods.ts';
import { isReportName, reportNames, reports, type ReportName } from '../reports/index.ts';
import { runIdPattern } from './runIdentity.ts';

/**
 * The workflows' inputs: one plain JSON object each, so that `tctl`, `temporal` and the client can all start them.
 * Nothing is guessed: an unknown key is as wrong as a missing one.
 */
const day = z.custom<IsoDate>((value) => typeof value === 'string' && parseIsoDate(value) !== undefined, {
  error: wanted('an existing day written YYYY-MM-DD'),
});

const report = z.custom<ReportName>(isReportName, { error: wanted(`one of ${reportNames.join(', ')}`) });

/**
 * A schema with exactly the keys of a type, optional ones included: adding a key to only one of them is a type error.
 */
export function exactly<Type>() {
  return <Shape extends { readonly [Key in keyof Required<Type>]: z.ZodType }>(
    shape: Shape & Readonly<Record<Exclude<keyof Shape, keyof Type>, never>>,
  ) => z.strictObject(shape);
}

export const daySchema = day;
export const reportSchema = report;
export const periodSchema = exactly<Period>()({ from: day, to: day }).refine(
  ({ from, to }) => from <= to,
  'must not end before it begins',
);

const wantedReports = wanted(`a list of reports, each once: ["${reportNames.join('", "')}"]`);
const wantedFile = wanted(
  'a file in the inbox (EHR_INBOX), named relative to it, or run:<run id> for the export that an earlier run has kept',
);

// One portal login serves them all; more only wait in line.
const mostConcurrent = 20;
const wantedConcurrency = wanted(`a whole number from 1 to ${String(mostConcurrent)}`);

const wantedForce = wanted('true, to load again although nothing has changed, or false');

/** The expected value, in words that follow a field's name. Never the given value: it may be anything. */
function wanted(what: string) {
  return ({ input }: { readonly input?: unknown }) =>
    input === undefined ? `is missing; it must be ${what}` : `must be ${what}`;
}

/** Absent: the agency without an id. */
const agency = z.custom<string>(isAgencyId, { error: wanted(wantedAgencyId) }).optional();

const period = { report, from: day, to: day, agency };

const runReportSchema = z.strictObject({
  ...period,
  file: z.string({ error: wantedFile }).min(1, { error: wantedFile }).optional(),
  force: z.boolean({ error: wantedForce }).optional(),
});

const wantedRun = wanted('the run id of a run, as the ledger and the Web UI show it');

export const runIdSchema = z.string({ error: wantedRun }).regex(runIdPattern, { error: wantedRun });

// The limits of the ledger's columns; for a name that of Temporal's identities, which are longer.
const mostReasonCharacters = 500;
const mostNameCharacters = 160;
const wantedReason = wanted(
  `why, in words that name no patient, at most ${String(mostReasonCharacters)} characters`,
);
const wantedBy = wanted('the name of the person who decides');

const decisionSchema = z.strictObject({
  run: runIdSchema,
  reason: z
    .string({ error: wantedReason })
    .trim()
    .min(1, { error: wantedReason })
    .max(mostReasonCharacters, { error: wantedReason }),
  by: z
    .string({ error: wantedBy })
    .trim()
    .min(1, { error: wantedBy })
    .max(mostNameCharacters, { error: wantedBy })
    .optional(),
  agency,
});

const dailyRunSchema = z.strictObject({
  agency,
  day: day.optional(),
  reports: z
    .array(report, { error: wantedReports })
    .min(1, { error: wantedReports })
    // The same report twice would only wait for itself.
    .refine((names) => new Set(names).size === names.length, { error: wantedReports })
    .optional(),
});

/** What a backfill carries over when it continues as new; no other caller passes it. */
const backfillProgress = z.strictObject({
  /** The first day of the newest period not yet started. */
  next: day,
  done: z.record(z.string(), z.number()),
  failures: z.array(z.strictObject({ id: z.string(), type: z.string(), message: z.string() })),
  failed: z.number(),
  // Absent in what a backfill carried over before runs could be held.
  held: z.array(z.strictObject({ id: z.string(), run: z.string(), gates: z.array(z.string()) })).default([]),
});

const backfillSchema = z.strictObject({
  ...period,
  concurrency: z
    .int({ error: wantedConcurrency })
    .min(1, { error: wantedConcurrency })
    .max(mostConcurrent, { error: wantedConcurrency })
    .optional(),
  progress: backfillProgress.optional(),
});

export interface RunReportInput {
  readonly agency?: Agency;
  readonly report: ReportName;
  readonly period: Period;
  readonly file?: string | undefined;
  /** Whether to load again although the period already shows the same. */
  readonly force?: boolean | undefined;
}

/** A person's decision about a run: the run's id, why, and who. */
export type DecisionInput = z.infer<typeof decisionSchema>;

export type DailyRunInput = z.infer<typeof dailyRunSchema>;

export type BackfillProgress = z.infer<typeof backfillProgress>;

export interface BackfillInput {
  readonly agency?: Agency;
  readonly report: ReportName;
  readonly range: Period;
  readonly concurrency?: number | undefined;
  readonly progress?: BackfillProgress | undefined;
}

/** @throws PipelineError InvalidInput unless it is exactly one period of the report. */
export function parseRunReportInput(input: unknown): RunReportInput {
  const parsed = parse(runReportSchema, input, '{report, from, to, file?, force?}');
  const { report: name, from, to, file, force } = parsed;
  const asked = orderedPeriod(from, to);
  if (!isWholePeriod(name, asked)) throw notOnePeriod(name, asked);
  return { report: name, period: asked, file, force, agency: parsed.agency };
}

/** The input of `publishHeld` and `rollback`. @throws PipelineError InvalidInput. */
export function parseDecisionInput(input: unknown): DecisionInput {
  return parse(decisionSchema, input, '{run, reason, by?}');
}

/** A missing input, `null` and `{}` all mean today and all reports. */
export function parseDailyRunInput(input: unknown): DailyRunInput {
  return parse(dailyRunSchema, input ?? {}, '{day?, reports?}');
}

/**
 * Reads the input of a workflow that takes an agency at most; a missing input and `null` mean `{}`.
 * @throws PipelineError InvalidInput
 */
export function parseAgencyInput(input: unknown): { readonly agency?: Agency } {
  return parse(z.strictObject({ agency }), input ?? {}, '{}');
}

/** @throws PipelineError InvalidInput unless the range begins and ends with a whole period. */
export function parseBackfillInput(input: unknown): BackfillInput {
  const parsed = parse(backfillSchema, input, '{report, from, to, concurrency?}');
  const range = orderedPeriod(parsed.from, parsed.to);
  if (!isWholeRange(parsed.report, range)) throw notWhole(parsed.report, range);
  assertBackfillable(parsed.report, range);
  const { report: name, concurrency, progress, agency: of } = parsed;
  return { report: name, range, concurrency, progress, agency: of };
}

/** The report that an input names, however wrong the rest of it is. */
export function reportNamedIn(input: unknown): ReportName | undefined {
  const named = typeof input === 'object' && input !== null && 'report' in input ? input.report : undefined;
  return isReportName(named) ? named : undefined;
}

function orderedPeriod(from: IsoDate, to: IsoDate): Period {
  if (to >= from) return { from, to };
  throw new PipelineError('InvalidInput', `to: ${to} is before from: ${from}`, {
    hint: 'Give the first day as from and the last day, which is included, as to.',
  });
}

function isWholeRange(name: ReportName, range: Period): boolean {
  const whole = wholeRangeAround(name, range);
  return whole.from === range.from && whole.to === range.to;
}

function notWhole(name: ReportName, asked: Period): PipelineError {
  const nearest = wholeRangeAround(name, asked);
  return new PipelineError(
    'InvalidInput',
    `from, to: ${periodText(asked)} are no whole ${reports[name].period.words}`,
    {
      hint: `The nearest whole range is ${periodText(nearest)}.`,
      details: { nearest },
    },
  );
}

function notOnePeriod(name: ReportName, asked: Period): PipelineError {
  if (!isWholeRange(name, asked)) return notWhole(name, asked);
  const last = periodContaining(name, asked.to);
  return new PipelineError(
    'InvalidInput',
    `from, to: ${periodText(asked)} are several ${reports[name].period.words}; runReport takes exactly one`,
    {
      hint: `Start a backfill for all of them, or runReport for one, such as ${periodText(last)}.`,
      details: { nearest: last },
    },
  );
}

// A typing mistake in the year can ask for centuries. No one keeps an EHR's records for longer than this.
const mostBackfillYears = 30;

function assertBackfillable(name: ReportName, range: Period): void {
  const years = partsOf(range.to).year - partsOf(range.from).year;
  if (years < mostBackfillYears) return;
  throw new PipelineError(
    'InvalidInput',
    `from, to: ${periodText(range)} are ${String(years + 1)} years of ${name}; a backfill takes at most ${String(mostBackfillYears)}`,
    { hint: 'Check the years, or start one backfill after the other.' },
  );
}

/** The history keeps them, so an input with thousands of mistakes must not list them all. */
const mostProblems = 20;

function parse<Schema extends z.ZodType>(schema: Schema, input: unknown, shape: string): z.infer<Schema> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new PipelineError('InvalidInput', `the input must be one JSON object ${shape}`, {
      hint: `Give for example --input '${example(shape)}'.`,
    });
  }
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new WrongFields(inputProblem(result.error), shape);
}

/** Fields of an input are missing or wrong, each by itself. */
export class WrongFields extends PipelineError {
  constructor(message: string, shape: string) {
    super('InvalidInput', message, {
      hint: `The input is one JSON object ${shape}, days as YYYY-MM-DD.`,
    });
  }
}

/** Which fields are wrong, and how; never their values, and never a long invented name. */
export function inputProblem({ issues }: z.core.$ZodError): string {
  const named = issues.slice(0, mostProblems).map(problemText);
  const more = issues.length - mostProblems;
  return [...named, ...(more > 0 ? [`and ${String(more)} more`] : [])].join('; ');
}

function problemText(issue: z.core.$ZodIssue): string {
  const field = issue.path.map(displayKey).join('.') || 'input';
  if (issue.code === 'unrecognized_keys') return `${keysText(issue.keys)}: no such field`;
  return `${field}: ${issue.message}`;
}

/** More unknown keys add nothing. */
const keysNamed = 5;

function keysText(keys: readonly string[]): string {
  const named = keys.slice(0, keysNamed).map(displayKey).join(', ');
  return keys.length > keysNamed ? `${named} and ${String(keys.length - keysNamed)} more` : named;
}

const examples: readonly (readonly [start: string, example: string])[] = [
  ['{}', '{}'],
  ['{day', '{"day":"2026-11-16"}'],
  ['{run', '{"run":"0197f3c2-5a1e-7c44-9d2b-6f0a1b2c3d4e","reason":"checked with billing"}'],
  ['{report', '{"report":"notes","from":"2026-10-16","to":"2026-10-31"}'],
];

function example(shape: string): string {
  return examples.find(([start]) => shape.startsWith(start))![1];
}
