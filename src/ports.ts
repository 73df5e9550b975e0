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

/** Does work with an agency's ports, which are opened if needed. @throws PipelineError if they cannot be opened */
export type UsePorts = <Result>(agency: Agency, work: (ports: Ports) => Promise<Result>) => Promise<Result>;

/** Where an agency's alerts go; reading this needs no database. */
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
  /** Finds a handed-in file in the inbox. @throws PipelineError InvalidInput if it is elsewhere or not a file */
  readonly inbox: (file: string) => Promise<InboxFile>;
  readonly portal: PortalExports;
  readonly warehouse: Warehouse;
  readonly runs: Runs;
  readonly alerts: AlertPorts;
  /** The dashboards that a daily run writes; undefined if pipeline.yaml wants none. */
  readonly dashboards: DailyDashboards | undefined;
  /** Removes expired files; undefined without the section `retention` in pipeline.yaml. `beat` may throw to end it. */
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
  /** Reports whose unfinished period a daily run loads too. Default: none. */
  readonly currentPeriods?: readonly ReportName[];
  /** The reports in use. Default: all. */
  readonly reportsInUse?: readonly ReportName[];
  /** One list for each portal login: the reports that share it. Default: all reports share one login. */
  readonly portalLogins?: readonly (readonly ReportName[])[];
  readonly portalAttempts: number;
  /** Pause after the first failed attempt at the portal; each further pause is twice as long. */
  readonly portalRetrySeconds: number;
  /** How long one run of one period may take. */
  readonly runTimeoutHours: number;
  /** How many periods each daily run, backfill and round of the sources runs at once. */
  readonly periodConcurrency: number;
  /** How many periods a backfill runs before it continues as new. */
  readonly backfillPeriodsPerRun: number;
}

/** Where files are left for the pipeline, and how they are taken. */
export interface Sources {
  readonly places: readonly FileSource[];
  /** How long a file's size and time must stay the same before it counts as whole. */
  readonly quietSeconds: number;
  /** The largest file that is taken; a larger one is refused. */
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
  /** When the file was last written, according to the source; its export cannot be newer. */
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
  /** What uses the login, in words that name no person. */
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

/** Writes and mails the dashboards as pipeline.yaml says. */
interface DailyDashboards {
  /** The folder's name without its path. */
  readonly folderName: string;
  /** Returns the files of this daily run, or undefined if nothing is loaded that they could show. */
  write(
    runId: string,
    signal: AbortSignal,
  ): Promise<readonly { readonly path: string; readonly bytes: number }[] | undefined>;
  /** Mails the files to today's recipients; returns undefined if there are none. */
  mail(
    pages: {
      readonly files: readonly { readonly path: string; readonly bytes: number }[];
      readonly missing?: string;
    },
    signal: AbortSignal,
  ): Promise<MailsResult | undefined>;
}
