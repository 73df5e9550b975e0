import type { FinishedRun, PublishRequest } from '../domain/publication.ts';
import type { Warehouse } from './connect.ts';
import { forecastLoad } from './forecastLoad.ts';
import { readClock } from './instants.ts';
import { findRun } from './ledgerReads.ts';
import { recordOutcome } from './ledgerWrites.ts';
import { refuseRemoved } from './fileRemovals.ts';
import { publishPeriod } from './publish.ts';

/** The database operations that the steps need, bound to one warehouse. */
export function warehousePort(warehouse: Warehouse) {
  return {
    publish: (request: PublishRequest) => publishPeriod(warehouse, request),
    assess: (request: PublishRequest) => forecastLoad(warehouse, request),
    recordOutcome: (finished: FinishedRun) => recordOutcome(warehouse, finished),
    clock: () => readClock(warehouse),
    findRun: (runId: string) => findRun(warehouse, runId),
    refuseRemoved: (files: object) => refuseRemoved(warehouse, files),
  };
}
