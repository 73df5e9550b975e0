import { findDueNotifications } from '../alerts/evaluate.ts';
import type { Notification } from '../alerts/notifications.ts';
import type { Ports } from '../ports.ts';

/** Evaluates the alert conditions. In histories, the due notifications have the name `tellings`. */
export function createFindAlerts({ alerts }: Pick<Ports, 'alerts'>) {
  return async function findAlerts(): Promise<{ tellings: readonly Notification[] }> {
    const due = await findDueNotifications(alerts);
    await alerts.ledger.noteCheck();
    return { tellings: due };
  };
}
