import { causesOf, type Cause } from './causes.ts';
import type { AlertPorts } from './ports.ts';

/** What stands now, by ledger, schedule and clock. */
export async function look({
  settings,
  ledger,
  dailySchedule,
  clock,
}: Omit<AlertPorts, 'channels'>): Promise<Cause[]> {
  const { timeZone, dailyAt, missingAfterHours } = settings;
  const [facts, schedule] = await Promise.all([ledger.facts(), dailySchedule()]);
  return causesOf({ now: clock(), timeZone, dailyAt, missingAfterHours, ...facts, schedule });
}
