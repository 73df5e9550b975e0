import { conditionKey, newsOf } from './openConditions.ts';
import type { AlertCondition, ChannelName, NotifiedCondition } from '../domain/alertConditions.ts';

export type NotificationEvent = 'began' | 'lasts' | 'over';

/**
 * One message to one channel. Related conditions share one message: a portal that is down makes one message, not five.
 */
export interface Notification {
  readonly channel: ChannelName;
  readonly event: NotificationEvent;
  /** Conditions of one kind. Histories of earlier rounds have them by this name. */
  readonly causes: readonly AlertCondition[];
}

export interface Round {
  readonly channels: readonly ChannelName[];
  readonly conditions: readonly AlertCondition[];
  readonly told: readonly NotifiedCondition[];
  readonly now: Date;
  /** 0: no reminders. */
  readonly remindAfterHours: number;
}

/**
 * The notifications that each channel has not been sent yet. Once all are recorded as sent, the same state gives none.
 */
export function dueNotifications({ channels, ...round }: Round): Notification[] {
  return channels.flatMap((channel) => {
    const told = round.told.filter((each) => each.channel === channel);
    return grouped(channel, [...open({ ...round, told }), ...over({ ...round, told })]);
  });
}

interface Item {
  readonly event: NotificationEvent;
  readonly condition: AlertCondition;
}

type OneChannel = Omit<Round, 'channels'>;

function open({ conditions, told, now, remindAfterHours }: OneChannel): Item[] {
  const toldByKey = new Map(told.map((each) => [conditionKey(each.condition), each]));
  return conditions.flatMap((condition): Item[] => {
    const before = toldByKey.get(conditionKey(condition));
    if (before === undefined || newsOf(before.condition) !== newsOf(condition))
      return [{ event: 'began', condition }];
    return isReminderDue(before, now, remindAfterHours) ? [{ event: 'lasts', condition }] : [];
  });
}

const hourMilliseconds = 3_600_000;

function isReminderDue({ toldAt }: NotifiedCondition, now: Date, remindAfterHours: number): boolean {
  return remindAfterHours > 0 && now.getTime() - Date.parse(toldAt) >= remindAfterHours * hourMilliseconds;
}

function over({ conditions, told }: OneChannel): Item[] {
  const still = new Set(conditions.map(conditionKey));
  return told
    .filter(({ condition }) => !still.has(conditionKey(condition)))
    .map(({ condition }) => ({ event: 'over', condition }));
}

function grouped(channel: ChannelName, items: readonly Item[]): Notification[] {
  const groups = new Map<string, { event: NotificationEvent; causes: AlertCondition[] }>();
  for (const { event, condition } of items) {
    const key = JSON.stringify([event, condition.kind, reportOf(condition), newsOf(condition)]);
    const group = groups.get(key) ?? { event, causes: [] };
    group.causes.push(condition);
    groups.set(key, group);
  }
  return Array.from(groups.values(), (group) => ({ channel, ...group }));
}

/** If both reports are missing, there is usually one reason; they fail and are held separately. */
function reportOf(condition: AlertCondition): string {
  return condition.kind === 'failed' || condition.kind === 'held' ? condition.report : '';
}
