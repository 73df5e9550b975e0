import type { FailureType } from './failures.ts';
import type { Period } from './periods.ts';
import type { Outcome } from './publication.ts';
import type { ReportName } from '../reports/index.ts';

/** The channels that alerts can go to. Each remembers by itself what it has told. */
export const channelNames = ['webhook', 'mail'] as const;

export type ChannelName = (typeof channelNames)[number];

/**
 * What is worth waking or asking somebody for, as it stands now. It names reports, periods, kinds of failure, gates
 * and ids, and nothing that a person typed or that stands in an export.
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
  /** A run of a period waits for a person; the newest one where several do. */
  | ({ readonly kind: 'held' } & HeldRun)
  /** By its due hour no run of the due period had ended since the schedule should have started one. */
  | {
      readonly kind: 'missing';
      readonly report: ReportName;
      readonly period: Period;
      /** When the run should have started; ISO 8601 in UTC. */
      readonly startsAt: string;
    }
  /** A password that the portal refused, or whose answer nobody saw (null): nobody sends it again. */
  | { readonly kind: 'login'; readonly login: string; readonly failureType: FailureType | null }
  | { readonly kind: 'schedule'; readonly state: 'paused' | 'absent' }
  | ({ readonly kind: 'stuck' } & HangingRun);

/** How the newest run of a period ended, cancelled ones aside where there are others. Instants are ISO 8601 in UTC. */
export interface EndedRun {
  readonly report: ReportName;
  readonly period: Period;
  readonly outcome: Outcome;
  readonly finishedAt: string;
  /** Of a failed one; null where the ledger has none that is known today. */
  readonly failureType: FailureType | null;
  readonly workflowId: string;
  readonly runId: string;
}

/** A run that Temporal counts as under way and that does not move. */
export interface HangingRun {
  readonly workflowId: string;
  readonly runId: string;
  /** No worker of the build that it stays with asks for work, or its workflow task fails again and again. */
  readonly why: 'no-worker' | 'task-fails';
  /** The build, or the server's name for the failure. */
  readonly detail: string;
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

/** What a channel has told and not yet taken back. Instants are ISO 8601 in UTC. */
export interface NotifiedCondition {
  readonly channel: ChannelName;
  /** The condition as it was told last. */
  readonly condition: AlertCondition;
  /** When it was told first. */
  readonly since: string;
  readonly toldAt: string;
}

/** What the warehouse knows for the alerts, and keeps for them. Each call throws PipelineError WarehouseUnavailable. */
export interface AlertLedger {
  facts(): Promise<LedgerFacts>;
  told(): Promise<readonly NotifiedCondition[]>;
  /** Lets one caller at a time send anything: it then sees what another has sent meanwhile, and does not send it again. */
  alone<Result>(work: () => Promise<Result>): Promise<Result>;
  noteTold(channel: ChannelName, conditions: readonly KeyedCondition[]): Promise<void>;
  forget(channel: ChannelName, keys: readonly string[]): Promise<void>;
  /** That the conditions were evaluated just now, by the database's clock. */
  noteCheck(): Promise<void>;
}

export interface KeyedCondition {
  readonly key: string;
  readonly condition: AlertCondition;
}

export interface LedgerFacts {
  readonly blockedLogins: readonly { readonly login: string; readonly failureType: FailureType | null }[];
  /** Of each period the newest run that was not cancelled. */
  readonly lastRuns: readonly EndedRun[];
  /** All that wait for a person, newest first. */
  readonly held: readonly HeldRun[];
}

/** What the alerts need of the outside world; connectAlerts.ts plugs the adapters in. */
export interface AlertPorts {
  readonly settings: AlertSettings;
  readonly channels: readonly Channel[];
  readonly ledger: AlertLedger;
  readonly dailySchedule: () => Promise<DailySchedule>;
  readonly hangingRuns: () => Promise<readonly HangingRun[]>;
  readonly clock: () => Date;
}

export interface AlertSettings extends AlertTimes {
  /** 0: nobody is reminded. */
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
}

/** One place that alerts are sent to. */
export interface Channel {
  readonly name: ChannelName;
  /** Resolves when the other side has taken the message. @throws PipelineError AlertNotSent, without a secret in it */
  send(message: AlertMessage): Promise<void>;
}

/** A message before it has the form of a channel. */
export interface AlertMessage {
  /** One line that says all to whoever reads no further. */
  readonly title: string;
  readonly lines: readonly string[];
  /** What to do next, to copy. */
  readonly commands: readonly string[];
  /** The section of docs/runbook.md, where there is one. */
  readonly runbook: string | undefined;
  /** Where the Web UI shows the run, if it is about one and the address is known. */
  readonly link: string | undefined;
}

/** Address of Temporal's Web UI and the namespace in it. */
export interface WebUi {
  readonly url: string;
  readonly namespace: string;
}
