import { causesOf } from './causes.ts';
import type { Cause } from '../domain/alerts.ts';
import type { AlertPorts } from './ports.ts';

/** What stands now, by ledger, schedule and clock. */
export async function look({
  settings,
  ledger,
  dailySchedule,
  hangingRuns,
  clock,
}: Omit<AlertPorts, 'channels'>): Promise<Cause[]> {
  const { timeZone, dailyAt, missingAfterHours } = settings;
  const [facts, schedule, hanging] = await Promise.all([ledger.facts(), dailySchedule(), hangingRuns()]);
  return causesOf({ now: clock(), timeZone, dailyAt, missingAfterHours, ...facts, schedule, hanging });
}
