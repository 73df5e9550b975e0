import type { Cause, DailySchedule, EndedRun, HangingRun, HeldRun, Standing } from './causes.ts';
import type { ChannelName } from './names.ts';
import type { ToldCause } from './tellings.ts';
import type { Message, WebUi } from './words.ts';

/** What the alerts need of the outside world; connectAlerts.ts plugs the adapters in. */
export interface AlertPorts {
  readonly settings: AlertSettings;
  readonly channels: readonly Channel[];
  readonly ledger: AlertLedger;
  readonly dailySchedule: () => Promise<DailySchedule>;
  readonly hangingRuns: () => Promise<readonly HangingRun[]>;
  readonly clock: () => Date;
}

export interface AlertSettings extends Pick<Standing, 'timeZone' | 'dailyAt' | 'missingAfterHours'> {
  /** 0: nobody is reminded. */
  readonly remindAfterHours: number;
  readonly webUi: WebUi | undefined;
}

/** One place where people are told. */
export interface Channel {
  readonly name: ChannelName;
  /** Resolves when the other side has taken the message. @throws PipelineError AlertNotSent, without a secret in it */
  send(message: Message): Promise<void>;
}

/** What the warehouse knows for the alerts, and keeps for them. Each call throws PipelineError WarehouseUnavailable. */
export interface AlertLedger {
  facts(): Promise<LedgerFacts>;
  told(): Promise<readonly ToldCause[]>;
  /**
   * Lets one caller at a time tell something at all: what another has told meanwhile is then seen, and not told again.
   */
  alone<Result>(work: () => Promise<Result>): Promise<Result>;
  noteTold(channel: ChannelName, causes: readonly KeyedCause[]): Promise<void>;
  forget(channel: ChannelName, keys: readonly string[]): Promise<void>;
  /** That somebody has looked just now, by the database's clock. */
  noteLook(): Promise<void>;
}

export interface KeyedCause {
  readonly key: string;
  readonly cause: Cause;
}

export interface LedgerFacts extends Pick<Standing, 'blockedLogins'> {
  readonly lastRuns: readonly EndedRun[];
  readonly held: readonly HeldRun[];
}
