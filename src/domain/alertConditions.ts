import type { Agency } from './agencyId.ts';
import type { FailureType } from './failures.ts';
import type { Period } from './periods.ts';
import type { Outcome } from './publication.ts';
import type { ReportName } from '../reports/index.ts';

/** The channels that alerts can go to. Each remembers separately what it was sent. */
export const channelNames = ['webhook', 'mail'] as const;

export type ChannelName = (typeof channelNames)[number];

/**
 * A current problem that is worth alerting a person. It names reports, periods, failure types, gates and ids, and
 * nothing that a person typed or that an export contains.
 */
export type AlertCondition =
  /** The newest run of a period failed: its state is `failed` (periodState.ts). */
  | {
      readonly kind: 'failed';
      readonly report: ReportName;
      readonly period: Period;
      readonly failureType: FailureType;
      readonly workflowId: string;
      readonly runId: string;
    }
  /** A run of a period waits for a person; the newest one if several do. */
  | ({ readonly kind: 'held' } & HeldRun)
  /** By its due hour no run of the due period had ended since the schedule should have started one. */
  | {
      readonly kind: 'missing';
      readonly report: ReportName;
      readonly period: Period;
      /** When the run should have started; ISO 8601 in UTC. */
      readonly startsAt: string;
    }
  /** A password that the portal rejected, or whose answer is unknown (null): it is not sent again. */
  | { readonly kind: 'login'; readonly login: string; readonly failureType: FailureType | null }
  | { readonly kind: 'schedule'; readonly state: 'paused' | 'absent' }
  | ({ readonly kind: 'stuck' } & HangingRun)
  /** A source of files that the newest round could not reach. */
  | { readonly kind: 'source'; readonly source: string }
  /** The newest daily run did not write the dashboards, or the newest with mails to send did not send all of them. */
  | ({ readonly kind: 'pages' } & PagesTrouble);

/** How the newest run of a period ended, ignoring cancelled ones if there are others. Times are ISO 8601 in UTC. */
export interface EndedRun {
  readonly report: ReportName;
  readonly period: Period;
  readonly outcome: Outcome;
  readonly finishedAt: string;
  /** Why the run failed; null if it did not, or if the ledger has no type that is known today. */
  readonly failureType: FailureType | null;
  readonly workflowId: string;
  readonly runId: string;
}

/** A run that is open in Temporal and makes no progress. */
export interface HangingRun {
  readonly workflowId: string;
  readonly runId: string;
  /** No worker of its build polls, or its workflow task fails again and again. */
  readonly why: 'no-worker' | 'task-fails';
  /** The build, or the server's name for the failure. */
  readonly detail: string;
}

/** What a daily run left undone after its periods, and which one. */
export interface PagesTrouble {
  readonly state: 'not-written' | 'not-mailed';
  readonly workflowId: string;
  readonly runId: string;
}

export interface HeldRun {
  readonly report: ReportName;
  readonly period: Period;
  readonly gates: readonly string[];
  readonly workflowId: string;
  readonly runId: string;
}

/** The daily schedule; `createdAt` is ISO 8601 in UTC. */
export type DailySchedule =
  | { readonly state: 'active' | 'paused'; readonly createdAt: string }
  | { readonly state: 'absent' };

/** A condition that a channel was notified of, and of whose end it was not. Times are ISO 8601 in UTC. */
export interface NotifiedCondition {
  readonly channel: ChannelName;
  /** The condition as last sent. */
  readonly condition: AlertCondition;
  /** When it was first sent. */
  readonly since: string;
  readonly notifiedAt: string;
}

/** What the warehouse knows and stores for the alerts. Each call throws PipelineError WarehouseUnavailable. */
export interface AlertLedger {
  facts(): Promise<LedgerFacts>;
  notified(): Promise<readonly NotifiedCondition[]>;
  /** Lets one caller at a time send: it then sees what another has sent in the meantime, and does not send it again. */
  alone<Result>(work: () => Promise<Result>): Promise<Result>;
  noteNotified(channel: ChannelName, conditions: readonly KeyedCondition[]): Promise<void>;
  forget(channel: ChannelName, keys: readonly string[]): Promise<void>;
  /** Records that the conditions were evaluated just now, by the database's clock. */
  noteCheck(): Promise<void>;
}

export interface KeyedCondition {
  readonly key: string;
  readonly condition: AlertCondition;
}

export interface LedgerFacts {
  readonly blockedLogins: readonly { readonly login: string; readonly failureType: FailureType | null }[];
  /** The newest run of each period that was not cancelled. */
  readonly lastRuns: readonly EndedRun[];
  /** All runs that wait for a person, newest first. */
  readonly held: readonly HeldRun[];
}

/** What the alerts need of the outside world; connectAlerts.ts connects the adapters. */
export interface AlertPorts {
  /** Whose alerts these are. Default: those of the one without an id. */
  readonly agency?: Agency;
  readonly settings: AlertSettings;
  readonly channels: readonly Channel[];
  /** The agencies with an id, whose alerts the round of the one without sends too. */
  readonly agencies?: () => readonly string[];
  readonly ledger: AlertLedger;
  readonly dailySchedule: () => Promise<DailySchedule>;
  readonly hangingRuns: () => Promise<readonly HangingRun[]>;
  /** The names of the sources that the newest round of `collectFiles` could not reach. */
  readonly unreachableSources: () => Promise<readonly string[]>;
  /** What the newest daily runs left undone of the dashboards; undefined if nothing. */
  readonly pagesTrouble: () => Promise<PagesTrouble | undefined>;
  readonly clock: () => Date;
}

export interface AlertSettings extends AlertTimes {
  /** 0: no reminders. */
  readonly remindAfterHours: number;
  readonly webUi: WebUi | undefined;
}

/** When a daily run is due, and when it is missing. */
export interface AlertTimes {
  readonly timeZone: string;
  /** When the daily run starts, `HH:MM` in the time zone. */
  readonly dailyAt: string;
  /** Hours after the start at which a run that has not ended is missing. */
  readonly missingAfterHours: number;
  /** The reports that daily runs load. Default: all. */
  readonly reports?: readonly ReportName[] | undefined;
}

/** One place that alerts are sent to. */
export interface Channel {
  readonly name: ChannelName;
  /**
   * Resolves when the other side has accepted the message. @throws PipelineError AlertNotSent, without a secret in it
   */
  send(message: AlertMessage): Promise<void>;
}

/** A message before it has a channel's form. */
export interface AlertMessage {
  /** One line that says it all to a reader who stops there. */
  readonly title: string;
  readonly lines: readonly string[];
  /** What to do next, to copy. */
  readonly commands: readonly string[];
  /** The section of docs/runbook.md, if there is one. */
  readonly runbook: string | undefined;
  /** The run in the Web UI, if the message is about one and the address is known. */
  readonly link: string | undefined;
}

/** Address of Temporal's Web UI, and the namespace in it. */
export interface WebUi {
  readonly url: string;
  readonly namespace: string;
}
