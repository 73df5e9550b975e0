import { expect, test } from 'vitest';
import { createPlanDailyRun } from '../../src/activities/planDailyRun.ts';
import type { Settings } from '../../src/ports.ts';
import { byReport, reportNames } from '../../src/reports/index.ts';
import { shippedReports, type ShippedReport } from '../shippedReports.ts';

const settings = {
  timeZone: 'America/New_York',
  refreshPeriods: byReport((name) => (name === 'notes' ? 2 : 1)),
  periodConcurrency: 2,
  runTimeoutHours: 6,
} as Settings;
const instant = '2026-11-16T08:30:00Z';

function planned(changes: Partial<Settings>, reports?: ShippedReport[]) {
  const inUse = { ...settings, reportsInUse: shippedReports, ...changes };
  const plan = createPlanDailyRun({ settings: inUse, clock: () => new Date(instant) });
  return plan({ instant, reports });
}

async function reportsOf(...given: Parameters<typeof planned>): Promise<string[]> {
  return (await planned(...given)).periods.map(({ report }) => report);
}

async function loginsOf(changes: Partial<Settings>): Promise<(number | undefined)[]> {
  return (await planned(changes)).periods.map(({ login }) => login);
}

test('a daily run loads the reports in use, each with its recent periods', async () => {
  expect(await reportsOf({})).toEqual(['utilization', 'notes', 'notes']);
  expect(await reportsOf({ reportsInUse: ['notes'] })).toEqual(['notes', 'notes']);
  // Asked for by name.
  expect(await reportsOf({ reportsInUse: ['notes'] }, ['utilization'])).toEqual(['utilization']);
});

test('a daily run loads all reports where the settings do not say which are in use', async () => {
  const plan = createPlanDailyRun({ settings, clock: () => new Date(instant) });
  const { periods } = await plan({ instant });
  expect(new Set(periods.map(({ report }) => report))).toEqual(new Set(reportNames));
});

test('a daily run says which login each report uses, where there are several', async () => {
  expect(await loginsOf({ portalLogins: [['utilization'], ['notes']] })).toEqual([0, 1, 1]);
  expect(await loginsOf({ portalLogins: [['notes'], ['utilization']] })).toEqual([1, 0, 0]);
  expect(await loginsOf({ portalLogins: [['utilization', 'notes']] })).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(await loginsOf({})).toEqual([undefined, undefined, undefined]);
});

test('a daily run loads the period that has not ended too, of the reports that say so', async () => {
  const { periods } = await planned({ currentPeriods: ['notes'] });
  expect(periods.map(({ report, period }) => [report, period.from, period.to])).toEqual([
    ['utilization', '2026-10-01', '2026-10-31'],
    ['notes', '2026-11-16', '2026-11-30'],
    ['notes', '2026-11-01', '2026-11-15'],
    ['notes', '2026-10-16', '2026-10-31'],
  ]);
});
