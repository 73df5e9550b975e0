import type { LedgerRun } from '../../domain/publication.ts';
import type { Made } from '../contracts.ts';

/** What the steps of a run made, as far as it got; the ledger keeps it as this code wrote it. */
export function madeBy(run: LedgerRun | undefined): Partial<Made> {
  return run?.files ?? {};
}

/** Whether the run got as far as its load, so that it can be loaded again. */
export function isWholly(made: Partial<Made>): made is Made {
  return [made.export, made.clean, made.categorize, made.aggregate].every((step) => step !== undefined);
}
