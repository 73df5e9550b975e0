import type { ProcessUse } from './processes.ts';
import type { ScheduledResult } from './scheduledRuns.ts';
import type { WaitingResult } from './waiting.ts';

export interface FleetResult {
  readonly agencies: number;
  readonly browsers: number;
  readonly workers: number;
  readonly rows: number;
  readonly temporalVersion: string;
  /** Of all agencies, through the portal or not. */
  readonly runs: number;
  readonly scheduled: ScheduledResult;
  /** What the scheduled runs took, from before the schedules were made. */
  readonly processes: readonly (ProcessUse & { readonly name: string })[];
  /** The most at a time. */
  readonly connections: { readonly warehouses: number; readonly temporal: number };
  readonly temporalMegabytes: number;
  readonly waiting: readonly WaitingResult[];
}
