import type { LedgerRun } from '../domain/publication.ts';
import type { Made } from './contracts.ts';

/** What the steps of a run made, as far as it came; the ledger keeps it as this very code wrote it. */
export function madeBy(run: LedgerRun | undefined): Partial<Made> {
  return run?.files ?? {};
}

/** Whether the run came as far as its load, so that the same can be loaded again. */
export function isWholly(made: Partial<Made>): made is Made {
  return [made.export, made.clean, made.categorize, made.aggregate].every((step) => step !== undefined);
}
