import type { ShippedReport } from '../shippedReports.ts';
import type { SitePrograms } from '../faults/site.ts';

export const clusterFaults = [
  'killed',
  'store:one',
  'store:all',
  'database:one',
  'database:all',
  'temporal:one',
  'temporal:all',
  'vanished',
] as const;
/** What happens while everything is being replaced, to the machine that holds the portal login or to all. */
export type ClusterFault = (typeof clusterFaults)[number];

export interface ClusterOptions {
  readonly machines: number;
  readonly reports: readonly ShippedReport[];
  /** In each round everything is replaced once, while its faults strike one after the other. */
  readonly rounds: readonly (readonly ClusterFault[])[];
  /** How long a way is cut. */
  readonly awaySeconds: number;
  /** Periods of the backfill; a daily run goes on beside it. */
  readonly portalPeriods: number;
  /** The pause before the second attempt at the portal. */
  readonly retrySeconds: number;
}

/** What the program inside is given, by a variable. */
export interface ClusterRun {
  readonly programs: SitePrograms;
  readonly objectStore: string;
  readonly folder: string;
  readonly options: ClusterOptions;
  /** Where the report goes, as JSON. */
  readonly out: string;
}
