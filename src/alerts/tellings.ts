import { keyOf, newsOf } from './causes.ts';
import type { Cause, ChannelName, ToldCause } from '../domain/alerts.ts';

export type TellingEvent = 'began' | 'lasts' | 'over';

/** One message to one channel. Causes that belong together are told in one: a portal that is down is no five. */
export interface Telling {
  readonly channel: ChannelName;
  readonly event: TellingEvent;
  readonly causes: readonly Cause[];
}

export interface Round {
  readonly channels: readonly ChannelName[];
  readonly causes: readonly Cause[];
  readonly told: readonly ToldCause[];
  readonly now: Date;
  /** 0: nobody is reminded. */
  readonly remindAfterHours: number;
}

/** What each channel has still to tell. Once all of it is noted as told, the same state gives nothing more. */
export function tellingsOf({ channels, ...round }: Round): Telling[] {
  return channels.flatMap((channel) => {
    const told = round.told.filter((each) => each.channel === channel);
    return grouped(channel, [...standing({ ...round, told }), ...over({ ...round, told })]);
  });
}

interface Item {
  readonly event: TellingEvent;
  readonly cause: Cause;
}

type OneChannel = Omit<Round, 'channels'>;

function standing({ causes, told, now, remindAfterHours }: OneChannel): Item[] {
  const toldByKey = new Map(told.map((each) => [keyOf(each.cause), each]));
  return causes.flatMap((cause): Item[] => {
    const before = toldByKey.get(keyOf(cause));
    if (before === undefined || newsOf(before.cause) !== newsOf(cause)) return [{ event: 'began', cause }];
    return isReminderDue(before, now, remindAfterHours) ? [{ event: 'lasts', cause }] : [];
  });
}

const hourMilliseconds = 3_600_000;

function isReminderDue({ toldAt }: ToldCause, now: Date, remindAfterHours: number): boolean {
  return remindAfterHours > 0 && now.getTime() - Date.parse(toldAt) >= remindAfterHours * hourMilliseconds;
}

function over({ causes, told }: OneChannel): Item[] {
  const still = new Set(causes.map(keyOf));
  return told.filter(({ cause }) => !still.has(keyOf(cause))).map(({ cause }) => ({ event: 'over', cause }));
}

function grouped(channel: ChannelName, items: readonly Item[]): Telling[] {
  const groups = new Map<string, { event: TellingEvent; causes: Cause[] }>();
  for (const { event, cause } of items) {
    const key = JSON.stringify([event, cause.kind, reportOf(cause), newsOf(cause)]);
    const group = groups.get(key) ?? { event, causes: [] };
    group.causes.push(cause);
    groups.set(key, group);
  }
  return Array.from(groups.values(), (group) => ({ channel, ...group }));
}

/** Both reports are missing for one reason, mostly; they fail and are held each by itself. */
function reportOf(cause: Cause): string {
  return cause.kind === 'failed' || cause.kind === 'held' ? cause.report : '';
}
