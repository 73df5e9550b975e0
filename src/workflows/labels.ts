import { isCancellation, upsertSearchAttributes } from '@temporalio/workflow';
import { reportNamedIn } from '../domain/inputs.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';
import { searchAttributes } from './searchAttributes.ts';

/** Makes a run findable by what it is about. */
export function labelPeriod({ report, period }: Pick<RunIdentity, 'report' | 'period'>): void {
  upsertSearchAttributes([
    { key: searchAttributes.report, value: report },
    { key: searchAttributes.periodStart, value: period.from },
  ]);
}

/** Makes a run that failed findable by how it ended, and by its report even where its input was refused. */
export function labelFailure(error: unknown, input: unknown): void {
  const value = isCancellation(error) ? 'cancelled' : 'failed';
  const report = reportNamedIn(input);
  upsertSearchAttributes([
    { key: searchAttributes.outcome, value },
    ...(report === undefined ? [] : [{ key: searchAttributes.report, value: report }]),
  ]);
}
