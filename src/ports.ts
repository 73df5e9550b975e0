import type { AlertPorts } from './domain/alerts.ts';
import type { ArtifactStore, Scratch } from './domain/artifacts.ts';
import type { Period } from './domain/periods.ts';
import type {
  FinishedRun,
  GateLimits,
  LedgerRun,
  PublishForecast,
  PublishRequest,
  PublishResult,
} from './domain/publication.ts';
import type { ReportName } from './reports/index.ts';
import type { Rules } from './domain/rules.ts';

/** What the activities need of the outside world; worker.ts plugs the adapters in. */
export interface Ports {
  readonly settings: Settings;
  readonly artifacts: ArtifactStore;
  /** A private folder on this worker's disk for what does not fit into memory. */
  readonly scratch: () => Promise<Scratch>;
  /** The real path of a file that somebody hands in. @throws PipelineError InvalidInput where it lies elsewhere or is none */
  readonly inbox: (file: string) => Promise<string>;
  readonly portal: PortalLoginQueue;
  readonly warehouse: Warehouse;
  readonly runs: Runs;
  readonly alerts: AlertPorts;
  /** Undefined where pipeline.yaml wants none after a daily run. */
  readonly dashboards: DailyDashboards | undefined;
  /** This machine's, for what day it is; which of two exports is the newer one is told by the warehouse's clock. */
  readonly clock: () => Date;
  readonly nameKey: (name: string) => string;
}

export interface Settings {
  readonly timeZone: string;
  readonly rules: Rules;
  readonly gates: Readonly<Record<ReportName, GateLimits>>;
  /** Of all that changes figures besides the export and the code. */
  readonly rulesSha256: string;
  readonly codeVersion: string;
  /** How many recent periods a daily run does, the due one included. */
  readonly refreshPeriods: Readonly<Record<ReportName, number>>;
  readonly portalAttempts: number;
  /** Pause after the first failed attempt at the portal; it doubles. */
  readonly portalRetrySeconds: number;
  /** How long one run of one period may take. */
  readonly runTimeoutHours: number;
  readonly backfillConcurrency: number;
  /** Periods after which a backfill continues as new. */
  readonly backfillPeriodsPerRun: number;
}

interface PortalExportRequest {
  readonly report: ReportName;
  readonly period: Period;
  /** What is being waited for, in words that name no person. */
  readonly onProgress: (waitingFor: string) => void;
  readonly signal: AbortSignal;
}

export interface PortalExport {
  /** Where the browser saved this attempt's file. */
  readonly path: string;
  /** When it was begun, by the clock that all workers share; ISO 8601 in UTC. */
  readonly exportedAt: string;
  /** How many records the portal says it has, where it says so. */
  readonly portalRecords?: number;
  /** How long the portal says the file is, where it says so. */
  readonly contentLength?: number;
  /** Removes the attempt's private folder. */
  dispose(): Promise<void>;
}

/** The one place at the portal: exports wait here for their turn with the login. */
export interface PortalLoginQueue {
  exportReport(request: PortalExportRequest): Promise<PortalExport>;
}

interface Warehouse {
  publish(request: PublishRequest): Promise<PublishResult>;
  /** What `publish` would do, without writing and without making anybody wait. */
  assess(request: PublishRequest): Promise<PublishForecast>;
  recordOutcome(finished: FinishedRun): Promise<void>;
  /** Now, by the one clock that all workers share; ISO 8601 in UTC. */
  clock(): Promise<string>;
  findRun(runId: string): Promise<LedgerRun | undefined>;
}

/** Other runs on the same Temporal server. */
interface Runs {
  /** Resolves when the newest run of that id is closed, however it ended; at once where there is none. */
  closed(workflowId: string, signal: AbortSignal): Promise<void>;
  /** The identity that the starter of a run gave to Temporal, e.g. `tctl@host`. */
  startedBy(run: { workflowId: string; runId: string }): Promise<string>;
}

/** The dashboards as files, as pipeline.yaml wants them. */
interface DailyDashboards {
  /** Without the path to it. */
  readonly folderName: string;
  /** Gives the files, or undefined where nothing is loaded that they could show. */
  write(signal: AbortSignal): Promise<readonly { readonly bytes: number }[] | undefined>;
}
