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
  readonly notified: readonly NotifiedCondition[];
  readonly now: Date;
  /** 0: no reminders. */
  readonly remindAfterHours: number;
}

/**
 * The notifications that each channel has not been sent yet. Once all are recorded as sent, the same state gives none.
 */
export function dueNotifications({ channels, ...round }: Round): Notification[] {
  return channels.flatMap((channel) => {
    const notified = round.notified.filter((each) => each.channel === channel);
    return grouped(channel, [...open({ ...round, notified }), ...over({ ...round, notified })]);
  });
}

interface Item {
  readonly event: NotificationEvent;
  readonly condition: AlertCondition;
}

type OneChannel = Omit<Round, 'channels'>;

function open({ conditions, notified, now, remindAfterHours }: OneChannel): Item[] {
  const notifiedByKey = new Map(notified.map((each) => [conditionKey(each.condition), each]));
  return conditions.flatMap((condition): Item[] => {
    const before = notifiedByKey.get(conditionKey(condition));
    if (before === undefined || newsOf(before.condition) !== newsOf(condition))
      return [{ event: 'began', condition }];
    return isReminderDue(before, now, remindAfterHours) ? [{ event: 'lasts', condition }] : [];
  });
}

const hourMilliseconds = 3_600_000;

function isReminderDue({ notifiedAt }: NotifiedCondition, now: Date, remindAfterHours: number): boolean {
  return (
    remindAfterHours > 0 && now.getTime() - Date.parse(notifiedAt) >= remindAfterHours * hourMilliseconds
  );
}

function over({ conditions, notified }: OneChannel): Item[] {
  const still = new Set(conditions.map(conditionKey));
  return notified
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
