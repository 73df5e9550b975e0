import type { AlertFacts } from './conditions.ts';
import type { AlertLedger, ChannelName, DailySchedule, HangingRun } from '../domain/alerts.ts';
import type { Message, WebUi } from './messages.ts';

/** What the alerts need of the outside world; connectAlerts.ts plugs the adapters in. */
export interface AlertPorts {
  readonly settings: AlertSettings;
  readonly channels: readonly Channel[];
  readonly ledger: AlertLedger;
  readonly dailySchedule: () => Promise<DailySchedule>;
  readonly hangingRuns: () => Promise<readonly HangingRun[]>;
  readonly clock: () => Date;
}

export interface AlertSettings extends Pick<AlertFacts, 'timeZone' | 'dailyAt' | 'missingAfterHours'> {
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
