import type { FinishedRun } from '../domain/publication.ts';
import type { Ports } from '../ports.ts';

/** Writes into the ledger how a run ended that did not change the tables. */
export function createRecordOutcome({ warehouse }: Pick<Ports, 'warehouse'>) {
  return async function recordOutcome(finished: FinishedRun): Promise<void> {
    await warehouse.recordOutcome(finished);
  };
}
