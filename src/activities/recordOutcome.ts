import type { Ports } from '../ports.ts';
import type { RunEnd } from './contracts.ts';

/** Records in the ledger the end of a run that did not change the tables. */
export function createRecordOutcome({ warehouse }: Pick<Ports, 'warehouse'>) {
  return async function recordOutcome(finished: RunEnd): Promise<void> {
    await warehouse.recordOutcome(finished);
  };
}
