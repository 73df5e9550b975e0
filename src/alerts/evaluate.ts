import type { AlertCondition, AlertPorts } from '../domain/alertConditions.ts';
import { openConditions } from './openConditions.ts';
import { dueNotifications, type Notification } from './notifications.ts';

/** The conditions that are open now, from ledger, schedule and clock. */
export async function findOpenConditions({
  settings,
  ledger,
  dailySchedule,
  hangingRuns,
  unreachableSources,
  pagesTrouble,
  clock,
}: Omit<AlertPorts, 'channels'>): Promise<AlertCondition[]> {
  const { timeZone, dailyAt, missingAfterHours, reports } = settings;
  const [facts, schedule, hanging, unreachable, pages] = await Promise.all([
    ledger.facts(),
    dailySchedule(),
    hangingRuns(),
    unreachableSources(),
    pagesTrouble(),
  ]);
  return openConditions({
    now: clock(),
    timeZone,
    dailyAt,
    missingAfterHours,
    reports,
    ...facts,
    schedule,
    hanging,
    unreachable,
    pages,
  });
}

/** The notifications that each channel has not been sent yet. */
export async function findDueNotifications(ports: AlertPorts): Promise<Notification[]> {
  const { channels, ledger, settings, clock } = ports;
  const conditions = await findOpenConditions(ports);
  return dueNotifications({
    channels: channels.map(({ name }) => name),
    conditions,
    notified: await ledger.notified(),
    now: clock(),
    remindAfterHours: settings.remindAfterHours,
  });
}
