import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { isCancellation, upsertSearchAttributes } from '@temporalio/workflow';
import type { Agency } from '../domain/agencyId.ts';
import { reportNamedIn } from '../domain/inputs.ts';
import { searchAttributeNames } from '../domain/temporalNames.ts';
import type { Outcome } from '../domain/publication.ts';
import type { RunIdentity } from '../domain/runIdentity.ts';

/** What a run can be found by: the search attributes that workflows set. */
const keys = {
  report: defineSearchAttributeKey(searchAttributeNames.report, SearchAttributeType.KEYWORD),
  periodStart: defineSearchAttributeKey(searchAttributeNames.periodStart, SearchAttributeType.KEYWORD),
  outcome: defineSearchAttributeKey(searchAttributeNames.outcome, SearchAttributeType.KEYWORD),
  agency: defineSearchAttributeKey(searchAttributeNames.agency, SearchAttributeType.KEYWORD),
} as const;

/** Makes a run findable by what it is about. */
export function labelPeriod({ report, period }: Pick<RunIdentity, 'report' | 'period'>): void {
  upsertSearchAttributes([
    { key: keys.report, value: report },
    { key: keys.periodStart, value: period.from },
  ]);
}

/** Makes a run findable by its agency, if that has an id. */
export function labelAgency(agency: Agency): void {
  if (agency !== undefined) upsertSearchAttributes([{ key: keys.agency, value: agency }]);
}

/** Makes a run findable by how it ended. */
export function labelOutcome(outcome: Outcome): void {
  upsertSearchAttributes([{ key: keys.outcome, value: outcome }]);
}

/** Makes a failed run findable by how it ended, and by its report even if its input was refused. */
export function labelFailure(error: unknown, input: unknown): void {
  const value = isCancellation(error) ? 'cancelled' : 'failed';
  const report = reportNamedIn(input);
  upsertSearchAttributes([
    { key: keys.outcome, value },
    ...(report === undefined ? [] : [{ key: keys.report, value: report }]),
  ]);
}
