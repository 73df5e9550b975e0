import { findDueNotifications } from '../alerts/evaluate.ts';
import type { Notification } from '../alerts/notifications.ts';
import type { Ports } from '../ports.ts';

/** Evaluates the alert conditions, and says which notifications are due. */
export function createFindAlerts({ alerts }: Pick<Ports, 'alerts'>) {
  /** Recorded histories have the notifications by the name `tellings`. */
  return async function findAlerts(): Promise<{ tellings: readonly Notification[] }> {
    const tellings = await findDueNotifications(alerts);
    await alerts.ledger.noteLook();
    return { tellings };
  };
}
