import { ScheduleNotFoundError, type Client, type ScheduleDescription } from '@temporalio/client';
import { agencyHere, configPath, readPipelineConfig, temporalConnection } from '../config.ts';
import { addDays, dayInZone, daysBetween, instantInZone, type IsoDate } from '../domain/dates.ts';
import { agencyId } from '../domain/agencyId.ts';
import { alertScheduleId, scheduleId, sourcesScheduleId } from '../domain/temporalNames.ts';
import {
  alertScheduleState,
  applyAlertSchedule,
  applySchedule,
  applySourcesSchedule,
  backfillSchedule,
  dailySchedule,
  describeSchedule,
  sourcesScheduleState,
} from '../temporal/schedules.ts';
import { ensureSearchAttributes } from '../temporal/searchAttributes.ts';
import { recordAuditEventAlone } from '../warehouse/recordAuditEvent.ts';
import { thisUser } from '../wiring/thisUser.ts';
import { refused } from './commandErrors.ts';
import { assertInOrder, dayOption } from './dayOption.ts';
import { print, type OutputOptions } from './output.ts';
import { withWarehouse } from './connections.ts';
import { withTemporal } from './temporalClient.ts';

export async function scheduleApply(options: OutputOptions): Promise<void> {
  const applied = await applySchedules();
  print(options, applied, () => appliedWords(applied));
}

/** Creates the schedules of this process's agency or brings them up to date. */
export async function applySchedules() {
  const config = readPipelineConfig(configPath());
  return withTemporal(async (client) => {
    await ensureSearchAttributes(client.connection, temporalConnection().namespace);
    await recordChange({ change: 'apply' });
    const applied = await applySchedule(client, config, agencyHere());
    // One round of alerts serves all agencies.
    const alerts = agencyHere() === undefined ? await applyAlertSchedule(client, config) : 'off';
    const sources = await applySourcesSchedule(client, config, agencyHere());
    const facts = scheduleFacts(await describeSchedule(client, agencyHere()));
    return { applied, alerts, sources, ...facts };
  });
}

export function appliedWords(applied: Awaited<ReturnType<typeof applySchedules>>): string {
  return [
    `${here(scheduleId)} ${applied.applied}`,
    scheduleWords(applied),
    `${alertScheduleId} ${applied.alerts}`,
    `${here(sourcesScheduleId)} ${applied.sources}`,
  ].join('\n');
}

export async function scheduleShow(options: OutputOptions): Promise<void> {
  await withSchedule(async (client) => {
    const facts = scheduleFacts(await describeSchedule(client, agencyHere()));
    const alerts = await alertScheduleState(client);
    const sources = await sourcesScheduleState(client, agencyHere());
    print(options, { ...facts, alerts, sources }, () =>
      [
        scheduleWords(facts),
        `${alertScheduleId} is ${alerts}`,
        `${here(sourcesScheduleId)} is ${sources}`,
      ].join('\n'),
    );
  });
}

export async function schedulePause(options: OutputOptions & { reason: string }): Promise<void> {
  await changeSchedule({ change: 'pause', reason: options.reason }, (client) =>
    dailySchedule(client, agencyHere()).pause(options.reason),
  );
  print(options, { paused: true }, () => `${here(scheduleId)} is paused: ${options.reason}`);
}

export async function scheduleResume(options: OutputOptions & { reason: string }): Promise<void> {
  await changeSchedule({ change: 'resume', reason: options.reason }, (client) =>
    dailySchedule(client, agencyHere()).unpause(options.reason),
  );
  print(options, { paused: false }, () => `${here(scheduleId)} runs again`);
}

export async function scheduleTrigger(options: OutputOptions): Promise<void> {
  await changeSchedule({ change: 'trigger' }, (client) => dailySchedule(client, agencyHere()).trigger());
  print(options, { triggered: true }, () => `${here(scheduleId)} was triggered: today's run starts now`);
}

/** Starts the daily runs that the schedule had on these days, inclusive, one after another. */
export async function scheduleBackfill(options: OutputOptions & { from: string; to: string }): Promise<void> {
  const { organisation } = readPipelineConfig(configPath());
  const today = dayInZone(new Date(), organisation.timeZone);
  const { from, to } = pastDays(dayOption('--from', options.from), dayOption('--to', options.to), today);
  // From 03:00 to 03:00: `schedule.at` is 03:30 or later. It may have changed since the schedule was applied, and an
  // agency begins up to ten minutes after it.
  const beforeAll = (day: IsoDate) => instantInZone(day, '03:00', organisation.timeZone);
  await changeSchedule({ change: 'backfill', details: { from, to } }, (client) =>
    backfillSchedule(client, { start: beforeAll(from), end: beforeAll(addDays(to, 1)) }, agencyHere()),
  );
  print(
    options,
    { from, to },
    () => `the daily runs of ${from} to ${to} start now, one after another; follow them in the Web UI`,
  );
}

interface ScheduleChange {
  readonly change: 'apply' | 'pause' | 'resume' | 'trigger' | 'backfill';
  readonly reason?: string;
  readonly details?: Readonly<Record<string, string>>;
}

/** Records the change of a schedule that is there, then makes it: none without a record. */
async function changeSchedule(
  change: ScheduleChange,
  work: (client: Client) => Promise<void>,
): Promise<void> {
  await withSchedule(async (client) => {
    await describeSchedule(client, agencyHere());
    await recordChange(change);
    await work(client);
  });
}

async function recordChange({ change, reason, details }: ScheduleChange): Promise<void> {
  await withWarehouse((warehouse) =>
    recordAuditEventAlone(warehouse, {
      action: 'schedule',
      actor: thisUser(),
      reason,
      details: { change, ...details },
    }),
  );
}

/** The id of a schedule of the agency that this command acts for. */
function here(id: string): string {
  return agencyId(agencyHere(), id);
}

/** @throws PipelineError InvalidInput if the schedule has not been applied yet. */
async function withSchedule(work: (client: Client) => Promise<void>): Promise<void> {
  try {
    await withTemporal(work);
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    throw refused(
      `there is no schedule ${here(scheduleId)} in this namespace`,
      'Create it with: npm run client -- schedule apply',
    );
  }
}

// For longer gaps use `client backfill`, which runs each period once. The server holds at most 1,000 waiting runs.
const mostDays = 366;

function pastDays(from: IsoDate, to: IsoDate, today: IsoDate): { from: IsoDate; to: IsoDate } {
  assertInOrder({ from, to });
  if (to > today)
    throw refused(`--to: ${to} is in the future; today is ${today}`, 'Give days that have come.');
  const days = daysBetween(from, to) + 1;
  if (days <= mostDays) return { from, to };
  throw refused(
    `--from, --to: ${String(days)} daily runs; at most ${String(mostDays)} at a time`,
    'For whole periods use: npm run client -- backfill <report> --from D --to D',
  );
}

interface ScheduleFacts {
  readonly paused: boolean;
  readonly note: string | undefined;
  readonly timeZone: string | undefined;
  readonly nextRuns: readonly string[];
  readonly lastRuns: readonly { readonly meantFor: string; readonly workflowId: string }[];
}

// The server lists ten; people look at a week.
const shownRuns = 7;

function scheduleFacts({ state, spec, info }: ScheduleDescription): ScheduleFacts {
  return {
    paused: state.paused,
    note: state.note,
    timeZone: spec.timezone,
    nextRuns: info.nextActionTimes.slice(0, shownRuns).map((time) => time.toISOString()),
    lastRuns: info.recentActions.slice(-shownRuns).map(({ scheduledAt, action }) => ({
      meantFor: scheduledAt.toISOString(),
      workflowId: action.workflow.workflowId,
    })),
  };
}

function scheduleWords({ paused, note, timeZone, nextRuns, lastRuns }: ScheduleFacts): string {
  const state = paused ? `paused (${note ?? 'no reason given'})` : 'active';
  return [
    `${here(scheduleId)} is ${state}, in ${timeZone ?? 'UTC'}`,
    `next: ${nextRuns.slice(0, 3).join(', ') || 'none'}`,
    `last: ${lastRuns.map(({ workflowId }) => workflowId).join(', ') || 'none yet'}`,
  ].join('\n');
}
