import { ApplicationFailure } from '@temporalio/common';
import { failureText, PipelineError } from '../domain/failures.ts';
import { conditionKey } from './conditions.ts';
import { look } from './evaluate.ts';
import type { ChannelName } from '../domain/alerts.ts';
import type { AlertPorts, Channel } from './alertPorts.ts';
import { dueNotifications, type Notification } from './notifications.ts';
import { databaseMessage, messageOf, type Message } from './messages.ts';

/** The steps of `checkAlerts`. They run on the task queue `ehr-pipeline`. */
export function createAlertActivities(ports: AlertPorts) {
  return {
    planAlerts: createPlanAlerts(ports),
    findAlerts: createFindAlerts(ports),
    tellAlert: createTellAlert(ports),
    tellDatabase: createTellDatabase(ports),
  };
}

export type AlertActivities = ReturnType<typeof createAlertActivities>;

/** Which channels there are: asked before anything that may be away. */
function createPlanAlerts({ channels }: AlertPorts) {
  return function planAlerts(): Promise<{ channels: readonly ChannelName[] }> {
    return Promise.resolve({ channels: channels.map(({ name }) => name) });
  };
}

function createFindAlerts(ports: AlertPorts) {
  return async function findAlerts(): Promise<{ tellings: readonly Notification[] }> {
    const tellings = await openTellings(ports);
    await ports.ledger.noteLook();
    return { tellings };
  };
}

async function openTellings(ports: AlertPorts): Promise<Notification[]> {
  const { channels, ledger, settings, clock } = ports;
  const conditions = await look(ports);
  return dueNotifications({
    channels: channels.map(({ name }) => name),
    conditions,
    told: await ledger.told(),
    now: clock(),
    remindAfterHours: settings.remindAfterHours,
  });
}

/**
 * Sends one message and notes it once the other side has taken it. A worker that dies in between tells it twice, and
 * never not at all. Under the lock it looks again, so that a round beside this one does not tell the same.
 */
function createTellAlert(ports: AlertPorts) {
  const { ledger, settings } = ports;
  return function tellAlert(telling: Notification): Promise<{ told: number }> {
    return ledger.alone(async () => {
      const conditions = stillToTell(telling, await openTellings(ports));
      if (conditions.length === 0) return { told: 0 };
      const { channel, event } = telling;
      await send(channelOf(ports, channel), messageOf({ event, causes: conditions }, settings.webUi));
      const keyed = conditions.map((condition) => ({ key: conditionKey(condition), condition }));
      if (event !== 'over') await ledger.noteTold(channel, keyed);
      else
        await ledger.forget(
          channel,
          keyed.map(({ key }) => key),
        );
      return { told: conditions.length };
    });
  };
}

function stillToTell(
  { channel, event, causes }: Notification,
  open: readonly Notification[],
): Notification['causes'] {
  const same = open.filter((each) => each.channel === channel && each.event === event);
  // What is said is what stands now: the telling only says which of it.
  const wanted = new Set(causes.map(conditionKey));
  return same.flatMap((each) => each.causes).filter((condition) => wanted.has(conditionKey(condition)));
}

export interface DatabaseTelling {
  readonly channel: ChannelName;
  readonly event: 'began' | 'over';
}

function createTellDatabase(ports: AlertPorts) {
  return function tellDatabase({ channel, event }: DatabaseTelling): Promise<void> {
    return send(channelOf(ports, channel), databaseMessage(event));
  };
}

function channelOf({ channels }: AlertPorts, name: ChannelName): Channel {
  const channel = channels.find((each) => each.name === name);
  if (channel !== undefined) return channel;
  throw new PipelineError('AlertNotSent', `This worker has no channel ${name}.`, {
    hint: 'Give every worker the same configuration; the next round asks again which channels there are.',
    retry: false,
  });
}

/** The other side may say when to come back. */
async function send(channel: Channel, message: Message): Promise<void> {
  try {
    await channel.send(message);
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    const { retryAfterSeconds } = error.details;
    if (typeof retryAfterSeconds !== 'number') throw error;
    throw ApplicationFailure.create({
      type: error.type,
      message: failureText(error),
      nonRetryable: !error.retry,
      nextRetryDelay: retryAfterSeconds * 1000,
      details: [error.details],
    });
  }
}
