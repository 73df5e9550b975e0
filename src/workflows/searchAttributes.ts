import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { searchAttributeNames } from '../domain/names.ts';

/** What a run can be found by, as the workflows set it. */
export const searchAttributes = {
  report: defineSearchAttributeKey(searchAttributeNames.report, SearchAttributeType.KEYWORD),
  periodStart: defineSearchAttributeKey(searchAttributeNames.periodStart, SearchAttributeType.KEYWORD),
  outcome: defineSearchAttributeKey(searchAttributeNames.outcome, SearchAttributeType.KEYWORD),
} as const;
