import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { AlertActivities, DatabaseTelling } from '../alerts/activities.ts';
import type { Notification } from '../alerts/notifications.ts';
import { taskQueues } from '../domain/names.ts';

/** The steps of a round of alerts, with their time limits. A round is over before many others would have begun. */

const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;

/** Reads the ledger. A database that restarts is back within a minute; one that is away for longer is told. */
const looking = proxyActivities<Pick<AlertActivities, 'planAlerts' | 'findAlerts'>>({
  taskQueue: taskQueues.pipeline,
  startToCloseTimeout: '30 s',
  scheduleToCloseTimeout: '10 min',
  retry: { initialInterval: '2 s', backoffCoefficient: 2, maximumInterval: '30 s', maximumAttempts: 6 },
  cancellationType,
});

/** Sends one message. Six attempts span about two minutes; what is not sent then is tried again by the next round. */
const telling = proxyActivities<Pick<AlertActivities, 'tellAlert' | 'tellDatabase'>>({
  taskQueue: taskQueues.pipeline,
  // Waiting for a turn, reading, and the patience with the other side.
  startToCloseTimeout: '1 min',
  scheduleToCloseTimeout: '15 min',
  retry: { initialInterval: '5 s', backoffCoefficient: 2, maximumInterval: '1 min', maximumAttempts: 6 },
  cancellationType,
});

export function planAlerts() {
  return looking.planAlerts.executeWithOptions({ summary: 'which channels there are' }, []);
}

export function findAlerts() {
  return looking.findAlerts.executeWithOptions({ summary: 'what has to be told' }, []);
}

export function tellAlert(each: Notification) {
  const { channel, event, causes: conditions } = each;
  const summary = `${channel}: ${String(conditions.length)} ${conditions[0]?.kind ?? 'nothing'} ${event}`;
  return telling.tellAlert.executeWithOptions({ summary }, [each]);
}

export function tellDatabase(each: DatabaseTelling) {
  const summary = `${each.channel}: database away ${each.event}`;
  return telling.tellDatabase.executeWithOptions({ summary }, [each]);
}
