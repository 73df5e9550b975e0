import { conditionKey } from '../alerts/openConditions.ts';
import { findDueNotifications } from '../alerts/evaluate.ts';
import { messageOf } from '../alerts/messages.ts';
import type { Notification } from '../alerts/notifications.ts';
import type { Ports } from '../ports.ts';
import { sendMessage } from './parts/sendMessage.ts';

/**
 * Sends one message and records it once the other side has accepted it. If the worker dies in between, the message is
 * sent twice, never lost. Evaluates the conditions again under the lock, so that a concurrent round does not send the
 * same.
 */
export function createTellAlert({ alerts }: Pick<Ports, 'alerts'>) {
  const { ledger, settings } = alerts;
  return function tellAlert(notification: Notification): Promise<{ told: number }> {
    return ledger.alone(async () => {
      const conditions = stillDue(notification, await findDueNotifications(alerts));
      if (conditions.length === 0) return { told: 0 };
      const { channel, event } = notification;
      await sendMessage(alerts, channel, messageOf({ event, causes: conditions }, settings.webUi));
      const keyed = conditions.map((condition) => ({ key: conditionKey(condition), condition }));
      if (event !== 'over') await ledger.noteNotified(channel, keyed);
      else
        await ledger.forget(
          channel,
          keyed.map(({ key }) => key),
        );
      return { told: conditions.length };
    });
  };
}

function stillDue(
  { channel, event, causes }: Notification,
  due: readonly Notification[],
): Notification['causes'] {
  const same = due.filter((each) => each.channel === channel && each.event === event);
  // The message describes the current state: the notification only selects the conditions.
  const wanted = new Set(causes.map(conditionKey));
  return same.flatMap((each) => each.causes).filter((condition) => wanted.has(conditionKey(condition)));
}
