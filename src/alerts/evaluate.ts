import { openConditions } from './conditions.ts';
import type { AlertCondition } from '../domain/alerts.ts';
import type { AlertPorts } from './alertPorts.ts';

/** What stands now, by ledger, schedule and clock. */
export async function look({
  settings,
  ledger,
  dailySchedule,
  hangingRuns,
  clock,
}: Omit<AlertPorts, 'channels'>): Promise<AlertCondition[]> {
  const { timeZone, dailyAt, missingAfterHours } = settings;
  const [facts, schedule, hanging] = await Promise.all([ledger.facts(), dailySchedule(), hangingRuns()]);
  return openConditions({ now: clock(), timeZone, dailyAt, missingAfterHours, ...facts, schedule, hanging });
}
