import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleDescription,
  type ScheduleHandle,
  type ScheduleOptions,
} from '@temporalio/client';
import { agencyId, type Agency } from '../domain/agencyId.ts';
import { hasAlerts, type AlertChannels } from '../domain/alertChannels.ts';
import {
  alertScheduleId,
  scheduleId,
  sourcesRoundId,
  sourcesScheduleId,
  taskQueues,
} from '../domain/temporalNames.ts';

/** The settings that the schedules need. */
export interface ScheduleSettings {
  readonly organisation: { readonly timeZone: string };
  readonly schedule: {
    /** `HH:MM` in the time zone. */
    readonly at: string;
    readonly executionTimeoutHours: number;
    readonly overlap: ScheduleOverlapPolicy;
    readonly catchUpDays: number;
  };
  readonly alerts: AlertChannels & { readonly everyMinutes: number };
  readonly sources?: { readonly everyMinutes: number; readonly places: readonly unknown[] } | undefined;
}

/** The daily schedule of the configuration: everything except whether it is paused. */
function scheduleOptions({ organisation, schedule }: ScheduleSettings): ScheduleOptions {
  const [hour, minute] = schedule.at.split(':').map(Number) as [number, number];
  return {
    scheduleId,
    spec: {
      calendars: [{ hour, minute, comment: `${schedule.at} in ${organisation.timeZone}` }],
      timezone: organisation.timeZone,
    },
    action: {
      type: 'startWorkflow',
      workflowType: 'dailyRun',
      // The server appends the scheduled time.
      workflowId: 'daily',
      args: [{}],
      taskQueue: taskQueues.pipeline,
      // No retry of the workflow: steps retry, and a retried run can block its schedule (temporalio/temporal#10579).
      workflowExecutionTimeout: `${String(schedule.executionTimeoutHours)} h` as `${number} h`,
      staticSummary: 'the reports that are due today',
    },
    policies: {
      overlap: schedule.overlap,
      catchupWindow: `${String(schedule.catchUpDays)} days` as `${number} days`,
      // A paused schedule is silent; the next day's run must start however this one ended.
      pauseOnFailure: false,
    },
  };
}

// Each step of a round has its limit; six failing messages to two channels take less.
const roundTimeout = '1 h';

/** The alert schedule of the configuration. */
function alertScheduleOptions({ alerts }: ScheduleSettings): ScheduleOptions {
  return {
    scheduleId: alertScheduleId,
    spec: { intervals: [{ every: `${String(alerts.everyMinutes)} min` as `${number} min` }] },
    action: {
      type: 'startWorkflow',
      workflowType: 'checkAlerts',
      workflowId: 'alerts',
      args: [],
      taskQueue: taskQueues.pipeline,
      workflowExecutionTimeout: roundTimeout,
      staticSummary: 'evaluation of the alert conditions',
    },
    policies: {
      // A round evaluates the current state, so a skipped round loses nothing.
      overlap: ScheduleOverlapPolicy.SKIP,
      catchupWindow: '1 min',
      pauseOnFailure: false,
    },
  };
}

/** The schedule that looks for files at the sources. */
function sourcesScheduleOptions(everyMinutes: number): ScheduleOptions {
  return {
    scheduleId: sourcesScheduleId,
    spec: { intervals: [{ every: `${String(everyMinutes)} min` as `${number} min` }] },
    action: {
      type: 'startWorkflow',
      workflowType: 'collectFiles',
      workflowId: sourcesRoundId,
      args: [],
      taskQueue: taskQueues.pipeline,
      workflowExecutionTimeout: sourcesRoundTimeout,
      staticSummary: 'the files that were left at the sources',
    },
    policies: {
      // Two rounds at once would take the same files. A file that a skipped round has missed is there for the next.
      overlap: ScheduleOverlapPolicy.SKIP,
      catchupWindow: '1 min',
      pauseOnFailure: false,
    },
  };
}

// Each step and run of a round has its limit; this ends a round that waits for runs of other people.
const sourcesRoundTimeout = '3 days';

export type Applied = 'created' | 'updated';

/** Creates the schedule or updates all of it; whether it is paused stays as it is. */
export function applySchedule(client: Client, config: ScheduleSettings, agency?: Agency): Promise<Applied> {
  return apply(client, wantedDaily(config, agency));
}

/** Applies the alert schedule; without a channel there is none. */
export async function applyAlertSchedule(client: Client, config: ScheduleSettings): Promise<Applied | 'off'> {
  return hasAlerts(config) ? apply(client, alertScheduleOptions(config)) : remove(client, alertScheduleId);
}

/** Applies the schedule of the sources; without a source there is none. */
export async function applySourcesSchedule(
  client: Client,
  config: ScheduleSettings,
  agency?: Agency,
): Promise<Applied | 'off'> {
  const wanted = wantedSources(config, agency);
  return wanted === undefined ? remove(client, agencyId(agency, sourcesScheduleId)) : apply(client, wanted);
}

/**
 * Spreads agencies that are due at the same minute over some minutes; the time that a run is meant for stays that of
 * the schedule.
 */
const agencyJitter = '10 min';

function ofAgency(agency: Agency, options: ScheduleOptions): ScheduleOptions {
  const { action, spec, scheduleId: id } = options;
  if (agency === undefined) return options;
  return {
    ...options,
    scheduleId: agencyId(agency, id),
    spec: { ...spec, jitter: agencyJitter },
    action: {
      ...action,
      args: [{ agency }],
      ...(action.workflowId === undefined ? {} : { workflowId: agencyId(agency, action.workflowId) }),
    },
  };
}

/** A schedule that each agency has: its id, which follows the agency's, and the workflow that it starts. */
export interface AgencySchedule {
  readonly id: string;
  readonly type: string;
  /** The schedule that the settings want; undefined if they want none. */
  wanted(settings: ScheduleSettings, agency: Agency): ScheduleOptions | undefined;
  apply(client: Client, settings: ScheduleSettings, agency: Agency): Promise<unknown>;
}

export const agencySchedules: readonly AgencySchedule[] = [
  { id: scheduleId, type: 'dailyRun', wanted: wantedDaily, apply: applySchedule },
  { id: sourcesScheduleId, type: 'collectFiles', wanted: wantedSources, apply: applySourcesSchedule },
];

/** The daily schedule that the settings want. */
export function wantedDaily(settings: ScheduleSettings, agency: Agency): ScheduleOptions {
  return ofAgency(agency, scheduleOptions(settings));
}

function wantedSources({ sources }: ScheduleSettings, agency: Agency): ScheduleOptions | undefined {
  return sources !== undefined && sources.places.length > 0
    ? ofAgency(agency, sourcesScheduleOptions(sources.everyMinutes))
    : undefined;
}

async function remove(client: Client, id: string): Promise<'off'> {
  try {
    await client.schedule.getHandle(id).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
  return 'off';
}

async function apply(client: Client, wanted: ScheduleOptions): Promise<Applied> {
  try {
    await client.schedule.create(wanted);
    return 'created';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
  await client.schedule.getHandle(wanted.scheduleId).update(({ state }) => ({
    spec: wanted.spec,
    action: wanted.action,
    policies: wanted.policies ?? {},
    state,
  }));
  return 'updated';
}

export function dailySchedule(client: Client, agency?: Agency): ScheduleHandle {
  return client.schedule.getHandle(agencyId(agency, scheduleId));
}

export function describeSchedule(client: Client, agency?: Agency): Promise<ScheduleDescription> {
  return dailySchedule(client, agency).describe();
}

export type ScheduleState = 'active' | 'paused' | 'absent';

/** The state of the alert schedule. */
export function alertScheduleState(client: Client): Promise<ScheduleState> {
  return stateOf(client, alertScheduleId);
}

export function sourcesScheduleState(client: Client, agency?: Agency): Promise<ScheduleState> {
  return stateOf(client, agencyId(agency, sourcesScheduleId));
}

async function stateOf(client: Client, id: string): Promise<ScheduleState> {
  try {
    const { state } = await client.schedule.getHandle(id).describe();
    return state.paused ? 'paused' : 'active';
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return 'absent';
    throw error;
  }
}

/**
 * Runs the schedule for past days. Always names the overlap policy: without one, the `temporal` command and the SDK
 * send SKIP, and all days but one are silently left out.
 */
export async function backfillSchedule(
  client: Client,
  range: { start: Date; end: Date },
  agency?: Agency,
): Promise<void> {
  await dailySchedule(client, agency).backfill({ ...range, overlap: ScheduleOverlapPolicy.BUFFER_ALL });
}
