import { z } from 'zod';
import { parseIsoDate, type IsoDate } from './dates.ts';
import { PipelineError } from './failures.ts';
import { isWholePeriod, periodText, wholeRangeAround, type Period } from './periods.ts';
import { isReportName, reportNames, type ReportName } from './reports.ts';

/**
 * What the workflows take: one plain JSON object each, so that every start is possible from `tctl`, `temporal`
 * and the client alike. Nothing is guessed: an unknown key is as wrong as a missing one.
 */
const day = z.string().transform((text, context): IsoDate => {
  const parsed = parseIsoDate(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: 'custom', message: 'must be an existing day written YYYY-MM-DD' });
  return z.NEVER;
});

const report = z.custom<ReportName>(isReportName, {
  error: (issue) =>
    issue.input === undefined
      ? `is missing; it must be one of ${reportNames.join(', ')}`
      : `must be one of ${reportNames.join(', ')}`,
});

const period = { report, from: day, to: day };

const runReportSchema = z.strictObject({ ...period, file: z.string().min(1).optional() });

const dailyRunSchema = z.strictObject({
  day: day.optional(),
  reports: z.array(report).min(1).optional(),
});

/** What a backfill carries along when it continues as new; nobody else gives it. */
const backfillProgress = z.strictObject({
  /** The newest period not yet started begins on this day. */
  next: day,
  done: z.record(z.string(), z.number()),
  failures: z.array(z.strictObject({ id: z.string(), type: z.string(), message: z.string() })),
  failed: z.number(),
});

const backfillSchema = z.strictObject({
  ...period,
  // One portal login serves them all; more than this only waits in line.
  concurrency: z.number().int().min(1).max(20).optional(),
  progress: backfillProgress.optional(),
});

export interface RunReportInput {
  readonly report: ReportName;
  readonly period: Period;
  readonly file?: string | undefined;
}

export type DailyRunInput = z.infer<typeof dailyRunSchema>;

export type BackfillProgress = z.infer<typeof backfillProgress>;

export interface BackfillInput {
  readonly report: ReportName;
  readonly range: Period;
  readonly concurrency?: number | undefined;
  readonly progress?: BackfillProgress | undefined;
}

/** @throws PipelineError InvalidInput unless it is exactly one period of the report. */
export function parseRunReportInput(input: unknown): RunReportInput {
  const { report: name, from, to, file } = parse(runReportSchema, input, '{report, from, to, file?}');
  const asked = orderedPeriod(from, to);
  if (!isWholePeriod(name, asked)) throw notWhole(name, asked, 'runReport takes exactly one period');
  return { report: name, period: asked, file };
}

/** A missing input, `null` and `{}` all mean today and all reports. */
export function parseDailyRunInput(input: unknown): DailyRunInput {
  return parse(dailyRunSchema, input ?? {}, '{day?, reports?}');
}

/** @throws PipelineError InvalidInput unless the range begins and ends with a whole period. */
export function parseBackfillInput(input: unknown): BackfillInput {
  const parsed = parse(backfillSchema, input, '{report, from, to, concurrency?}');
  const range = orderedPeriod(parsed.from, parsed.to);
  const whole = wholeRangeAround(parsed.report, range);
  if (whole.from !== range.from || whole.to !== range.to) {
    throw notWhole(parsed.report, range, 'backfill takes whole periods');
  }
  return { report: parsed.report, range, concurrency: parsed.concurrency, progress: parsed.progress };
}

function orderedPeriod(from: IsoDate, to: IsoDate): Period {
  if (to >= from) return { from, to };
  throw new PipelineError('InvalidInput', `to: ${to} is before from: ${from}`, {
    hint: 'Give the first day as from and the last day, which is included, as to.',
  });
}

function notWhole(name: ReportName, asked: Period, rule: string): PipelineError {
  const nearest = wholeRangeAround(name, asked);
  const unit = name === 'utilization' ? 'calendar months' : 'billing cycles (1–15 and 16–end of month)';
  return new PipelineError('InvalidInput', `from, to: ${periodText(asked)} are no whole ${unit}; ${rule}`, {
    hint: `The nearest whole range is ${periodText(nearest)}. For several periods start a backfill.`,
    details: { nearest },
  });
}

function parse<Schema extends z.ZodType>(schema: Schema, input: unknown, shape: string): z.infer<Schema> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new PipelineError('InvalidInput', `the input must be one JSON object ${shape}`, {
      hint: `Give for example --input '${example(shape)}'.`,
    });
  }
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const problems = result.error.issues.map(problemText).join('; ');
  throw new PipelineError('InvalidInput', problems, {
    hint: `The input is one JSON object ${shape}, days as YYYY-MM-DD.`,
  });
}

function problemText(issue: z.core.$ZodIssue): string {
  const field = issue.path.join('.') || 'input';
  if (issue.code === 'unrecognized_keys') return `${issue.keys.join(', ')}: no such field`;
  if (issue.code === 'invalid_type' && issue.input === undefined) return `${field}: is missing`;
  return `${field}: ${issue.message}`;
}

function example(shape: string): string {
  return shape.startsWith('{day')
    ? '{"day":"2026-11-16"}'
    : '{"report":"notes","from":"2026-10-16","to":"2026-10-31"}';
}
