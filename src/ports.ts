import type { Agency } from './domain/agencyId.ts';
import type { AlertPorts } from './domain/alertConditions.ts';
import type { AuditActor } from './domain/auditEvents.ts';
import type { ArtifactStore, InboxFile, Scratch } from './domain/artifacts.ts';
import type { MailsResult } from './domain/dashboardMails.ts';
import type { FileSource } from './domain/fileSources.ts';
import type { Period } from './domain/periods.ts';
import type {
  FinishedRun,
  GateLimits,
  LedgerRun,
  PublishForecast,
  PublishRequest,
  PublishResult,
} from './domain/publication.ts';
import type { Tidied } from './domain/fileRetention.ts';
import type { ReportName } from './reports/index.ts';
import type { Rules } from './domain/rules.ts';

/** Does work with the ports of an agency; opens them if need be. @throws PipelineError if it cannot */
export type UsePorts = <Result>(agency: Agency, work: (ports: Ports) => Promise<Result>) => Promise<Result>;

/** Where an agency's alerts go, which its database is not needed for. */
export interface AlertChannelPorts {
  readonly alerts: Pick<AlertPorts, 'agency' | 'agencies' | 'channels'>;
}

/** What the activities need of the outside world; wiring/connectPorts.ts connects the adapters. */
export interface Ports {
  readonly settings: Settings;
  readonly artifacts: ArtifactStore;
  /** A private folder on this worker's disk for data that does not fit into memory. */
  readonly scratch: () => Promise<Scratch>;
  readonly sources: Sources;
  /** A handed-in file. @throws PipelineError InvalidInput if it is elsewhere or not a file */
  readonly inbox: (file: string) => Promise<InboxFile>;
  readonly portal: PortalExports;
  readonly warehouse: Warehouse;
  readonly runs: Runs;
  readonly alerts: AlertPorts;
  /** Undefined if pipeline.yaml wants none after a daily run. */
  readonly dashboards: DailyDashboards | undefined;
  /** Removes the files that have expired; undefined without the section `retention` in pipeline.yaml. `beat` may throw, to end it. */
  readonly tidy:
    | ((runId: string, beat: () => void) => Promise<{ readonly tidied: Tidied; readonly more: boolean }>)
    | undefined;
  /** This machine's clock, for the current day; the warehouse's clock decides which of two exports is newer. */
  readonly clock: () => Date;
  readonly nameKey: (name: string) => string;
}

export interface Settings {
  readonly timeZone: string;
  readonly rules: Rules;
  readonly gates: Readonly<Record<ReportName, GateLimits>>;
  /** Digest of everything besides the export and the code that changes figures. */
  readonly rulesSha256: string;
  readonly codeVersion: string;
  /** How many recent periods a daily run loads, including the due one. */
  readonly refreshPeriods: Readonly<Record<ReportName, number>>;
  /** Those whose unfinished period it loads too. Default: none. */
  readonly currentPeriods?: readonly ReportName[];
  /** Default: all. */
  readonly reportsInUse?: readonly ReportName[];
  /** The reports that share a portal login, for each login. Default: all reports share one. */
  readonly portalLogins?: readonly (readonly ReportName[])[];
  readonly portalAttempts: number;
  /** Pause after the first failed attempt at the portal; it doubles. */
  readonly portalRetrySeconds: number;
  /** How long one run of one period may take. */
  readonly runTimeoutHours: number;
  /** Periods at a time, of each daily run, backfill and round of the sources. */
  readonly periodConcurrency: number;
  /** Periods after which a backfill continues as new. */
  readonly backfillPeriodsPerRun: number;
}

/** Where files are left for the pipeline, and how they are taken. */
export interface Sources {
  readonly places: readonly FileSource[];
  /** How long a file's size and time must stay as they are before it counts as whole. */
  readonly quietSeconds: number;
  /** A larger file is refused. */
  readonly mostBytes: number;
  readonly copies: InboxCopies;
}

/** Copies of taken files in the inbox, where runs read them. */
interface InboxCopies {
  /**
   * Writes the copy, unless it is there whole. Returns the path that `inbox` takes.
   * @throws PipelineError ArtifactStoreUnavailable
   */
  keep(copy: InboxCopy, bytes: number, read: () => Promise<AsyncIterable<Buffer>>): Promise<string>;
  remove(copy: InboxCopy): Promise<void>;
}

export interface InboxCopy {
  readonly source: string;
  readonly id: string;
  /** When the file was last written, as the source says: its export is not newer. */
  readonly modifiedAt: number;
}

export interface PortalExportRequest {
  readonly report: ReportName;
  readonly period: Period;
  /** What the step waits for, in words that name no person. */
  readonly onProgress: (waitingFor: string) => void;
  readonly signal: AbortSignal;
}

export interface PortalExport {
  /** Where the browser saved this attempt's file. */
  readonly path: string;
  /** When the export began, by the clock that all workers share; ISO 8601 in UTC. */
  readonly exportedAt: string;
  /** The number of records that the portal shows, if any. */
  readonly portalRecords?: number;
  /** The file length that the portal announced, if any. */
  readonly contentLength?: number;
  /** Removes the attempt's private folder. */
  dispose(): Promise<void>;
}

/** Returned when the login was still in use after the wait on this worker. */
export interface LoginInUse {
  /** By whom, in words that name no person. */
  readonly loginInUse: string;
}

/** The only access to the portal: exports wait here for their turn with the login. */
export interface PortalExports {
  exportReport(request: PortalExportRequest): Promise<PortalExport | LoginInUse>;
}

interface Warehouse {
  publish(request: PublishRequest): Promise<PublishResult>;
  /** What `publish` would do; writes nothing and blocks no other load. */
  assess(request: PublishRequest): Promise<PublishForecast>;
  recordOutcome(finished: FinishedRun): Promise<void>;
  /** The current time by the clock that all workers share; ISO 8601 in UTC. */
  clock(): Promise<string>;
  findRun(runId: string): Promise<LedgerRun | undefined>;
  /** @param files see `LedgerRun.files` @throws PipelineError InvalidInput if retention has removed one of them */
  refuseRemoved(files: object): Promise<void>;
}

/** Other runs on the same Temporal server. */
interface Runs {
  /** Whether the newest run of that id has not ended yet; false if there is none. */
  isOpen(workflowId: string): Promise<boolean>;
  /** The client that started a run, as Temporal recorded it, e.g. `tctl@host`. */
  startedBy(run: { workflowId: string; runId: string }): Promise<AuditActor>;
}

/** The dashboards as files, as pipeline.yaml wants them. */
interface DailyDashboards {
  /** The folder's name without its path. */
  readonly folderName: string;
  /** Returns the files of this daily run, or undefined if nothing is loaded that they could show. */
  write(
    runId: string,
    signal: AbortSignal,
  ): Promise<readonly { readonly path: string; readonly bytes: number }[] | undefined>;
  /** Mails the files to those who are to have them today; undefined if nobody is. */
  mail(
    pages: {
      readonly files: readonly { readonly path: string; readonly bytes: number }[];
      readonly missing?: string;
    },
    signal: AbortSignal,
  ): Promise<MailsResult | undefined>;
}
