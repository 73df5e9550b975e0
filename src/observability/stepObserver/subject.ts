import { parseIsoDate } from '../../domain/dates.ts';
import type { Period } from '../../domain/periods.ts';
import { isReportName, type ReportName } from '../../reports/index.ts';

/** What a step works on, as far as its input shows. */
export interface Subject {
  readonly report: ReportName;
  readonly period?: Period;
  /** The run as the ledger knows it: the workflow's run, or the held one that a person has approved. */
  readonly run?: string;
}

/** Takes only a known report, existing days and an id: a step's input may hold the path of a file. */
export function subjectOf(input: unknown): Subject | undefined {
  const named = fieldsOf(fieldsOf(input)['run'] ?? input);
  const { report, period, range, runId } = named;
  if (!isReportName(report)) return undefined;
  const days = periodIn(period ?? range);
  return {
    report,
    ...(days === undefined ? {} : { period: days }),
    ...(typeof runId === 'string' && idPattern.test(runId) ? { run: runId } : {}),
  };
}

const idPattern = /^[0-9a-f-]{36}$/;

function periodIn(value: unknown): Period | undefined {
  const { from, to } = fieldsOf(value);
  const [first, last] = [dayIn(from), dayIn(to)];
  return first === undefined || last === undefined ? undefined : { from: first, to: last };
}

function dayIn(value: unknown) {
  return typeof value === 'string' ? parseIsoDate(value) : undefined;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
